"""Rollout by hand, rank correlations against scipy."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import rankdata, spearmanr

from analysis.attention.explanation import agreement, ranks, rollout


def test_r37_rollout_of_two_layers_worked_out_by_hand() -> None:
    first = [[1, 0, 0], [0.5, 0.5, 0], [0.2, 0.2, 0.6]]
    second = [[1, 0, 0], [0.4, 0.6, 0], [0, 1, 0]]
    # halved with I: rows of the first 1,0,0 / .25,.75,0 / .1,.1,.8; last row of the second 0,.5,.5
    expected = [0.5 * 0.25 + 0.5 * 0.1, 0.5 * 0.75 + 0.5 * 0.1, 0.5 * 0.8]
    assert rollout(np.array([first, second])) == pytest.approx(expected)


def test_r37_rows_that_lack_the_share_of_a_sink_are_normalised() -> None:
    assert rollout(np.array([[[0.5, 0], [0.25, 0.25]]])) == pytest.approx([1 / 6, 5 / 6])


def test_r37_the_order_of_the_layers_counts_and_the_sum_is_1() -> None:
    dice = np.random.default_rng(2)
    layers = np.tril(dice.random((4, 6, 6)))
    layers /= layers.sum(axis=2, keepdims=True)
    found = rollout(layers)
    assert found.sum() == pytest.approx(1)
    assert np.abs(found - rollout(layers[::-1])).max() > 0.01


def test_equal_values_share_the_mean_of_their_ranks() -> None:
    values = np.array([3.0, 1, 3, 2, 1, 1])
    np.testing.assert_array_equal(ranks(values), rankdata(values))


@pytest.mark.parametrize("seed", range(5))
def test_r11_rank_correlations_are_those_of_scipy(seed: int) -> None:
    dice = np.random.default_rng(seed)
    rows = np.round(dice.normal(size=(4, 12)), 1 if seed % 2 else 6)  # with ties and without
    expected = spearmanr(rows, axis=1).statistic
    np.testing.assert_allclose(agreement(rows), expected, atol=1e-12)


def test_a_constant_row_agrees_with_nothing() -> None:
    found = agreement(np.array([[1.0, 2, 3], [5, 5, 5]]))
    assert found[0, 0] == pytest.approx(1)
    assert np.isnan(found[0, 1]) and np.isnan(found[1, 1])
