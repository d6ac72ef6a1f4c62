"""What attention costs by length: numbers that are known without measuring, and slopes."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

FLOAT = 4  # bytes of a float32
WRITTEN = 3  # matrices at once where attention is written out: scores, masked scores, weights


@dataclass(frozen=True)
class Shape:
    """Of a transformer's attention."""

    layers: int
    heads: int
    head_width: int

    def scores(self, length: int) -> int:
        """Of one layer: every query with every key, in every head."""
        return self.heads * length * length

    def multiplications(self, length: int) -> int:
        """Of one layer: for the scores, and for the mixing of values."""
        return 2 * self.scores(length) * self.head_width

    def written_bytes(self, length: int) -> int:
        """What one layer holds at most where it is written out, beside its inputs."""
        return WRITTEN * self.scores(length) * FLOAT

    def fused_bytes(self, length: int) -> int:
        """What one layer of a fused kernel holds: its result. The block that it works on, which
        does not grow with the text, is not counted (Dao et al. 2022, arXiv 2205.14135)."""
        return self.heads * length * self.head_width * FLOAT

    def cache_bytes(self, length: int) -> int:
        """Keys and values of all layers."""
        return 2 * self.layers * self.fused_bytes(length)


def slope(lengths: NDArray[np.float64], values: NDArray[np.float64]) -> float:
    """The power of the length by which values grow: least squares between the logarithms.

    Raises ValueError unless all are above 0, and there are two or more.
    """
    if len(lengths) < 2 or np.min(lengths) <= 0 or np.min(values) <= 0:
        raise ValueError("A slope is that of two positive values or more.")
    return float(np.polyfit(np.log(lengths), np.log(values), 1)[0])
