"""How much of the neighbourhoods of words a flat map keeps."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray


def nearest(unit: NDArray[np.floating], count: int) -> NDArray[np.int64]:
    """(words, count) the words with the highest cosine to each, the nearest first.

    unit: (words, width), rows of length 1.
    """
    cosines = unit.astype(np.float64) @ unit.T.astype(np.float64)
    np.fill_diagonal(cosines, -np.inf)
    found: NDArray[np.int64] = np.argsort(-cosines, axis=1, kind="stable")[:, :count]
    return found


def kept(true: NDArray[np.int64], points: NDArray[np.floating]) -> NDArray[np.float64]:
    """(words,) share of each word's true neighbours that are among as many nearest points.

    true: (words, neighbours). points: (words, 2).
    """
    apart = ((points[:, None] - points[None]) ** 2).sum(axis=2)
    np.fill_diagonal(apart, np.inf)
    flat = np.argsort(apart, axis=1, kind="stable")[:, : true.shape[1]]
    same = (true[:, :, None] == flat[:, None, :]).any(axis=2)
    found: NDArray[np.float64] = same.mean(axis=1)
    return found
