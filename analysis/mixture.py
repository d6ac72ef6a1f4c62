"""Which order of an interpolated n-gram model decides, and by how much."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray


def contributions(kept: NDArray[np.float64], left: NDArray[np.float64]) -> NDArray[np.float64]:
    """What every order adds to the probability of every token: (orders + 1, tokens).

    kept: (orders, tokens), what each order gives by its own counts, the shortest order first;
    left: (orders,), the share that each leaves to those below. Row 0 is the even spread below the
    first order; all rows together sum to 1.
    """
    orders, tokens = kept.shape
    reaching = np.append(np.cumprod(left[::-1])[::-1], 1.0)  # what is left to each row
    spread = np.full((1, tokens), 1 / tokens)
    found: NDArray[np.float64] = np.vstack([spread, kept]) * reaching[:, None]
    assert len(found) == orders + 1
    return found
