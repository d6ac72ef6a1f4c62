"""t-SNE of a few hundred words, exact and quick enough to be waited for.

van der Maaten & Hinton 2008, JMLR 9; learning rate and beginning after Belkina et al. 2019
(arXiv 1901.01226) and Kobak & Berens 2019 (arXiv 1812.02464), as scikit-learn has them. All pairs
are computed: up to a thousand words that is faster than the trees that approximate it.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

EXAGGERATION, EARLY, LATE = 12.0, 250, 500  # how much nearer, and for how many steps; then how many
PERPLEXITY = 30.0
SLICE = 75  # steps between two looks at the points
START = 1e-4  # standard deviation of the first coordinate
TINY = 1e-12

Floats = NDArray[np.float32]


def perplexity_of(words: int) -> float:
    """About how many neighbours of a word count: 30, or a third of the words where they are few."""
    return max(1.0, min(PERPLEXITY, (words - 1) / 3))


def affinities(unit: NDArray[np.floating], perplexity: float) -> NDArray[np.float64]:
    """(words, words) how much two words are neighbours; all together 1, a word with itself 0.

    unit: (words, width), rows of length 1. Equation 1 of the paper, made symmetric, with a width of
    every word's own so that its distribution has the perplexity.
    """
    exact = unit.astype(np.float64)
    apart = np.maximum(2 - 2 * exact @ exact.T, 0)  # squared distance
    np.fill_diagonal(apart, np.inf)
    nearest = apart.min(axis=1, keepdims=True)
    low, high = np.zeros((len(unit), 1)), np.full((len(unit), 1), np.inf)
    narrow = np.ones((len(unit), 1))
    for _ in range(40):
        weights = np.exp(-(apart - nearest) * narrow)
        shares = weights / weights.sum(axis=1, keepdims=True)
        entropy = -(shares * np.log(np.maximum(shares, TINY))).sum(axis=1, keepdims=True)
        wide = entropy > np.log(perplexity)
        low, high = np.where(wide, narrow, low), np.where(wide, high, narrow)
        narrow = np.where(np.isinf(high), 2 * low, (low + high) / 2)
    both = shares + shares.T
    found: NDArray[np.float64] = both / both.sum()
    return found


def slope(near: Floats, points: Floats) -> tuple[Floats, Floats]:
    """The gradient at some points, (words, 2), and how near they are there: (words, words).

    near: as `affinities`. Equation 5, with the nearness of equation 4.
    """
    across, upwards = (np.subtract.outer(one, one) for one in np.ascontiguousarray(points.T))
    kernel = across * across
    kernel += upwards * upwards
    kernel += 1
    np.reciprocal(kernel, out=kernel)
    np.fill_diagonal(kernel, 0)
    there = kernel / kernel.sum()
    pull = near - there
    pull *= kernel
    across *= pull
    upwards *= pull
    gradient: Floats = 4 * np.stack([across.sum(axis=1), upwards.sum(axis=1)], axis=1)
    return gradient, there


def divergence(near: NDArray[np.floating], points: NDArray[np.floating]) -> float:
    """What the points get wrong: the Kullback-Leibler divergence in nats (equation 2)."""
    _, there = slope(near.astype(np.float32), points.astype(np.float32))
    inside = near > 0
    ratio = near[inside] / np.maximum(there[inside], TINY)
    return float((near[inside] * np.log(ratio)).sum())


def tsne(unit: NDArray[np.floating]) -> NDArray[np.float64]:
    """(words, 2) points; the same words always give the same. unit: as for `affinities`."""
    *_, (_, points) = slices(unit)
    return points


def slices(unit: NDArray[np.floating]) -> Iterator[tuple[float, NDArray[np.float64]]]:
    """The same in `EARLY + LATE` steps: the share that is done, and the points there."""
    near = affinities(unit, perplexity_of(len(unit))).astype(np.float32)
    nearer = near * np.float32(EXAGGERATION)
    points = _beginning(unit)
    rate = np.float32(max(len(unit) / EXAGGERATION / 4, 50.0))
    step, gains = np.zeros_like(points), np.ones_like(points)
    for i in range(EARLY + LATE):
        early = i < EARLY
        gradient, _ = slope(nearer if early else near, points)
        against = gradient * step < 0  # still the same way
        gains = np.maximum(
            np.where(against, gains + np.float32(0.2), gains * np.float32(0.8)), 0.01
        )
        step = np.float32(0.5 if early else 0.8) * step - rate * gains * gradient
        points = points + step
        if (i + 1) % SLICE == 0:
            yield (i + 1) / (EARLY + LATE), points.astype(np.float64)


def _beginning(unit: NDArray[np.floating]) -> Floats:
    """The two principal components, shrunk."""
    centred = unit.astype(np.float64) - unit.mean(axis=0)
    left, lengths, _ = np.linalg.svd(centred, full_matrices=False)
    points = np.zeros((len(unit), 2))
    found = left[:, :2] * lengths[:2]
    points[:, : found.shape[1]] = found
    spread = float(points[:, 0].std())
    if spread < TINY:  # all the same: any beginning will do
        points = np.random.default_rng(0).normal(size=points.shape)
        spread = 1.0
    return (points / spread * START).astype(np.float32)
