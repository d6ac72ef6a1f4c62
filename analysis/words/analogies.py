"""Analogies and sums of words, with nothing hidden (truth: R6).

As in `analysis.embeddings`, `unit` is (words, width) with rows of length 1.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from analysis.embeddings import Mask, Query, Ranked, Vectors, cosines_to, descending


@dataclass(frozen=True)
class Sum:
    """What a sum of words comes near to, with nothing hidden (truth: R6)."""

    ranking: tuple[Ranked, ...]
    """The best words, those asked with left in and flagged."""
    queries: tuple[Ranked, ...]
    """Those, in their order, with the ranks they reach, also where that is below the ranking."""
    answer: Ranked | None
    """The best word that is none of them; None where the vocabulary holds no other."""
    unrestricted: Ranked
    """What the answer would be if they could win: often one of them."""

    @property
    def listed(self) -> list[Ranked]:
        """The best words, then those asked with that rank below them."""
        below = {one.query: one for one in self.queries if one.rank > len(self.ranking)}
        return [*self.ranking, *below.values()]


def analogy(
    unit: Vectors,
    a: Query,
    b: Query,
    c: Query,
    count: int,
    among: Mask = None,
    method: Method = "add",
    lengths: Sequence[float] = (1, 1, 1),
) -> Sum:
    """`a` is to `b` as `c` is to what? See `METHODS` for the scores that words are ranked by.

    lengths: of a, b and c where their vectors are added up; the other methods know none.

    Nissim et al. 2020 (doi 10.1162/coli_a_00379) say why the words that are left out must be shown.
    """
    queries, score = (a, b, c), METHODS[method]
    if method == "add":
        one, two, three = lengths
        target = total(queries, (-one, two, three))
        return _ranked(lambda rows, _: cosines_to(rows, target), unit, queries, count, among)
    return _ranked(score, unit, queries, count, among)


def nearest_to_sum(
    unit: Vectors, queries: Sequence[Query], signs: Sequence[int], count: int, among: Mask = None
) -> Sum:
    """The words nearest to a sum of unit vectors, each with its sign, 1 or -1.

    Words may be equal. among: as in `neighbours`; those asked with are listed all the same.
    """
    target = total(queries, signs)
    return _ranked(lambda rows, _: cosines_to(rows, target), unit, queries, count, among)


def add(unit: Vectors, queries: Sequence[Query]) -> NDArray[np.float64]:
    """3CosAdd (Mikolov, Yih & Zweig 2013): the cosine with b - a + c on unit vectors."""
    return cosines_to(unit, total(queries, (-1, 1, 1)))


def multiply(unit: Vectors, queries: Sequence[Query]) -> NDArray[np.float64]:
    """3CosMul (Levy & Goldberg 2014, W14-1618): cos(d, b) cos(d, c) / (cos(d, a) + 0.001), with
    every cosine moved to 0 to 1, so that no term can outweigh the others."""
    a, b, c = ((1 + cosines_to(unit, query.vector)) / 2 for query in queries)
    return b * c / (a + 0.001)


def direct(unit: Vectors, queries: Sequence[Query]) -> NDArray[np.float64]:
    """PairDirection (Levy & Goldberg 2014): the cosine of d - c with b - a, wherever d is; 0 for c
    itself."""
    a, b, c = (query.vector.astype(np.float64) for query in queries)
    step = b - a
    along = np.asarray(unit @ step, dtype=np.float64) - c @ step
    own = np.asarray(unit @ c, dtype=np.float64)
    apart = np.sqrt(np.maximum(1 - 2 * own + c @ c, 0.0))
    length = float(np.linalg.norm(step))
    if length < 1e-6:  # a and b are one word, which gives no direction
        return np.zeros(len(own))
    scores = along / np.maximum(apart * length, 1e-12)
    return np.where(apart < 1e-3, 0.0, np.clip(scores, -1.0, 1.0))


Method = Literal["add", "multiply", "direct"]
Scores = Callable[[Vectors, Sequence[Query]], NDArray[np.float64]]
METHODS: Mapping[Method, Scores] = {"add": add, "multiply": multiply, "direct": direct}
"""Ways to score every word as the answer to an analogy."""


def _ranked(score: Scores, unit: Vectors, queries: Sequence[Query], count: int, among: Mask) -> Sum:
    """All words by their score, those asked with among them."""
    words = len(unit)
    made = np.stack([query.vector for query in queries])  # those without a row follow the others
    scores = np.append(score(unit, queries), score(made, queries))
    places = [_place(queries, i, words) for i in range(len(queries))]
    listed = np.zeros(len(scores), dtype=bool)
    listed[:words] = True if among is None else among
    listed[places] = True
    order = descending(scores, listed)
    ranks = np.zeros(len(scores), dtype=np.int64)
    ranks[order] = np.arange(1, len(order) + 1)

    def ranked(place: int) -> Ranked:
        query = places.index(place) if place in places else None
        row = place if place < words else None
        return Ranked(row, float(scores[place]), int(ranks[place]), query)

    first = order[: len(places) + 1]
    allowed = next((int(place) for place in first if place not in places), None)
    return Sum(
        ranking=tuple(ranked(int(place)) for place in order[:count]),
        queries=tuple(map(ranked, places)),
        answer=None if allowed is None else ranked(allowed),
        unrestricted=ranked(int(order[0])),
    )


def total(queries: Sequence[Query], signs: Sequence[float]) -> NDArray[np.float32]:
    """(width,) the sum of unit vectors, each with its sign."""
    numbers = np.array(signs, dtype=np.float32)
    summed: NDArray[np.float32] = numbers @ np.stack([query.vector for query in queries])
    return summed


def _place(queries: Sequence[Query], i: int, words: int) -> int:
    """Where the cosine of a query word is: at its row, or behind all rows, once for equal words."""
    row = queries[i].row
    if row is not None:
        return row
    same = (np.array_equal(queries[i].vector, query.vector) for query in queries)
    return words + next(n for n, equal in enumerate(same) if equal and queries[n].row is None)
