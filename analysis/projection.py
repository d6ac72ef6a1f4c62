"""A flat map of a few words, and how far it can be trusted.

Distances on such a map mislead (truth: R9), so the map comes with numbers that compare its
neighbourhoods to those in the full space.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

MOST_NEIGHBOURS = 5


@dataclass(frozen=True)
class Projection:
    """Words in a plane. The qualities are None where there is nothing to compare."""

    points: NDArray[np.float64]
    """(words, 2), first along the direction in which the words differ most."""
    variance_shown: float | None
    """Share of the words' variance that the plane holds, 0 to 1; None if they all coincide."""
    neighbours: int
    """How many nearest words of each word the two qualities below look at."""
    overlap: float | None
    """Share of the nearest words in the full space that are nearest on the map too, 0 to 1."""
    trustworthiness: float | None
    """1 where words near each other on the map are near in the full space; lower, the further
    from it the intruders are. Venna & Kaski 2001; scikit-learn uses the same formula."""
    kept: tuple[float, ...] = ()
    """Of every word, the share of its way from the mean of all, squared, that the plane holds, 0 to
    1; their mean weighted by the whole of that is `variance_shown`. Empty if they all coincide."""


def project(vectors: NDArray[np.floating]) -> Projection:
    """Principal components of (words, width) vectors: the plane that holds most variance.

    For fewer than three different words a neighbourhood means nothing, and the qualities are None.
    """
    exact = vectors.astype(np.float64)
    centred = exact - exact.sum(axis=0) / max(1, len(exact))
    total = float((centred**2).sum())
    if total < 1e-12:  # only rounding tells the words apart
        return Projection(np.zeros((len(exact), 2)), None, 0, None, None)
    points = _plane(centred)
    shown = min(1.0, float((points**2).sum()) / total)
    whole = np.maximum((centred**2).sum(axis=1), 1e-24)  # a word at the mean has no way
    kept = tuple(np.minimum(1.0, (points**2).sum(axis=1) / whole).tolist())
    near = min(MOST_NEIGHBOURS, (len(vectors) - 1) // 2)
    if near == 0:
        return Projection(points, shown, 0, None, None, kept)
    full, flat = _neighbour_order(centred), _neighbour_order(points)
    overlap, trusted = _overlap(full, flat, near), _trustworthiness(full, flat, near)
    return Projection(points, shown, near, overlap, trusted, kept)


def principal_plane(vectors: NDArray[np.floating]) -> NDArray[np.float64]:
    """(words, 2) the same points without the numbers about them, which many words make slow."""
    exact = vectors.astype(np.float64)
    return _plane(exact - exact.mean(axis=0))


def _plane(centred: NDArray[np.float64]) -> NDArray[np.float64]:
    """Coordinates on the first two principal axes, (words, 2)."""
    _, _, axes = np.linalg.svd(centred, full_matrices=False)
    plane = axes[:2]
    # An axis has no direction of its own: turn it so that its largest entry is positive.
    largest = np.take_along_axis(plane, np.abs(plane).argmax(axis=1)[:, None], axis=1)
    points = centred @ (plane * np.where(largest < 0, -1.0, 1.0)).T
    return np.pad(points, ((0, 0), (0, 2 - len(plane))))  # vectors of width 1 lie on a line


def _neighbour_order(points: NDArray[np.float64]) -> NDArray[np.int64]:
    """(words, words - 1): for every word the others, nearest first."""
    distances = np.linalg.norm(points[:, None] - points[None], axis=2)
    np.fill_diagonal(distances, -1.0)  # itself first, also among words at the same place
    order: NDArray[np.int64] = distances.argsort(axis=1, kind="stable")[:, 1:]
    return order


def _overlap(full: NDArray[np.int64], flat: NDArray[np.int64], near: int) -> float:
    pairs = zip(full[:, :near], flat[:, :near], strict=True)
    return float(np.mean([len(np.intersect1d(a, b)) / near for a, b in pairs]))


def _trustworthiness(full: NDArray[np.int64], flat: NDArray[np.int64], near: int) -> float:
    words = len(full)
    ranks = np.zeros((words, words), dtype=np.int64)  # of every word among another's neighbours
    np.put_along_axis(ranks, full, np.arange(1, words)[None], axis=1)
    too_far = np.take_along_axis(ranks, flat[:, :near], axis=1) - near
    worst = words * near * (2 * words - 3 * near - 1) / 2
    return float(1 - np.maximum(too_far, 0).sum() / worst)


def ranks_from(points: NDArray[np.floating], centre: NDArray[np.floating]) -> NDArray[np.int64]:
    """(points,) how many points are at least as near to `centre`: 1 for the nearest.

    Points at one distance share the worst of their ranks.
    """
    apart = ((points.astype(np.float64) - centre) ** 2).sum(axis=1)
    counted: NDArray[np.int64] = np.searchsorted(np.sort(apart), apart, side="right")
    return counted
