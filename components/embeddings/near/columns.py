"""Neighbours in up to three models side by side, with those marked that several name."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from markupsafe import Markup

from analysis import embeddings
from analysis.embeddings import Ranked
from components.embeddings.models import ranked_data, times_seen, words_at
from components.embeddings.near.among import beside
from components.shared.drawing.bars import Row, bar, bars
from components.shared.drawing.numbers import signed
from inference.words import NEAREST, Word, WordVectors

ALL, SOME, HUB = "\N{BLACK CIRCLE}", "\N{CIRCLE WITH LEFT HALF BLACK}", "\N{SIX POINTED BLACK STAR}"
MANY = 5 * NEAREST
"""A word that is a neighbour of more than so many is marked as a hub; the average is `NEAREST`."""


@dataclass(frozen=True)
class Listed:
    """The neighbours of a word in one model."""

    title: str
    vectors: WordVectors
    word: Word | None
    """None where this model does not know it."""
    found: tuple[Ranked, ...]
    cosine: float | None
    """To the word that is compared; None where one of the two is unknown."""

    @property
    def words(self) -> list[str]:
        return words_at(self.vectors, [one.row for one in self.found if one.row is not None])


def listed(
    vectors: WordVectors, title: str, word: str, other: str, least: int, names: bool
) -> Listed:
    """The neighbours of a word, and its cosine to another, which may be empty."""
    asked, second = vectors.look_up(word), vectors.look_up(other) if other else None
    if asked is None:
        return Listed(title, vectors, None, (), None)
    found = embeddings.neighbours(
        vectors.unit, asked, NEAREST, beside(vectors, [asked], least, names).mask
    )
    cosine = None if second is None else float(asked.vector @ second.vector)
    return Listed(title, vectors, asked, found, cosine)


def columns(lists: Sequence[Listed]) -> Markup:
    """A list each; a word that is in several has a mark, and so has a hub (truth: R10)."""
    named = Counter(word for one in lists for word in set(one.words))
    several = len(lists) > 1
    drawn = (
        bars(
            one.title if several else "",
            "" if one.word is not None else f"{one.title} does not know this word.",
            (_row(one, ranked, named, len(lists)) for ranked in one.found),
        )
        for one in lists
    )
    return Markup('<div class="columns">{}</div>').format(Markup("").join(drawn))


def _row(one: Listed, ranked: Ranked, named: Counter[str], lists: int) -> Row:
    row = ranked.row or 0
    word = one.vectors.words[row]
    times = named[word]
    mark = "" if times < 2 else ALL if times == lists else SOME
    hubness = one.vectors.hubness
    hub = HUB if hubness is not None and hubness[row] > MANY else ""
    remark = " ".join(filter(None, (mark + hub, times_seen(one.vectors, ranked))))
    return bar(word, ranked.cosine, signed(ranked.cosine), remark, "shared" if mark else "")


def legend(lists: Sequence[Listed]) -> str:
    """What the marks mean that can be there."""
    said = [f"{HUB} a hub, near to over {MANY} words"]
    if len(lists) > 1:
        said.insert(0, f"{ALL} in every list" + (f", {SOME} in two" if len(lists) > 2 else ""))
    return "; ".join(said)


def likeness(lists: Sequence[Listed], word: str, other: str) -> Markup:
    """The cosine of two words in every model that knows both."""
    told = [f"{signed(one.cosine)} in {one.title}" for one in lists if one.cosine is not None]
    if not told:
        return Markup()
    return Markup('<p class="trust likeness">{} and {}: cosine {}.</p>').format(
        word, other, ", ".join(told)
    )


def columns_data(lists: Sequence[Listed], names: Sequence[str]) -> list[dict[str, Any]]:
    """The lists of the models by their names, and the cosine to the word compared."""
    return [
        {
            "model": name,
            "known": one.word is not None,
            "cosine": one.cosine,
            "neighbours": [ranked_data(one.vectors, ranked) for ranked in one.found],
        }
        for name, one in zip(names, lists, strict=True)
    ]
