"""Words in the order of a tree of likeness, and the one that fits the others least."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray


class Joined(NamedTuple):
    """Two groups of words that are made one."""

    first: tuple[int, ...]
    second: tuple[int, ...]
    likeness: float
    """The mean cosine over all pairs of one word of each."""


def tree(cosines: NDArray[np.floating]) -> tuple[Joined, ...]:
    """Groups joined again and again, the most alike first, until all words are one.

    cosines: (words, words). How alike two groups are is the mean over their pairs (average linkage,
    Sokal & Michener 1958). Each of the two is turned so that the words which touch are alike.
    """
    alike = cosines.astype(np.float64)
    np.fill_diagonal(alike, -np.inf)
    groups: list[tuple[int, ...]] = [(i,) for i in range(len(alike))]
    joined: list[Joined] = []
    for _ in range(len(groups) - 1):
        one, other = sorted(divmod(int(alike.argmax()), len(alike)))
        first, second = turned(groups[one], groups[other], cosines)
        joined.append(Joined(first, second, float(alike[one, other])))
        sizes = len(groups[one]), len(groups[other])
        mean = (sizes[0] * alike[one] + sizes[1] * alike[other]) / sum(sizes)
        alike[one], alike[:, one] = mean, mean
        alike[one, one] = -np.inf
        alike[other], alike[:, other] = -np.inf, -np.inf
        groups[one] = (*first, *second)
    return tuple(joined)


def turned(
    one: tuple[int, ...], other: tuple[int, ...], cosines: NDArray[np.floating]
) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """The way round in which the last of the one and the first of the other are most alike."""
    ways = [(a, b) for a in (one, one[::-1]) for b in (other, other[::-1])]
    return max(ways, key=lambda way: float(cosines[way[0][-1], way[1][0]]))


def order(cosines: NDArray[np.floating]) -> tuple[int, ...]:
    """The words from left to right under that tree."""
    joined = tree(cosines)
    return (*joined[-1].first, *joined[-1].second) if joined else tuple(range(len(cosines)))


def fits(unit: NDArray[np.floating]) -> NDArray[np.float64]:
    """(words,) cosine of every word with the mean of all: the lowest is the odd one out.

    unit: (words, width), rows of length 1. Zeros where the words cancel.
    """
    exact = unit.astype(np.float64)
    mean = exact.mean(axis=0)
    length = float(np.linalg.norm(mean))
    found: NDArray[np.float64] = exact @ mean / length if length > 1e-9 else np.zeros(len(exact))
    return found
