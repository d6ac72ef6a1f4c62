"""A table of which character follows which, and the dice that write with it (a bigram model).

Counts are whole numbers, so every comparison with the dice is exact: the counts of a row laid end
to end are the bar from 0 to 1 that the number drawn falls on.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True)
class Roll:
    """One roll of the dice in a row of the table."""

    row: int
    number: float
    """Drawn evenly from [0, 1)."""
    column: int
    """The character that it chose."""
    start: float
    """Where that character begins on the bar of its row, and below where it ends."""
    end: float


def count_pairs(texts: Iterable[str], letters: Sequence[str]) -> NDArray[np.int64]:
    """How often each letter follows each other inside a text: (letters, letters).

    Raises KeyError on a character that is none of the letters.
    """
    place = {letter: i for i, letter in enumerate(letters)}
    ids = [[place[letter] for letter in text] for text in texts]
    before = [one for text in ids for one in text[:-1]]
    after = [one for text in ids for one in text[1:]]
    counts = np.zeros((len(letters), len(letters)), dtype=np.int64)
    np.add.at(counts, (before, after), 1)
    return counts


def shares(counts: NDArray[np.int64]) -> NDArray[np.float64]:
    """Each row divided by its sum, so that it sums to 1; a row without counts stays 0."""
    totals = counts.sum(axis=1, keepdims=True)
    found: NDArray[np.float64] = counts / np.maximum(1, totals)
    return found


def folded(counts: NDArray[np.int64], shown: Sequence[int]) -> NDArray[np.int64]:
    """The table of these letters, with one more row and column that hold all others together."""
    group = np.full(len(counts), len(shown))
    group[list(shown)] = np.arange(len(shown))
    small = np.zeros((len(shown) + 1,) * 2, dtype=np.int64)
    np.add.at(small, (group[:, None], group[None]), counts)
    return small


def rolled(counts: NDArray[np.int64], start: int, numbers: Sequence[float]) -> tuple[Roll, ...]:
    """Write from a letter on: each number chooses the next letter in the row of the one before.

    Ends early at a letter that nothing follows.
    """
    found: list[Roll] = []
    row = start
    for number in numbers:
        ends = counts[row].cumsum()
        total = int(ends[-1])
        if not total:
            break
        # Rounding may lift a number just below 1 to the very end, where no letter lies.
        column = int(np.searchsorted(ends, min(number * total, total - 0.5), side="right"))
        bounds = (ends[column] - counts[row, column]) / total, ends[column] / total
        found.append(Roll(row, number, column, *map(float, bounds)))
        row = column
    return tuple(found)


def distances(rows: NDArray[np.float64], row: int) -> NDArray[np.float64]:
    """Euclidean distance of every row to one; of two one-hot vectors it is always sqrt(2)."""
    found: NDArray[np.float64] = np.linalg.norm(rows - rows[row], axis=1)
    return found
