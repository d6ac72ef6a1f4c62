"""Why two words are close, where vectors are nothing but counts: the contexts that they share.

Each word comes as its row of a sparse table of length 1, so that the cosine of two words is a sum
over the contexts that both have, and every context has its share in it.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True)
class Row:
    """One word: its contexts, how often each was seen, and what it weighs."""

    columns: NDArray[np.int32]
    """(contexts,) rising."""
    counts: NDArray[np.int32]
    weights: NDArray[np.float32]
    """Of length 1 together."""


@dataclass(frozen=True)
class Shared:
    """A word that stands near both."""

    column: int
    seen: tuple[int, int]
    """How often, with the one and with the other."""
    part: float
    """Of the cosine: the product of its two weights."""


def shared(one: Row, other: Row) -> tuple[Shared, ...]:
    """All contexts that two words share, those first that bring them closest."""
    columns, left, right = np.intersect1d(one.columns, other.columns, return_indices=True)
    parts = one.weights[left].astype(np.float64) * other.weights[right]
    order = np.argsort(-parts, kind="stable")
    return tuple(
        Shared(
            int(columns[i]),
            (int(one.counts[left[i]]), int(other.counts[right[i]])),
            float(parts[i]),
        )
        for i in order
    )
