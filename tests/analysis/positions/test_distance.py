"""Maps along their diagonals, against loops."""

from __future__ import annotations

import numpy as np
import pytest

from analysis.positions.distance import by_distance, spread


@pytest.mark.parametrize("ahead", [True, False])
def test_curves_are_those_of_a_slow_loop(ahead: bool) -> None:
    scores = np.random.default_rng(3).normal(size=(7, 7))
    scores[5:] = np.nan
    found = by_distance(scores, ahead)
    assert found.distances[0] == (-6 if ahead else 0)
    for back, *numbers in zip(*found, strict=True):
        line = [scores[q, k] for q in range(5) for k in range(7) if q - k == back]
        np.testing.assert_allclose(numbers, [np.mean(line), min(line), max(line)])
    assert found.distances[-1] == 4


def test_where_distance_says_all_nothing_is_spread() -> None:
    scores = -np.abs(np.subtract.outer(np.arange(5.0), np.arange(5.0)))
    assert spread(by_distance(scores, True)) == 0
    assert spread(by_distance(np.zeros((3, 3)), True)) == 0


def test_a_spread_by_hand() -> None:
    """Diagonals of widths 0, 1 and 0 in a map from 0 to 2: a third of a unit of two."""
    assert spread(by_distance(np.array([[0.0, 0], [2, 1]]), True)) == pytest.approx(1 / 6)
