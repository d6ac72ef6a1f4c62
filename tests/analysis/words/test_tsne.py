"""t-SNE against scikit-learn: neighbourhoods, gradient, and how good the map becomes."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.spatial.distance import squareform
from sklearn.manifold import TSNE
from sklearn.manifold._t_sne import _joint_probabilities, _kl_divergence

from analysis.words.tsne import affinities, divergence, perplexity_of, slices, slope, tsne
from models.words.vectors import unit_rows


def words(count: int, groups: int = 6) -> np.ndarray:
    """Rows of length 1 in some groups."""
    random = np.random.default_rng(4)
    middles = random.normal(size=(groups, 20))
    numbers = middles[np.arange(count) % groups] + 0.7 * random.normal(size=(count, 20))
    return unit_rows(numbers.astype(np.float32))


def test_affinities_are_those_of_scikit_learn() -> None:
    unit = words(80)
    apart = 2 - 2 * unit.astype(np.float64) @ unit.T.astype(np.float64)
    np.fill_diagonal(apart, 0)
    expected = squareform(_joint_probabilities(apart.astype(np.float32), 20.0, 0))
    assert affinities(unit, 20.0) == pytest.approx(expected, abs=1e-6)
    assert affinities(unit, 20.0).sum() == pytest.approx(1.0)


def test_gradient_and_divergence_are_those_of_scikit_learn() -> None:
    near = affinities(words(40), 10.0)
    points = np.random.default_rng(1).normal(size=(40, 2)).astype(np.float32)
    error, gradient = _kl_divergence(points.ravel(), squareform(near, checks=False), 1.0, 40, 2)
    ours, there = slope(near.astype(np.float32), points)
    assert ours.ravel() == pytest.approx(gradient, abs=1e-5)
    assert there.sum() == pytest.approx(1.0, abs=1e-5)
    assert divergence(near, points) == pytest.approx(error, rel=1e-4)


def test_the_map_is_about_as_good_as_that_of_scikit_learn() -> None:
    unit = words(120)
    perplexity = perplexity_of(120)
    near = affinities(unit, perplexity)
    theirs = TSNE(perplexity=perplexity, init="pca", method="exact", random_state=1)
    theirs.fit(unit)
    assert divergence(near, tsne(unit)) < theirs.kl_divergence_ * 1.1 + 0.01


@pytest.mark.parametrize("count", [2, 3, 4, 7])
def test_a_few_words_have_a_map_too(count: int) -> None:
    points = tsne(words(count))
    assert points.shape == (count, 2) and np.isfinite(points).all()
    assert (tsne(words(count)) == points).all()


def test_equal_words_have_points() -> None:
    assert np.isfinite(tsne(np.tile(words(1), (5, 1)))).all()


def test_slices_end_where_the_whole_does() -> None:
    found = list(slices(words(20)))
    assert [share for share, _ in found] == pytest.approx([i / 10 for i in range(1, 11)])
    assert (found[-1][1] == tsne(words(20))).all()
    assert not (found[-2][1] == found[-1][1]).all()
