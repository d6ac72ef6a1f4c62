"""Six ways to tell attention where tokens stand, as functions of positions or distances.

A distance counts tokens back: query minus key, negative for a key that comes later.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

Numbers = NDArray[np.float64]
BASE = 10_000.0


def frequencies(width: int, base: float = BASE) -> Numbers:
    """Radians a position of every pair of numbers, (width / 2,): 1 first, then ever slower.

    Vaswani et al. 2017, arXiv 1706.03762, section 3.5; Su et al. 2021, arXiv 2104.09864,
    equation 15. Raises ValueError where width is odd, or base below 1.
    """
    if width % 2 or base < 1:
        raise ValueError("The width is even, and the base at least 1.")
    found: Numbers = base ** (-np.arange(0, width, 2) / width)
    return found


def sinusoids(count: int, width: int, base: float = BASE) -> Numbers:
    """The vectors that are added to tokens, (count, width): all sines, then all cosines."""
    angles = np.outer(np.arange(count), frequencies(width, base))
    return np.concatenate([np.sin(angles), np.cos(angles)], axis=1)


def similarity(vectors: Numbers) -> Numbers:
    """Cosines between all rows, (count, count)."""
    lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
    found: Numbers = (vectors / lengths) @ (vectors / lengths).T
    return found


def turned(vectors: Numbers, base: float = BASE) -> Numbers:
    """Vectors turned as rotary positions do, each by its place. vectors: (..., positions, width).

    The two halves of a vector are the pairs. Su et al. 2021, equation 34.
    """
    angles = np.outer(np.arange(vectors.shape[-2]), frequencies(vectors.shape[-1], base))
    first, second = np.split(vectors, 2, axis=-1)
    cosine, sine = np.cos(angles), np.sin(angles)
    turn = [first * cosine - second * sine, second * cosine + first * sine]
    return np.concatenate(turn, axis=-1)


def rotary_kept(distances: Numbers, width: int, base: float = BASE) -> Numbers:
    """The share that is left of the product of two equal vectors this far apart, if all pairs weigh
    the same: the mean cosine of their turns, of the shape of `distances`."""
    found: Numbers = np.cos(distances[..., None] * frequencies(width, base)).mean(axis=-1)
    return found


def unfinished(width: int, base: float, length: int) -> int:
    """Pairs that turn less than once within so many positions: beyond, they stand at angles that
    never occurred."""
    return int((frequencies(width, base) * length < 2 * math.pi).sum())


def alibi_slopes(heads: int) -> Numbers:
    """What every head subtracts a token of distance, (heads,), for a power of two of heads.

    Press et al. 2021, arXiv 2108.12409, section 3. Raises ValueError on another number.
    """
    if heads < 1 or heads & (heads - 1):
        raise ValueError("The number of heads is a power of two.")
    found: Numbers = 2.0 ** (-8 * np.arange(1, heads + 1) / heads)
    return found


def bucket(
    distances: NDArray[np.int64], buckets: int = 32, farthest: int = 128
) -> NDArray[np.int64]:
    """Which bucket a distance falls into, of a model that reads from left to right.

    The first half of the buckets holds one distance each, the others ever more, by logarithm; from
    `farthest` on all share the last. Later keys count as distance 0. Raffel et al. 2020, arXiv
    1910.10683, section 2.1.
    """
    back = np.maximum(distances, 0)
    exact = buckets // 2
    steps = np.log(np.maximum(back, exact) / exact) / math.log(farthest / exact)
    far = np.minimum(exact + (steps * (buckets - exact)).astype(np.int64), buckets - 1)
    return np.where(back < exact, back, far)


def window(distances: NDArray[np.int64], size: int) -> NDArray[np.bool_]:
    """Whether a query reads a key: itself and the `size` - 1 before it.

    Beltagy et al. 2020, arXiv 2004.05150, section 3.1, for a model that reads from left to right.
    """
    found: NDArray[np.bool_] = (distances >= 0) & (distances < size)
    return found
