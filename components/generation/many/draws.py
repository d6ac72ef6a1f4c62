"""Many draws as a picture: first tokens against their probabilities, and the plane of presets."""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from markupsafe import Markup

from analysis.texts.figures import ChiSquare, by_chance, chi_square, distinct, repeated
from components.shared.drawing.lane_data import name
from components.shared.drawing.numbers import percent
from components.shared.drawing.spelling import WAITING

if TYPE_CHECKING:
    from inference.tasks.draw_many import Draws, ManyTexts
    from inference.text.held_out import HeldOut

LISTED = 8  # of the most probable first tokens
GRAM = 2  # tokens whose repetition within a text is counted
LEGEND = Markup(
    '<div class="legend"><span class="range"><i class="swatch drawn-bar"></i>drawn</span>'
    '<span class="range"><i class="swatch drawn-band"></i>where chance puts 95 of 100</span>'
    '<span class="range"><i class="swatch drawn-tick"></i>predicted</span></div>'
)


@dataclass(frozen=True)
class Figures:
    """Of some texts of one strategy."""

    texts: int
    tokens: float
    """Of a text, on average."""
    bits: float
    """Mean surprisal of a token, by the model itself."""
    distinct_1: float
    distinct_2: float
    distinct_3: float
    repeated: float
    """Share of a text's bigrams that stood in it before."""


@dataclass(frozen=True)
class First:
    """A token that may come first, or all others together."""

    text: str
    predicted: float
    drawn: int
    least: int
    most: int


@dataclass(frozen=True)
class Summary:
    """Draws in figures."""

    many: ManyTexts
    figures: Figures
    compared: Figures
    """Of the first ones alone, as many as of every point of the plane (truth: R39)."""
    first: tuple[First, ...]
    chi_square: ChiSquare
    """Of the first token, over all that can come."""

    @property
    def texts(self) -> list[str]:
        """Without the token that ends them."""
        many = self.many
        held = [[t for t in row if t >= 0] for row in many.draws.tokens.tolist()]
        return [
            b"".join(many.pieces[t] for t in row if t != many.end_of_text).decode(
                "utf-8", errors="replace"
            )
            for row in held
        ]


@dataclass(frozen=True)
class Thousand:
    """All that has been drawn so far."""

    summary: Summary | None
    presets: tuple[tuple[str, Figures], ...]
    people: HeldOut | None


def summary(many: ManyTexts, compared: int) -> Summary:
    draws = many.draws
    first = draws.tokens[:, 0]
    counts = np.bincount(first, minlength=int(draws.first.max()) + 1)[draws.first]
    return Summary(
        many,
        figures(draws, len(first)),
        figures(draws, compared),
        tuple(firsts(many, counts.tolist())),
        chi_square(counts, draws.shares),
    )


def figures(draws: Draws, count: int) -> Figures:
    """Of the first `count` texts."""
    rows = [[t for t in row if t >= 0] for row in draws.tokens[:count].tolist()]
    lengths = draws.lengths[:count]
    bits = -float(draws.logs[:count].sum()) / math.log(2) / float(lengths.sum())
    one, two, three = (distinct(rows, n) for n in (1, 2, 3))
    return Figures(len(rows), float(lengths.mean()), bits, one, two, three, repeated(rows, GRAM))


def firsts(many: ManyTexts, counts: Sequence[int]) -> list[First]:
    """The most probable first tokens, and the others as one."""
    draws, total = many.draws, len(many.draws.tokens)
    found = []
    for token, share, drawn in zip(
        draws.first[:LISTED].tolist(), draws.shares, counts, strict=False
    ):
        found.append(First(name(token, many), float(share), int(drawn), *by_chance(total, share)))
    rest = len(draws.first) - len(found)
    if rest > 0:
        share = max(0.0, 1 - sum(one.predicted for one in found))
        drawn = total - sum(one.drawn for one in found)
        found.append(First(f"{rest:,} others", share, drawn, *by_chance(total, share)))
    return found


def draws_and_plane(found: Thousand, presets: int) -> Markup:
    """What was drawn first, the plane, and the figures."""
    told = found.summary
    if told is None:
        return Markup(WAITING)
    value = {
        "draws": told.figures.texts,
        "rows": [[r.text, r.predicted, r.drawn, r.least, r.most] for r in told.first],
        "plane": plane(found, told, presets),
    }
    return Markup(
        '<section class="many"><p class="cell-about">{}</p>'
        '<div class="many-two" data-widget="draws" data-value="{}"></div>{}</section>'
    ).format(
        verdict(told),
        json.dumps(value, ensure_ascii=False, separators=(",", ":")),
        tally(told.figures),
    )


def plane(found: Thousand, told: Summary, presets: int) -> dict[str, Any]:
    """Points as (name, bits, distinct-2, kind), and how many are still to come."""
    points: list[tuple[str, float, float, str]] = [
        (name, one.bits, one.distinct_2, "") for name, one in found.presets
    ]
    points.append(("yours", told.compared.bits, told.compared.distinct_2, "hit"))
    people = found.people
    if people is not None and people.texts == told.compared.texts:
        points.append(("people", people.bits, people.distinct_2, "people"))
    return {
        "points": [one for one in points if math.isfinite(one[2])],
        "texts": told.compared.texts,
        "tokens": told.many.task.new_tokens,
        "coming": presets - len(found.presets),
        "people": people is not None,
    }


def verdict(told: Summary) -> str:
    """The chi-square test of the first token, in words."""
    test = told.chi_square
    drawn = f"{told.figures.texts:,} draws."
    if test.freedom == 0:
        return (
            f"{drawn} All but one token are expected fewer than 5 times: there is nothing to test."
        )
    apart = (
        "they are no further from their probabilities than chance allows"
        if test.p >= 0.05
        else f"chance alone goes so far in {percent(test.p)} of such experiments"
    )
    return (
        f"{drawn} First tokens: {apart} (chi-square {test.statistic:.1f}, "
        f"{test.freedom} degrees of freedom, p {test.p:.3f})."
    )


def tally(figures: Figures) -> Markup:
    """The figures of all draws."""
    rows = (
        ("distinct-1", percent(figures.distinct_1)),
        ("distinct-2", percent(figures.distinct_2)),
        ("distinct-3", percent(figures.distinct_3)),
        ("bigrams repeated in a text", percent(figures.repeated)),
        ("bits a token", f"{figures.bits:.2f}"),
        ("tokens", f"{figures.tokens:.1f}"),
    )
    parts = Markup("").join(
        Markup("<div><dt>{}</dt><dd>{}</dd></div>").format(term, value) for term, value in rows
    )
    return Markup('<dl class="tally">{}</dl>').format(parts)
