"""Neighbours and analogies of word vectors, in the full space and over the whole vocabulary.

Every function takes `unit`, (words, width): rows of length 1, so that a product is a cosine. A row
of zeros is allowed; its cosine to everything is 0. It may be sparse.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

BLOCK = 256  # words whose cosines to all others are held at once, with their order: 90 MB


class Vectors(Protocol):
    """A matrix, dense or sparse, of which rows are read and which is multiplied by vectors."""

    def __len__(self) -> int: ...

    def __getitem__(self, rows: Any, /) -> NDArray[np.float32]: ...

    def __matmul__(self, target: Any, /) -> Any: ...


@dataclass(frozen=True)
class Ranked:
    """A word at its place in a ranking of the whole vocabulary."""

    row: int
    cosine: float
    rank: int
    """1 for the best; equal cosines keep the order of the vocabulary."""
    query: bool = False
    """Whether the person named this word, so that it may not be the answer."""


@dataclass(frozen=True)
class Analogy:
    """What `b - a + c` comes near to, with nothing hidden (truth: R6)."""

    ranking: tuple[Ranked, ...]
    """The best words, the three query words left in and flagged."""
    queries: tuple[Ranked, Ranked, Ranked]
    """a, b and c with the places they reach, also where that is below the ranking shown."""
    answer: Ranked | None
    """The best word that is none of the three; None where the vocabulary holds no other."""
    unrestricted: Ranked
    """What the answer would be if the three could win: often b or c itself."""


def find(word: str, index: Mapping[str, int]) -> int | None:
    """The row of a word as typed, else of its lower-case form; None where neither is known."""
    row = index.get(word.strip())
    return index.get(plain(word)) if row is None else row


def plain(word: str) -> str:
    """A word as typed, in the letters of a vocabulary: lower case, straight apostrophes."""
    return word.strip().lower().replace("\u2019", "'")


def neighbours(unit: Vectors, row: int, count: int) -> tuple[Ranked, ...]:
    """The `count` words with the highest cosine to `row`, itself left out."""
    cosines = cosines_to(unit, unit[row])
    order = _descending(cosines)
    others = order[order != row][:count]
    return tuple(Ranked(int(i), float(cosines[i]), n) for n, i in enumerate(others, start=1))


def hubness(unit: NDArray[np.float32], count: int) -> NDArray[np.int64]:
    """For every word, among the `count` nearest of how many others it is: (words,).

    The mean is `count`. Hubs, words far above it, come near to much that they have nothing to do
    with, which spaces of many dimensions do by themselves (Radovanovic et al. 2010, JMLR 11).
    """
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
    """A word that is among the nearest in at least one of several trainings."""

    row: int
    ranks: tuple[int | None, ...]
    """Its place in each training, 1 for the nearest; None where it is not among the nearest."""

    @property
    def found(self) -> int:
        """In how many trainings it is among the nearest."""
        return sum(rank is not None for rank in self.ranks)


def agreement(trainings: Sequence[Vectors], row: int, count: int) -> tuple[Agreement, ...]:
    """The `count` nearest words of `row` in each training, those that most trainings list first.

    The trainings share one vocabulary. Whoever differs between them owes its place to chance: the
    numbers that training starts from, and the order in which it draws.
    """
    lists = [[near.row for near in neighbours(unit, row, count)] for unit in trainings]
    ranks = {
        word: tuple(one.index(word) + 1 if word in one else None for one in lists)
        for word in dict.fromkeys(word for one in lists for word in one)
    }
    found = [Agreement(word, places) for word, places in ranks.items()]
    return tuple(sorted(found, key=lambda one: (-one.found, _mean_rank(one, count))))


def _mean_rank(one: Agreement, count: int) -> float:
    return sum(count + 1 if rank is None else rank for rank in one.ranks) / len(one.ranks)


def analogy(unit: Vectors, a: int, b: int, c: int, count: int) -> Analogy:
    """`a` is to `b` as `c` is to what? The words nearest to b - a + c.

    3CosAdd on unit vectors (Mikolov, Yih & Zweig 2013; Nissim et al. 2020, doi
    10.1162/coli_a_00379, for why the words that are left out must be shown). The rows may be equal.
    """
    cosines = cosines_to(unit, unit[b] - unit[a] + unit[c])
    order = _descending(cosines)
    ranks = np.empty_like(order)
    ranks[order] = np.arange(1, len(order) + 1)

    def ranked(row: int) -> Ranked:
        return Ranked(row, float(cosines[row]), int(ranks[row]), row in (a, b, c))

    allowed = next((int(row) for row in order[:4] if row not in (a, b, c)), None)
    return Analogy(
        ranking=tuple(ranked(int(row)) for row in order[:count]),
        queries=(ranked(a), ranked(b), ranked(c)),
        answer=None if allowed is None else ranked(allowed),
        unrestricted=ranked(int(order[0])),
    )


def cosines_to(unit: Vectors, target: NDArray[np.float32]) -> NDArray[np.float64]:
    """(words,) cosines to `target`, (width,), of any length; all 0 where it has none."""
    length = float(np.linalg.norm(target))
    if length < 1e-6:  # what rounding leaves of vectors that cancel points nowhere
        return np.zeros(len(unit))
    return np.clip(np.asarray(unit @ target, dtype=np.float64) / length, -1.0, 1.0)


def _descending(cosines: NDArray[np.float64]) -> NDArray[np.int64]:
    return np.argsort(-cosines, kind="stable")
