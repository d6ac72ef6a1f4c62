"""One text in four units, aligned: characters, code points, bytes and tokens."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from markupsafe import Markup, escape

from analysis.characters import graphemes, joined, visible
from analysis.tokens import Group
from components.shared.drawing.spelling import spelling

LONGEST = 300  # bytes that are laid out; every one takes a cell
Cell = tuple[Markup, int]
"""What stands in it, and over how many bytes."""


def ruler(groups: Sequence[Group]) -> Markup:
    """The start of a text, folded away; a block for every group, in which all units end."""
    shown = within(groups, LONGEST)
    more = " The start of the text." if len(shown) < len(groups) else ""
    drawn = {group: _block(rows(group)) for group in set(shown)}
    blocks = Markup("").join(drawn[group] for group in shown)
    return Markup(
        '<details class="ruler"><summary>Ruler</summary><p class="about">From the top: characters '
        "as people count them, Unicode's code points, bytes of UTF-8, and the numbers of the "
        'tokens.{}</p><div class="blocks" tabindex="0" role="group" aria-label="The ruler">{}'
        "</div></details>"
    ).format(more, blocks)


def within(groups: Sequence[Group], most: int) -> Sequence[Group]:
    """The first groups that together have at most so many bytes."""
    end = 0
    for place, group in enumerate(groups):
        end += len(group.text.encode())
        if end > most:
            return groups[:place]
    return groups


def rows(group: Group) -> list[list[Cell]]:
    """Graphemes, code points, bytes and tokens of a group; each row covers all of its bytes."""
    held = group.text.encode()
    tokens = [(Markup(chip.token), len(chip.piece)) for chip in group.chips]
    return [
        [(spelling(joined(one)), len(one.encode())) for one in graphemes(group.text)],
        [(_code_point(one), len(one.encode())) for one in group.text],
        [(Markup(f"{byte:02X}"), 1) for byte in held],
        tokens or [(Markup("lost"), len(held))],
    ]


def _code_point(character: str) -> Markup:
    """ASCII as it reads, all else by its number: what stands above it shows it."""
    number = f"U+{ord(character):04X}"
    shape = spelling(visible(character)) if character.isascii() else number
    return Markup(f'<span title="{number}">{escape(shape)}</span>')


def _block(units: Iterable[Sequence[Cell]]) -> Markup:
    lines = (
        "".join(f'<td colspan="{width}">{escape(text)}</td>' for text, width in cells if width)
        for cells in units
    )
    return Markup(f"<table>{''.join(f'<tr>{line}</tr>' for line in lines)}</table>")
