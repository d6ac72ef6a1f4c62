"""How much of a mean of vectors each of them is."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray


def shares(vectors: NDArray[np.floating], kept: NDArray[np.bool_]) -> NDArray[np.float64]:
    """(vectors,) the share of each in the mean of those kept; what is not kept has none.

    vectors: (vectors, width). The share of one is its length along the mean, over that of all: the
    shares sum to 1, and one that points against the mean has a negative share. Zeros where the
    vectors cancel.
    """
    exact = vectors.astype(np.float64) * kept[:, None]
    total = exact.sum(axis=0)
    squared = float(total @ total)
    if squared < 1e-12:
        return np.zeros(len(vectors))
    found: NDArray[np.float64] = exact @ total / squared
    return found
