"""How alike several vectors are, and whether those that belong together are nearest."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

TIE = 1e-5  # cosines closer than this are equal: float32 tells them apart by rounding alone


class Own(NamedTuple):
    """Of how many rows the nearest other row is of their own group."""

    nearest: int
    among: int
    """Rows that have a fellow."""


def cosines(vectors: NDArray[np.floating]) -> NDArray[np.float64]:
    """(rows, rows) cosine of every row with every other; 0 with a row of zeros."""
    exact = vectors.astype(np.float64)
    lengths = np.linalg.norm(exact, axis=1, keepdims=True)
    unit = np.divide(exact, lengths, out=np.zeros_like(exact), where=lengths > 1e-12)
    found: NDArray[np.float64] = np.clip(unit @ unit.T, -1.0, 1.0)
    return found


def nearest_own(found: NDArray[np.float64], groups: Sequence[int]) -> Own:
    """found: (rows, rows) cosines. A row whose nearest are of both kinds is not counted as near."""
    labels = np.asarray(groups)
    same = labels[:, None] == labels[None]
    fellows = same & ~np.eye(len(labels), dtype=bool)
    own = np.where(fellows, found, -np.inf).max(axis=1, initial=-np.inf)
    others = np.where(same, -np.inf, found).max(axis=1, initial=-np.inf)
    return Own(int((own > others + TIE).sum()), int(fellows.any(axis=1).sum()))
