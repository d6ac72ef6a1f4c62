"""What can be said when heads have been removed: how far a prediction moves, and at what cost."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
SMALLEST = np.finfo(np.float64).smallest_subnormal  # 2 to the power -1074


def moved_bits(before: Floats, after: Floats) -> Floats:
    """Kullback-Leibler divergence of `after` from `before`, in bits, 0 where nothing moved.

    before: (vocabulary,). after: (..., vocabulary). Returns (...), always finite. Where a token
    that was possible has become impossible the divergence has no bound, or one beyond float64:
    `is_lower_bound` says so, and the number is the least that it can be.
    """
    ratio = np.log2(np.maximum(before, SMALLEST)) - np.log2(np.maximum(after, SMALLEST))
    moved: Floats = np.maximum(0.0, (before * ratio).sum(axis=-1))  # rounding may fall below 0
    return moved


def is_lower_bound(before: Floats, after: Floats) -> NDArray[np.bool_]:
    """Whether `moved_bits` of the same arguments is a lower bound: (...)."""
    lost: NDArray[np.bool_] = ((after == 0) & (before > 0)).any(axis=-1)
    return lost


def cost(bits: Floats, bits_without: Floats) -> Floats:
    """By how many bits a token of the text itself is harder to predict; below 0, easier.

    bits: (positions,). bits_without: (..., positions). Returns (...); 0 for no positions.
    """
    if bits.size == 0:
        return np.zeros(bits_without.shape[:-1])
    costs: Floats = (bits_without - bits).mean(axis=-1)
    return costs


def movers(before: Floats, after: Floats, count: int) -> NDArray[np.int64]:
    """The `count` tokens that are most probable on either side, ties by lower id.

    before, after: (vocabulary,). A token that leads only without the head is among them.
    """
    return np.argsort(-np.maximum(before, after), kind="stable")[:count]


def mean_and_spread(values: Floats) -> tuple[Floats, Floats]:
    """Mean and standard deviation (n - 1) over the first axis; of one value the latter is nan.

    values: (texts, ...). Returns (...) twice.
    """
    mean: Floats = values.mean(axis=0)
    if len(values) < 2:
        return mean, np.full_like(mean, np.nan)
    return mean, values.std(axis=0, ddof=1)
