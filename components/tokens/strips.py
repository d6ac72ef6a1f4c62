"""One text in several tokenizers, a strip of coloured pieces for each."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from markupsafe import Markup

from analysis.characters import visible
from analysis.tokens import Group, longest
from components.shared.drawing.spelling import spelling
from components.tokens.chips import PALETTE, label_of
from inference.types import Detail


def strips(heading: str, rows: Iterable[Markup]) -> Markup:
    """The rows under a heading."""
    return Markup('<section class="strips"><h2>{}</h2>{}</section>').format(
        heading, Markup("").join(rows)
    )


def strip(name: str, groups: Sequence[Group], details: Sequence[Detail]) -> Markup:
    """One tokenizer's row: how many tokens, the longest, what is lost, and the pieces."""
    count = len(details)
    counted = f"{count:,} token{'' if count == 1 else 's'}"
    held = (chip.piece for group in groups for chip in group.chips)
    known = zip(held, details, strict=True)
    piece = "".join(
        span.text
        for span in visible(longest(p for p, one in known if not (one.unknown or one.special)))
    )
    facts = [counted, *([f"longest {piece}"] if piece else []), *losses(groups, details)]
    return Markup(
        '<div class="strip"><h3>{}</h3><p class="facts">{}</p>'
        '<p class="pieces" role="group" tabindex="0" aria-label="{}">{}</p></div>'
    ).format(
        name,
        Markup(" \N{MIDDLE DOT} ").join(Markup("<span>{}</span>").format(fact) for fact in facts),
        f"The pieces of {name}",
        Markup("").join(_pieces(groups, details)),
    )


def missing(name: str, reason: str) -> Markup:
    """The row of a tokenizer that cannot be used."""
    return Markup('<div class="strip"><h3>{}</h3><p class="facts">{}</p></div>').format(
        name, reason
    )


def losses(groups: Iterable[Group], details: Iterable[Detail]) -> list[str]:
    """What cannot be read back from the tokens, in words."""
    unknown = sum(detail.unknown for detail in details)
    dropped = any(not group.chips for group in groups)
    changed = sum(bool(detail.changed) for detail in details)
    counted = ((unknown, "unknown"), (changed, "changed"))
    return [
        *(f"{count:,} {what}" for count, what in counted if count),
        *(["whitespace lost"] * dropped),
    ]


def _pieces(groups: Iterable[Group], details: Sequence[Detail]) -> Iterable[Markup]:
    position = 0
    for group in groups:
        if not group.chips:
            yield Markup("<s>{}</s>").format(group.text)  # a hole: no chip covers it
        for chip in group.chips:
            detail = details[position]
            kind = "u" if detail.unknown else f"c{position % PALETTE}"
            yield Markup('<span class="{}">{}</span>').format(
                kind, spelling(label_of(chip, detail))
            )
            position += 1
