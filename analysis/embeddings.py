"""Neighbours and analogies of word vectors, in the full space and over the whole vocabulary.

Every function takes `unit`, (words, width): rows of length 1, so that a product is a cosine. A row
of zeros is allowed; its cosine to everything is 0.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Vectors = NDArray[np.float32]


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
    typed = word.strip()
    row = index.get(typed)
    return index.get(typed.lower().replace("\u2019", "'")) if row is None else row


def neighbours(unit: Vectors, row: int, count: int) -> tuple[Ranked, ...]:
    """The `count` words with the highest cosine to `row`, itself left out."""
    cosines = cosines_to(unit, unit[row])
    order = _descending(cosines)
    others = order[order != row][:count]
    return tuple(Ranked(int(i), float(cosines[i]), n) for n, i in enumerate(others, start=1))


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


def cosines_to(unit: Vectors, target: Vectors) -> NDArray[np.float64]:
    """(words,) cosines to `target`, (width,), of any length; all 0 where it has none."""
    length = float(np.linalg.norm(target))
    if length < 1e-6:  # what rounding leaves of vectors that cancel points nowhere
        return np.zeros(len(unit))
    return np.clip((unit @ target).astype(np.float64) / length, -1.0, 1.0)


def _descending(cosines: NDArray[np.float64]) -> NDArray[np.int64]:
    return np.argsort(-cosines, kind="stable")
