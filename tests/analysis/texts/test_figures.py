"""Figures of many draws, against scipy and cases worked out by hand."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy import stats

from analysis.texts.figures import beyond, by_chance, chi_square, distinct, repeated


@pytest.mark.parametrize("freedom", [1, 2, 3, 7, 30, 200])
def test_the_tail_is_that_of_scipy(freedom: int) -> None:
    for statistic in (0.01, 0.5, 2.0, freedom / 2, freedom, 1.5 * freedom, 4.0 * freedom + 9):
        found = beyond(statistic, freedom)
        assert found == pytest.approx(stats.chi2.sf(statistic, freedom), rel=1e-9, abs=1e-14)
    assert beyond(0, freedom) == 1.0


def test_r38_cells_are_pooled_until_each_expects_five() -> None:
    shares = np.array([0.02, 0.5, 0.3, 0.06, 0.09, 0.03])
    observed = np.array([4, 45, 33, 5, 11, 2])
    found = chi_square(observed, shares)  # 6, 9, 30 and 50 are expected, and 3 + 2 pooled
    expected = stats.chisquare([45, 33, 11, 5, 6], [50, 30, 9, 6, 5])
    assert found.freedom == 4
    assert found.statistic == pytest.approx(expected.statistic)
    assert found.p == pytest.approx(expected.pvalue)


def test_r38_a_pool_that_expects_too_few_takes_the_next_cell() -> None:
    found = chi_square(np.array([88, 9, 3]), np.array([0.9, 0.08, 0.02]))
    expected = stats.chisquare([88, 12], [90, 10])
    assert (found.freedom, found.p) == (1, pytest.approx(expected.pvalue))


def test_where_all_is_one_cell_nothing_is_tested() -> None:
    assert chi_square(np.array([50]), np.array([1.0])).p == 1.0
    assert chi_square(np.array([3, 1]), np.array([0.9, 0.1])).freedom == 0


@pytest.mark.parametrize("draws", [1, 20, 1_000])
@pytest.mark.parametrize("share", [0.0, 0.001, 0.1, 0.5, 0.999, 1.0])
def test_the_interval_is_the_binomials(draws: int, share: float) -> None:
    least, most = by_chance(draws, share)
    expected = stats.binom.interval(0.95, draws, share)
    assert (least, most) == pytest.approx(expected)
    assert stats.binom.cdf(most, draws, share) - stats.binom.cdf(least - 1, draws, share) >= 0.95


def test_r39_distinct_and_repeated_ngrams_counted_by_hand() -> None:
    texts = [[1, 2, 1, 2], [1, 2, 3]]
    assert distinct(texts, 1) == pytest.approx(3 / 7)
    assert distinct(texts, 2) == pytest.approx(3 / 5)  # 12, 21, 23 of five
    assert repeated(texts, 2) == pytest.approx((1 / 3 + 0) / 2)
    assert distinct([*texts, *texts], 2) == pytest.approx(3 / 10)  # it falls with their number
    assert math.isnan(distinct([[1]], 2)) and math.isnan(repeated([[1]], 2))
