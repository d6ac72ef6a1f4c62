"""A matrix that stays in its file: the system reads the pages that are used and may drop them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

BLOCK = 16_384  # rows that are looked at together: 20 MB of 300 numbers


@dataclass(frozen=True)
class Mapped:
    """Rows of length 1 of a matrix whose own rows have any; a row of zeros stays one.

    It takes the place of a dense matrix wherever rows are read or multiplied by a vector.
    """

    rows: NDArray[np.float32]
    """(words, width), in a file."""
    lengths: NDArray[np.float32]
    """(words,); 1 for a row of zeros."""

    def __len__(self) -> int:
        return len(self.rows)

    @property
    def size(self) -> int:
        return int(self.rows.size)

    def __getitem__(self, rows: int | slice | Sequence[int]) -> NDArray[np.float32]:
        """One row as (width,), or several as (rows, width), in memory."""
        scaled: NDArray[np.float32] = self.rows[rows] / np.asarray(self.lengths[rows])[..., None]
        return scaled

    def __matmul__(self, target: NDArray[np.floating]) -> NDArray[np.float32]:
        """(words,) the product of every row with `target`, (width,)."""
        # In float64 the whole matrix would be copied first.
        products: NDArray[np.float32] = self.rows @ target.astype(np.float32)
        return products / self.lengths


def mapped(path: Path, offset: int, shape: tuple[int, int]) -> Mapped:
    """The float32 matrix at a place of a file. Raises ValueError where a number is not finite."""
    rows = np.asarray(np.memmap(path, np.float32, "r", offset, shape))
    lengths = np.empty(len(rows), dtype=np.float32)
    for start in range(0, len(rows), BLOCK):
        block = rows[start : start + BLOCK]
        lengths[start : start + BLOCK] = np.sqrt(np.einsum("ij,ij->i", block, block))
    if not np.isfinite(lengths).all():
        row = int(np.flatnonzero(~np.isfinite(lengths))[0])
        raise ValueError(f"the vector of word {row + 1:,} holds a number that is not finite.")
    lengths[lengths < 1e-12] = 1
    return Mapped(rows, lengths)
