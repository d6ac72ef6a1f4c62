"""Token chips: text, id and bytes of every token, grouped into whole characters."""

from __future__ import annotations

from collections.abc import Sequence

from markupsafe import Markup

from analysis.tokens import Chip, Counts, Group, joined
from components.parts.spelling import spelling

PALETTE = 4  # neighbours never share a colour; the colour says "another token", nothing else


def chips(groups: Sequence[Group]) -> Markup:
    """All tokens of a text, in order. Empty where there are none."""
    items, position = [], 0
    for group in groups:
        inner = Markup("").join(
            _chip(chip, position + offset) for offset, chip in enumerate(group.chips)
        )
        position += len(group.chips)
        if len(group.chips) == 1:
            items.append(inner)
        else:  # one character, or several that belong together, made of several tokens
            whole = spelling(joined(group.text))
            items.append(
                Markup('<li class="group"><b class="whole">{}</b><ol>{}</ol></li>').format(
                    whole, inner
                )
            )
    return Markup('<ol class="chips" aria-label="Tokens">{}</ol>').format(Markup("").join(items))


def _chip(chip: Chip, position: int) -> Markup:
    title = f"token {position + 1}, id {chip.token}, bytes {chip.hexadecimal}"
    return Markup(
        '<li class="chip c{}" title="{}"><b>{}</b><span>{}</span><small>{}</small></li>'
    ).format(position % PALETTE, title, spelling(chip.label), chip.token, chip.hexadecimal)


def tally(counts: Counts) -> Markup:
    """How long a text is in characters, bytes and tokens."""
    per_token = counts.bytes / counts.tokens if counts.tokens else 0.0
    facts = [
        (f"{counts.tokens:,}", "tokens", "What the model reads: one number each."),
        (f"{counts.graphemes:,}", "characters", "As people count them: graphemes."),
        (f"{counts.code_points:,}", "code points", "Unicode's units; an emoji may take several."),
        (f"{counts.bytes:,}", "bytes", "In UTF-8; the tokenizer cuts these, not the characters."),
        (f"{per_token:.2f}", "bytes per token", "More bytes a token: a shorter text to read."),
    ]
    cells = Markup("").join(
        Markup('<div title="{}"><dd>{}</dd><dt>{}</dt></div>').format(why, figure, unit)
        for figure, unit, why in facts
    )
    return Markup('<dl class="tally">{}</dl>').format(cells)
