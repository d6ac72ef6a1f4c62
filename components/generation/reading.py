"""A text as models read it: the surprisal of its tokens, and of its words, in HTML for text.js."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

from markupsafe import Markup

from analysis.surprise import Repetition, Word, repetitions, words
from analysis.tokens import label, spelled
from components.shared.drawing.bars import bar, bars
from components.shared.drawing.lane import LEVELS, blank
from components.shared.drawing.lane_data import name
from components.shared.drawing.spelling import spelling

if TYPE_CHECKING:
    from inference.tasks.score import TextScore

WORDS = 4  # of the most surprising
LEGEND = Markup(
    '<div class="legend"><span>surprisal of every token, as colour and as height</span>'
    '<span class="range">0 bits<span class="ramp back" aria-hidden="true"></span>9 and more</span>'
    "<span>pick a token to see what was expected</span></div>"
)
SWITCH = Markup(
    '<div class="switch" role="group" aria-label="What is shown">'
    '<button type="button" data-shows="text">The text</button>'
    '<button type="button" data-shows="phrase">A phrase, again and again</button></div>'
)
ORDINALS = {1: "1st", 2: "2nd", 3: "3rd"}


@dataclass(frozen=True)
class Reader:
    """A model with what it has read."""

    model: str
    title: str
    score: TextScore
    repeated: TextScore | None = None
    """A phrase, so many times in a row."""
    times: int = 0

    @cached_property
    def words(self) -> list[Word]:
        """Of the text, the most surprising first."""
        return words(self.score.tokens.text, self.score.spans[:, 1], self.score.scored.bits)

    @cached_property
    def repetitions(self) -> list[Repetition]:
        """Of the phrase."""
        if self.repeated is None:
            return []
        scored = self.repeated.scored
        return repetitions(self.repeated.spans[:, 1], scored.bits, scored.ranks, self.times)


def reading(readers: Sequence[Reader]) -> Markup:
    """The text in a lane for every model with what a picked token was among; or the phrase."""
    highest = max(float(one.score.scored.bits.max()) for one in readers)
    first = readers[0].score
    facts = {
        "open": int(first.spans[first.scored.bits.argmax(), 0]),
        "models": [facts_of(one) for one in readers],
    }
    return Markup(
        '<section class="reading" data-widget="reading" data-value="{}">{}<div data-picture="text">'
        '<p class="cell-about">{}</p>{}'
        '<div class="reading-below"><div class="picked" aria-live="polite"></div>{}</div></div>'
        '<div class="repeated" data-picture="phrase" hidden>{}</div></section>'
    ).format(
        json.dumps(facts, ensure_ascii=False, separators=(",", ":")),
        SWITCH if readers[0].repetitions else "",
        verdict(readers),
        Markup("").join(lane(one, highest) for one in readers),
        surprising(readers),
        again(readers),
    )


def verdict(readers: Sequence[Reader]) -> str:
    """Which of the models expected the text more."""
    best = min(readers, key=lambda one: one.score.per_byte)
    told = " against ".join(f"{one.score.per_byte:.2f}" for one in readers)
    if len(readers) == 1:
        return f"{best.title} needs {told} bits per byte for this text."
    same = len({one.score.tokens.pieces for one in readers}) == 1
    apart = "" if same else " They cut it into other tokens: perplexities do not compare."
    return f"{told} bits per byte: {best.title} expected this text more.{apart}"


def lane(reader: Reader, highest: float) -> Markup:
    """The text, every token with its surprisal; highest: bits of the tallest bar of all lanes."""
    score = reader.score
    gaps = score.tokens.gaps[1:] or (b"",) * len(score.scored.bits)
    tokens = Markup("").join(
        Markup("{}{}").format(
            gap.decode("utf-8", errors="replace"), token(piece, start, bits, bits / highest)
        )
        for gap, piece, start, bits in zip(
            gaps, score.tokens.pieces[1:], score.spans[:, 0], score.scored.bits, strict=False
        )
    )
    return LANE.format(title=reader.title, summary=summary(score), given=score.given, tokens=tokens)


LANE = Markup(
    '<div class="lane" role="group" aria-label="{title}"><div class="heading"><b>{title}</b>'
    '<span>{summary}</span></div><div class="out"><em>{given}</em>'
    '<span class="read" role="listbox" tabindex="0" aria-label="{title}: arrow keys move from '
    'token to token">{tokens}</span></div></div>'
)


def summary(score: TextScore) -> str:
    """The totals of a text, and how it was read where it is longer than the model sees."""
    count = len(score.scored.bits)
    long = f"\nread in windows of {score.scored.context:,}"
    return (
        f"{score.per_byte:.2f} bits per byte\n{count:,} tokens,\n"
        f"perplexity {score.perplexity:,.1f}{long * (count > score.scored.context)}"
    )


def token(piece: bytes, start: int, bits: float, share: float) -> Markup:
    """One token of a lane: the colour that its probability has elsewhere too, and a bar."""
    spans = label(piece, spaces=False)
    return Markup(
        '<span class="t p{}" role="option" data-at="{}" style="--height:{:.3f}"{}>{}</span>'
    ).format(
        max(0, LEVELS - 1 - int(bits)),
        start + len(piece) - len(piece.lstrip() or piece),  # its first letter
        share,
        blank("".join(span.text for span in spans)),
        spelling(spans),
    )


def facts_of(reader: Reader) -> dict[str, Any]:
    """What text.js shows of a token when it is picked."""
    score, scored = reader.score, reader.score.scored
    figures = zip(
        *(score.tokens.pieces[1:], score.spans.tolist(), scored.bits, scored.entropy),
        *(scored.ranks.tolist(), scored.expected.tolist(), scored.chances),
        strict=True,
    )
    return {
        "title": reader.title,
        "vocabulary": score.vocabulary,
        "tokens": [
            {
                "label": spelled(piece),
                "span": span,
                "bits": round(bits, 3),
                "entropy": round(entropy, 3),
                "rank": rank,
                "own": float(f"{2**-bits:.3g}"),
                "expected": [
                    [name(one, score), round(float(chance), 5)]
                    for one, chance in zip(expected, chances, strict=True)
                ],
            }
            for piece, span, bits, entropy, rank, expected, chances in figures
        ],
    }


def surprising(readers: Sequence[Reader]) -> Markup:
    """The words that cost most, for every model on the same scale."""
    most = max((word.bits for one in readers for word in one.words[:1]), default=1.0) or 1.0
    drawn = Markup("").join(
        bars(
            one.title,
            "" if one.words else "No word in this text.",
            (bar(word.text, word.bits / most, f"{word.bits:.1f}") for word in one.words[:WORDS]),
        )
        for one in readers
    )
    return Markup('<div class="surprising"><h2>Most surprising words, in bits</h2>{}</div>').format(
        drawn
    )


def again(readers: Sequence[Reader]) -> Markup:
    """The probability of a phrase, every time that it is said."""
    if not readers[0].repetitions:
        return Markup("")
    drawn = Markup("").join(
        bars(one.title, "", map(repetition, range(1, one.times + 1), one.repetitions))
        for one in readers
    )
    return Markup(
        "<h2>The phrase, said again and again</h2><p>Probability of one of its tokens (geometric "
        "mean), and how many of them greedy decoding would write; marked where that is all."
        "</p><div>{}</div>"
    ).format(drawn)


def repetition(number: int, one: Repetition) -> tuple[str, float, str | float, str, str]:
    return bar(
        ORDINALS.get(number, f"{number}th"),
        one.probability or 0.0,
        "\N{EN DASH}" if one.probability is None else one.probability,
        f"{one.greedy} of {one.tokens}",
        "hit" if one.tokens and one.greedy == one.tokens else "",
    )
