"""How far a prediction moves, against numbers worked out by hand and another library."""

from __future__ import annotations

import json

import numpy as np
import pytest
from scipy import stats

from analysis.ablation import cost, is_lower_bound, moved_bits, movers


def test_moved_bits_by_hand() -> None:
    before = np.array([0.5, 0.25, 0.25, 0.0])
    after = np.array([[0.25, 0.5, 0.25, 0.0], [0.5, 0.25, 0.25, 0.0], [0.25, 0.25, 0.25, 0.25]])
    # 0.5 log2 2 + 0.25 log2 (1/2); nothing; 0.5 log2 2
    assert moved_bits(before, after) == pytest.approx([0.25, 0.0, 0.5])


def test_moved_bits_equal_another_library_and_are_never_below_0() -> None:
    before, *after = np.random.default_rng(1).dirichlet(np.ones(50), size=9)
    expected = [stats.entropy(before, one, base=2) for one in after]
    assert moved_bits(before, np.array(after)) == pytest.approx(expected)
    nearly = before * (1 + 1e-16)
    assert (moved_bits(before, np.array([nearly, before])) >= 0).all()


def test_an_impossible_token_gives_the_least_that_is_sure_and_says_so() -> None:
    before = np.array([0.5, 0.5, 0.0])
    after = np.array([[1.0, 0.0, 0.0], [0.5, 0.25, 0.25], [1 - 2.0**-1060, 2.0**-1060, 0.0]])
    # 0.5 log2 (0.5 / 1) + 0.5 log2 (0.5 / 2^-1074); 0.5 log2 2; the first with 2^-1060
    assert moved_bits(before, after) == pytest.approx([536.0, 0.5, 529.0])
    assert is_lower_bound(before, after).tolist() == [True, False, False]
    json.dumps(moved_bits(before, after).tolist(), allow_nan=False)


def test_the_cost_is_a_mean_over_tokens_and_may_be_a_gain() -> None:
    bits = np.array([1.0, 3.0])
    without = np.array([[[2.0, 4.0], [1.0, 2.0]]])
    assert cost(bits, without).tolist() == [[1.0, -0.5]]
    assert cost(np.zeros(0), np.zeros((2, 3, 0))).tolist() == [[0.0] * 3] * 2


def test_movers_lead_on_either_side() -> None:
    before = np.array([0.4, 0.3, 0.2, 0.05, 0.05])
    after = np.array([0.1, 0.3, 0.1, 0.45, 0.05])
    assert movers(before, after, 3).tolist() == [3, 0, 1]
    assert movers(before, before, 5).tolist() == [0, 1, 2, 3, 4]
