"""Neighbours of word vectors, in the full space.

Every function takes `unit`, (words, width): rows of length 1, so that a product is a cosine. A row
of zeros is allowed; its cosine to everything is 0. It may be sparse.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

Mask = NDArray[np.bool_] | None
TOGETHER = 64  # products of which the highest is looked at first
NOTHING = 1e-6  # length that rounding leaves of vectors that cancel: it points nowhere
BLOCK = 256  # words whose cosines to all others are held at once, with their order: 90 MB


class Vectors(Protocol):
    """A matrix, dense or sparse, of which rows are read and which is multiplied by vectors."""

    def __len__(self) -> int: ...

    def __getitem__(self, rows: Any, /) -> NDArray[np.float32]: ...

    def __matmul__(self, target: Any, /) -> Any: ...


class Query(Protocol):
    """A word that is asked with; one that a vocabulary lacks may have a vector all the same."""

    @property
    def vector(self) -> NDArray[np.float32]:
        """(width,) of length 1."""

    @property
    def row(self) -> int | None:
        """Its row of `unit`; None where it has none."""


class Row(NamedTuple):
    """A query of the vocabulary itself."""

    vector: NDArray[np.float32]
    row: int | None


@dataclass(frozen=True)
class Ranked:
    """A word in a ranking."""

    row: int | None
    """None for a query word that the vocabulary lacks."""
    cosine: float
    """Or the score of another method."""
    rank: int
    """1 for the best; equal cosines keep the order of the vocabulary."""
    query: int | None = None
    """Which of the words asked with it is, from 0; such a word may not be the answer."""


def neighbours(unit: Vectors, query: Query, count: int, among: Mask = None) -> tuple[Ranked, ...]:
    """The `count` words with the highest cosine to a word, itself left out.

    among: (words,) which words may be listed; all where it is None. A word that was seen a few
    times has a vector that is little but chance.
    """
    products = unit @ query.vector
    length = float(np.linalg.norm(query.vector))
    rows = candidates(products, count + 1, length, among)  # itself may be among them
    cosines = _cosines(products[rows], length)
    order = np.argsort(-cosines, kind="stable")
    found = [(int(rows[i]), float(cosines[i])) for i in order[: count + 1] if rows[i] != query.row]
    return tuple(Ranked(row, one, i) for i, (row, one) in enumerate(found[: max(count, 0)], 1))


def hubness(unit: NDArray[np.float32], count: int, among: Mask = None) -> NDArray[np.int64]:
    """For every word, among the `count` nearest of how many others it is: (words,).

    among: (words,) which words are counted, as neighbours and as those who have them; the others
    get 0. The mean over those is `count`. Hubs, words far above it, come near to much that they
    have nothing to do with, which spaces of many dimensions do by themselves (Radovanovic et al.
    2010, JMLR 11).
    """
    if among is not None:
        near = np.zeros(len(unit), dtype=np.int64)
        near[among] = hubness(unit[among], count)
        return near
    words = len(unit)
    near = np.zeros(words, dtype=np.int64)
    count = min(count, words - 1)
    for start in range(0, words if count > 0 else 0, BLOCK):
        cosines = unit[start : start + BLOCK] @ unit.T  # (block, words)
        own = np.arange(len(cosines))
        cosines[own, start + own] = -np.inf
        nearest = np.argpartition(cosines, -count, axis=1)[:, -count:]
        near += np.bincount(nearest.ravel(), minlength=words)
    return near


@dataclass(frozen=True)
class Agreement:
    """One of the neighbours shown, looked for in other models of the same vocabulary."""

    row: int
    ranks: tuple[int | None, ...]
    """Its rank in each model that holds it, 1 for the nearest; None where it is not listed."""

    @property
    def found(self) -> int:
        """In how many models it is among the nearest."""
        return sum(rank is not None for rank in self.ranks)


def agreement(
    shown: Sequence[Ranked], row: int, models: Sequence[Vectors], among: Mask = None
) -> tuple[Agreement, ...]:
    """Whether other models name the same neighbours of `row`: one entry for each that is shown.

    The models share one vocabulary, most frequent word first, and may hold only the first words of
    it, but `row` at least; a word that a model does not hold is not looked for there. Each model
    lists as many neighbours as are shown, of the words that it holds and that are `among`, which
    may be of fewer words.
    """
    ranks: dict[int, list[int | None]] = {one.row: [] for one in shown if one.row is not None}
    for unit in models:
        held = None if among is None else np.resize(among, len(unit))
        if held is not None and among is not None:
            held[len(among) :] = False  # what is not in the model shown cannot be listed there
        query = Row(unit[row], row)
        listed = {one.row: one.rank for one in neighbours(unit, query, len(shown), held)}
        for word in ranks:
            if word < len(unit):
                ranks[word].append(listed.get(word))
    return tuple(Agreement(word, tuple(found)) for word, found in ranks.items())


def cosines_to(unit: Vectors, target: NDArray[np.float32]) -> NDArray[np.float64]:
    """(words,) cosines to `target`, (width,), of any length; all 0 where it has none."""
    return _cosines(unit @ target, float(np.linalg.norm(target)))


def _cosines(products: NDArray[np.float32], length: float) -> NDArray[np.float64]:
    """Of products with rows of length 1, where the other vector has this length."""
    if length < NOTHING:
        return np.zeros(len(products))
    found: NDArray[np.float64] = np.divide(products, length, dtype=np.float64)
    return np.clip(found, -1.0, 1.0, out=found)


def candidates(
    products: NDArray[np.float32], count: int, ceiling: float, among: Mask
) -> NDArray[np.int64]:
    """Rising rows that hold the `count` highest products, with all that may equal the last.

    The `count`-th highest of the maxima of some groups is no higher than the `count`-th highest of
    all: what is below it need not be looked at. Above `ceiling` the cosine is 1, so that they are
    equal; and where it is next to nothing, all are.
    """
    if count < 1:
        return np.zeros(0, dtype=np.int64)
    values = products if among is None else np.where(among, products, np.float32(-np.inf))
    groups = len(values) // TOGETHER
    least = np.float32(-np.inf)
    if count <= groups and ceiling >= NOTHING:
        highest = values[: groups * TOGETHER].reshape(TOGETHER, groups).max(axis=0)
        least = min(np.partition(highest, -count)[-count], np.float32(ceiling * (1 - 1e-6)))
    return np.flatnonzero(values >= least if np.isfinite(least) else values > least)


def descending(cosines: NDArray[np.float64], among: Mask) -> NDArray[np.int64]:
    """The words from the highest cosine to the lowest."""
    order = np.argsort(-cosines, kind="stable")
    return order if among is None else order[among[order]]
