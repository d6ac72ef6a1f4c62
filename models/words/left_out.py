"""How often a pair was seen at most that a table of counts does not hold.

The table keeps of every word the contexts with the most bits in all, count times PMI, among those
that were seen a few times and more often than chance (`training.words.counting.pruned`). So what is
left out was rare, or no more than chance, or told less than all that is kept.
"""

from __future__ import annotations

import numpy as np

from models.words.contexts import Contexts

ROUNDING = 1 + 1e-5
"""The weights of the table have 32 bits."""
STORED = 65_535
"""The largest count that is stored."""


def times_seen(contexts: Contexts, one: int, other: int) -> tuple[int, int]:
    """How often two words stood near each other, at least and at most: the same where it is known.

    A pair is the same from both sides, so that either row may hold it.
    """
    for row, column in ((one, other), (other, one)):
        place = contexts.ppmi.row(row)
        found = place.start + int(np.searchsorted(contexts.ppmi.columns[place], column))
        if found < place.stop and contexts.ppmi.columns[found] == column:
            return (int(contexts.counts[found]),) * 2
    return 0, min(_at_most(contexts, one, other), _at_most(contexts, other, one))


def _at_most(contexts: Contexts, row: int, column: int) -> int:
    """As told by the one row."""
    place = contexts.ppmi.row(row)
    rest = int(contexts.totals[row] - contexts.counts[place].sum())
    if min(rest, int(contexts.totals[column])) > STORED:
        return rest  # it may be one of those that are too many for 16 bits
    limit = chance = float(contexts.totals[row] * contexts.smoothed[column])
    if place.stop - place.start >= contexts.longest:  # the row is full
        telling = contexts.counts[place] * contexts.ppmi.values[place]
        limit = _where(chance, float(telling.min()) * ROUNDING)
    return min(rest, max(contexts.rarest - 1, int(limit * ROUNDING)))


def _where(chance: float, bits: float) -> float:
    """The count c above chance at which c log2(c / chance) is so many bits."""
    low, high = chance, chance + bits + 1
    while high * np.log2(high / chance) < bits:
        high *= 2
    for _ in range(60):
        middle = (low + high) / 2
        low, high = (middle, high) if middle * np.log2(middle / chance) < bits else (low, middle)
    return high
