"""Maps that show what a sink hides: without the first token, and weighted by what is mixed in."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


def without_first(weights: NDArray[np.floating]) -> Floats:
    """The same maps with nothing on the first token, each row scaled to sum to 1 again.

    weights: (..., queries, keys). A row that has all its weight there, as the first of a causal
    map, is left empty.
    """
    rest = np.array(weights, dtype=np.float64)
    rest[..., 0] = 0.0
    return _summing_to_1(rest)


def by_length(weights: NDArray[np.floating], lengths: NDArray[np.floating]) -> Floats:
    """Every weight times the length of what it mixes in, each row scaled to sum to 1.

    weights: (..., queries, keys). lengths: (..., keys), of a key's value after the output
    projection of its head. Kobayashi et al. 2020, arXiv 2004.10102, section 3.2.
    """
    return _summing_to_1(weights * np.asarray(lengths, dtype=np.float64)[..., None, :])


def _summing_to_1(maps: Floats) -> Floats:
    total = maps.sum(axis=-1, keepdims=True)
    scaled: Floats = np.divide(maps, total, out=np.zeros_like(maps), where=total > 1e-9)
    return scaled
