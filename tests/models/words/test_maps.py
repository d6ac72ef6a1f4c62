"""Maps come back as they were saved, and damaged ones are named."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from models import files
from models.words import maps
from models.words.maps import Map, Maps

POINTS = np.array([[1.0, 0.0], [-0.5, 0.25], [-0.5, -0.25]], dtype=np.float32)
KEPT = np.array([0.3, 1.0, 0.0], dtype=np.float32)
SOLID = np.hstack([POINTS, POINTS[:, :1]])


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    drawn = (
        Map("pca", 0, POINTS, KEPT),
        Map("t-sne", 2, SOLID, KEPT),
        Map("umap", 1, POINTS, KEPT),
    )
    typical = np.array([[7, 9], [40_000, 7]])
    maps.save(
        tmp_path, "glove", Maps(np.array([7, 9, 40_000]), drawn, np.array([0, 0, 1]), typical)
    )
    return tmp_path


def test_maps_come_back(folder: Path) -> None:
    loaded = maps.load(folder, "glove")
    assert loaded.rows.tolist() == [7, 9, 40_000] and loaded.groups.tolist() == [0, 0, 1]
    assert loaded.typical.tolist() == [[7, 9], [40_000, 7]]
    kinds = {(one.method, one.dimensions, one.seed) for one in loaded.maps}
    assert kinds == {("pca", 2, 0), ("t-sne", 3, 2), ("umap", 2, 1)}
    solid = loaded.one("t-sne", 3, 2)
    assert solid.points == pytest.approx(SOLID) and solid.kept == pytest.approx(KEPT)


def test_a_map_that_was_not_drawn_is_named(folder: Path) -> None:
    with pytest.raises(ValueError, match="no umap map in 3 dimensions with seed 1"):
        maps.load(folder, "glove").one("umap", 3, 1)


@pytest.mark.parametrize(
    ("key", "wrong", "said"),
    [
        ("umap 2d 1", np.full((3, 2), np.nan, dtype=np.float16), "not finite"),
        ("umap 2d 1", POINTS[:2].astype(np.float16), "one point a word"),
        ("umap 2d 1 kept", np.zeros(2, dtype=np.uint8), "one point a word"),
        ("groups", np.zeros(2, dtype=np.uint8), "3 words"),
        ("groups", np.array([0, 0, 2], dtype=np.uint8), "group 2 of 2"),
        ("umap 2d one", POINTS.astype(np.float16), "umap 2d one"),
    ],
)
def test_damaged_maps_are_refused(folder: Path, key: str, wrong: np.ndarray, said: str) -> None:
    files.save(folder, "glove-maps", files.load(folder, "glove-maps") | {key: wrong})
    with pytest.raises(ValueError, match=f"maps of glove in {folder.name} are damaged: .*{said}"):
        maps.load(folder, "glove")


def test_missing_maps_are_named(folder: Path) -> None:
    with pytest.raises(ValueError, match=r"cbow-maps\.safetensors is missing"):
        maps.load(folder, "cbow")
