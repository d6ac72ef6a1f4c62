"""Maps: how many neighbours a point keeps, against a slow count, and groups of words."""

from __future__ import annotations

import numpy as np
import pytest

from models.words.maps import NEIGHBOURS
from models.words.vectors import unit_rows
from training.words import maps
from training.words.maps import Recipe


@pytest.fixture(scope="module")
def unit() -> np.ndarray:
    """Three clouds of 25 words each."""
    random = np.random.default_rng(0)
    centres = np.repeat(random.standard_normal((3, 20)), 25, axis=0)
    return unit_rows((centres + 0.3 * random.standard_normal((75, 20))).astype(np.float32))


def slow_kept(unit: np.ndarray, points: np.ndarray) -> list[float]:
    shares = []
    for i in range(len(unit)):
        others = [j for j in range(len(unit)) if j != i]
        true = sorted(others, key=lambda j: -float(unit[i] @ unit[j]))[:NEIGHBOURS]
        near = sorted(others, key=lambda j: float(np.linalg.norm(points[i] - points[j])))
        shares.append(len({*true} & {*near[:NEIGHBOURS]}) / NEIGHBOURS)
    return shares


def test_r9_the_share_of_true_neighbours_is_that_of_a_slow_count(unit: np.ndarray) -> None:
    points = np.random.default_rng(1).standard_normal((75, 2)).astype(np.float32)
    found = maps.kept(maps.nearest(unit), points)
    assert found == pytest.approx(slow_kept(unit, points))
    assert 0 < found.mean() < 0.5
    assert maps.kept(maps.nearest(unit), unit) == pytest.approx(1.0)  # nothing is lost whole


def test_every_method_keeps_more_than_chance_and_fits_the_frame(unit: np.ndarray) -> None:
    """UMAP, which is compiled first, in tests/training/test_tiny.py: once for both."""
    words = [f"word{'a' * n}" for n in range(75)]
    recipe = Recipe(("pca", "t-sne"), 75, seeds=(1, 2), perplexity=8, groups=3, typical=4)
    drawn = maps.draw(unit, words, recipe)
    assert len(drawn.maps) == 2 * (1 + 2)
    for one in drawn.maps:
        assert one.points.shape == (75, one.dimensions) and one.dimensions in (2, 3)
        assert np.abs(one.points).max() == 1.0
        assert one.points.mean(axis=0) == pytest.approx(0.0, abs=1e-3)
        assert one.kept.mean() > 2 * NEIGHBOURS / 75, one.method
        assert one.kept == pytest.approx(slow_kept(unit, one.points), abs=0.11)
    first, again = (drawn.one("t-sne", 2, seed).points for seed in (1, 2))
    assert np.abs(first - again).max() > 0.1
    assert {len({*drawn.groups[i : i + 25]}) for i in (0, 25, 50)} == {1}  # a cloud is a group
    assert [drawn.groups[rows].tolist() for rows in drawn.typical] == [[g] * 4 for g in range(3)]
    with pytest.raises(ValueError, match="no umap map in 4 dimensions with seed 1"):
        drawn.one("umap", 4, 1)


def test_content_words_are_the_commonest_that_say_something() -> None:
    words = ["the", "of", "said", "don't", "king", "was", "ox", "queen", "cat"]
    assert maps.content_words(words, 3).tolist() == [2, 4, 7]


def test_a_typical_word_is_nearest_to_the_centre_of_its_group(unit: np.ndarray) -> None:
    groups, typical = maps.grouped(unit, Recipe(groups=3, typical=2))
    for group in range(3):
        own = np.flatnonzero(groups == group)
        away = np.linalg.norm(unit[own] - unit[own].mean(axis=0), axis=1)
        assert typical[group].tolist() == own[away.argsort()[:2]].tolist()
