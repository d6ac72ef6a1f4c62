"""A map of queries by keys as a curve over distance, and how much of it distance says."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Numbers = NDArray[np.float64]


class ByDistance(NamedTuple):
    """Over all pairs of positions that are equally far apart, (distances,) each."""

    distances: NDArray[np.int64]
    """Tokens back, query minus key; negative for later keys."""
    mean: Numbers
    least: Numbers
    most: Numbers


def distances(count: int) -> NDArray[np.int64]:
    """Query minus key, (count, count)."""
    return np.subtract.outer(np.arange(count), np.arange(count))


def by_distance(scores: Numbers, ahead: bool) -> ByDistance:
    """Along the diagonals of (count, count). ahead: later keys too, which then come first.

    nan stands for what is not there; a diagonal of nothing else is left out.
    """
    count = len(scores)
    offsets = range(1 - count if ahead else 0, count)
    lines = ((back, np.diagonal(scores, -back)) for back in offsets)
    there = {back: line[np.isfinite(line)] for back, line in lines}
    known = {back: line for back, line in there.items() if len(line)}
    parts = [[of(line) for line in known.values()] for of in (np.mean, np.min, np.max)]
    return ByDistance(np.array([*known]), *(np.array(part) for part in parts))


def spread(found: ByDistance) -> float:
    """How much scores of one distance differ, against how much all do: 0 where distance says all.

    The mean width of a diagonal as a share of the width of all; 0 where all are the same.
    """
    everything = found.most.max() - found.least.min()
    if everything < 1e-12:
        return 0.0
    return float((found.most - found.least).mean() / everything)
