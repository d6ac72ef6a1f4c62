"""Token chips: text, id and bytes of every token, grouped into whole characters."""

from __future__ import annotations

from collections.abc import Sequence

from markupsafe import Markup

from analysis.characters import joined, visible
from analysis.tokens import Chip, Counts, Group
from components.shared.drawing.spelling import spelling
from inference.types import Detail, Merge, Origin, PieceScore

PALETTE = 4  # neighbours never share a colour; the colour says "another token", nothing else


def chips(groups: Sequence[Group], details: Sequence[Detail]) -> Markup:
    """All tokens of a text, in order, and what no token holds. Empty where there are none."""
    items, position = [], 0
    for group in groups:
        if not group.chips:
            items.append(_gap(group.text))
            continue
        inner = Markup("").join(
            _chip(chip, position + offset, details[position + offset])
            for offset, chip in enumerate(group.chips)
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
    return Markup(
        '<ol class="chips" tabindex="0" aria-label="Tokens">{}</ol>'
        '<p class="opened" role="status">'
        "{}</p>"
    ).format(Markup("").join(items), "Pick a token, or step through them with the arrow keys.")


def _chip(chip: Chip, position: int, detail: Detail) -> Markup:
    facts = [f"token {position + 1}", f"id {chip.token}", f"bytes {chip.hexadecimal}"]
    if detail.unknown:
        facts.append("unknown: the vocabulary has no token for it")
    elif detail.special:
        facts.append("special: a mark that the model was trained with, not text")
    else:
        facts += [f"in the vocabulary as {detail.piece}"] * bool(detail.piece)
        facts += [origin(detail.origin)] * bool(detail.origin)
    what = "unknown" if detail.unknown else "special" if detail.special else detail.piece
    return Markup(
        '<li class="chip c{}{}" title="{}"><b>{}</b><span>{}</span><small>{}</small></li>'
    ).format(
        position % PALETTE,
        " unknown" if detail.unknown else "",
        ", ".join(facts),
        label_of(chip, detail),
        chip.token,
        what or chip.hexadecimal,
    )


def label_of(chip: Chip, detail: Detail) -> Markup:
    """The token as it reads; unknown text is no piece of a character, so joiners do their work."""
    return spelling(joined(chip.piece.decode()) if detail.unknown else chip.label)


def origin(known: Origin | None) -> str:
    """Where a token comes from, in words; empty for those that were there from the start."""
    match known:
        case Merge(rank, count):
            return (
                f"made by merge {rank:,}, whose pair was seen {count:,} times in the training text"
            )
        case PieceScore(log_probability):
            return f"log-probability {log_probability:.2f}"
    return ""


def _gap(text: str) -> Markup:
    shown = visible(text)
    spelled = "".join(span.text for span in shown)
    return Markup('<li class="gap" title="lost: no token holds {}">{}</li>').format(
        spelled, spelling(shown)
    )


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
