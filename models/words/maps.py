"""Maps of the commonest content words, drawn once, with how far each point can be trusted.

Distances on a map mislead, those of t-SNE and UMAP more than others; so every point carries the
share of its true neighbours that are its neighbours on the map too.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from models import files

NEIGHBOURS = 10
"""The nearest words, by cosine in the full space, that are looked for on the map."""
METHODS = ("pca", "t-sne", "umap")
NAMES = ("skip-gram-1", "glove", "fasttext")
"""The models of the folder whose words are drawn."""


@dataclass(frozen=True)
class Map:
    """Every word of a model as a point."""

    method: str
    """One of `METHODS`."""
    seed: int
    """0 for PCA, which has none."""
    points: NDArray[np.float32]
    """(words, 2 or 3), the mean at 0 and the largest number 1 or -1."""
    kept: NDArray[np.float32]
    """(words,) share, 0 to 1, of the `NEIGHBOURS` nearest words that are nearest here too."""

    @property
    def dimensions(self) -> int:
        """2 or 3."""
        return int(self.points.shape[1])


@dataclass(frozen=True)
class Maps:
    """All maps of one model, over the same words, and groups of these words."""

    rows: NDArray[np.int64]
    """(words,) of the vocabulary, commonest first."""
    maps: tuple[Map, ...]
    groups: NDArray[np.int64]
    """(words,) the group of each by k-means in the full space, from 0."""
    typical: NDArray[np.int64]
    """(groups, typical words) rows of the vocabulary, nearest to the group's centre first."""

    def one(self, method: str, dimensions: int, seed: int) -> Map:
        """A map of `maps`. Raises ValueError where it was not drawn."""
        for drawn in self.maps:
            if (drawn.method, drawn.dimensions, drawn.seed) == (method, dimensions, seed):
                return drawn
        raise ValueError(f"There is no {method} map in {dimensions} dimensions with seed {seed}.")


def load(folder: Path, name: str) -> Maps:
    """Read the maps of one of `NAMES`. Raises ValueError that names the damaged file."""
    arrays = files.load(folder, f"{name}-maps")
    try:
        rows, groups, typical = (
            arrays[key].astype(np.int64) for key in ("rows", "groups", "typical")
        )
        keys = [key for key in arrays if key.startswith(METHODS) and not key.endswith(" kept")]
        maps = tuple(_map(key, arrays) for key in sorted(keys))
        if any(len(one.points) != len(rows) for one in maps) or len(groups) != len(rows):
            raise ValueError(f"they hold {len(rows)} words, but not every array does.")
        if len(groups) and groups.max() >= len(typical):
            raise ValueError(f"a word is in group {groups.max()} of {len(typical)}.")
    except (KeyError, TypeError, ValueError) as error:
        raise ValueError(f"The maps of {name} in {folder.name} are damaged: {error}") from error
    return Maps(rows, maps, groups, typical)


def _map(key: str, arrays: files.Arrays) -> Map:
    method, _, seed = key.split(" ")
    kept = arrays[f"{key} kept"].astype(np.float32) / np.float32(NEIGHBOURS)
    points = files.weights(key, arrays[key])
    if points.ndim != 2 or kept.shape != points.shape[:1]:
        raise ValueError(f"{key} does not hold one point a word.")
    return Map(method, int(seed), points, kept)


def save(folder: Path, name: str, maps: Maps) -> None:
    """Write the maps of a model, points in 16 bit."""
    arrays: files.Arrays = {
        "rows": maps.rows.astype(np.uint16),
        "groups": maps.groups.astype(np.uint8),
        "typical": maps.typical.astype(np.uint16),
    }
    for one in maps.maps:
        key = f"{one.method} {one.dimensions}d {one.seed}"
        arrays[key] = one.points.astype(np.float16)
        arrays[f"{key} kept"] = np.rint(one.kept * NEIGHBOURS).astype(np.uint8)
    files.save(folder, f"{name}-maps", arrays)
