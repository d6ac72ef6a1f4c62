"""Token chips: text, id and bytes of every token, grouped into whole characters; and counts."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from markupsafe import Markup

from analysis.characters import Span, joined
from analysis.tokens import Chip, Counts, Group
from components.shared.drawing.numbers import signed
from components.shared.drawing.spelling import written
from inference.types.tokenized import Detail, Merge, Origin, PieceScore

PALETTE = 4  # neighbours never share a colour; the colour says "another token", nothing else
MOST_SHOWN = 2_000
"""Groups that the page lays out; all of them are counted."""


def chips(groups: Sequence[Group], details: Sequence[Detail]) -> dict[str, Any]:
    """All tokens of a text, in order, and what no token holds, for pieces.js.

    `order` names a shape for every group: how its text reads, and the kinds of its tokens. What is
    the same is said once, so that a long text is little to send.
    """
    kinds: dict[tuple[Chip, Detail], int] = {}
    shapes: dict[tuple[str, tuple[int, ...]], int] = {}
    order, position = [], 0
    for group in groups[:MOST_SHOWN]:
        known = details[position : position + len(group.chips)]
        found = zip(group.chips, known, strict=True)
        used = tuple(kinds.setdefault(one, len(kinds)) for one in found)
        order.append(shapes.setdefault((group.text, used), len(shapes)))
        position += len(group.chips)
    return {
        "kinds": [kind(*one) for one in kinds],
        "shapes": [[written(joined(text, spaces=False)), used] for text, used in shapes],
        "order": order,
        "unseen": len(details) - position,
    }


def kind(chip: Chip, detail: Detail) -> list[Any]:
    """A token as it reads, its id, its bytes, what stands below it, and what is known of it."""
    facts = []
    if detail.unknown:
        facts.append("unknown: the vocabulary has no token for it")
    elif detail.special:
        facts.append("special: a mark that the model was trained with, not text")
    else:
        facts += [f"in the vocabulary as {detail.piece}"] * bool(detail.piece)
        facts += [origin(detail.origin)] * bool(detail.origin)
    below = "unknown" if detail.unknown else "special" if detail.special else detail.piece
    label = written(label_of(chip, detail))
    return [label, chip.token, chip.hexadecimal, below, ", ".join(facts), detail.unknown]


def label_of(chip: Chip, detail: Detail) -> Sequence[Span]:
    """The token as it reads; unknown text is no piece of a character, so joiners do their work."""
    return joined(chip.piece.decode()) if detail.unknown else chip.label


def origin(known: Origin | None) -> str:
    """Where a token comes from, in words; empty for those that were there from the start."""
    match known:
        case Merge(rank, count):
            return (
                f"made by merge {rank:,}, whose pair was seen {count:,} times in the training text"
            )
        case PieceScore(log_probability):
            return f"log-probability {signed(log_probability)}"
    return ""


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
