"""Ratios by hand, their intervals against scipy's, and what is not known makes them wider."""

from __future__ import annotations

from itertools import product
from math import inf

import pytest
from scipy.stats import binomtest

from analysis.words.ratios import Near, ratio, wilson


def known(times: int, total: int) -> Near:
    return Near(times, times, total)


@pytest.mark.parametrize(("hits", "times"), [(0, 1), (0, 40), (3, 7), (40, 40), (1152, 1153)])
def test_the_interval_is_wilsons(hits: int, times: int) -> None:
    theirs = binomtest(hits, times).proportion_ci(0.95, "wilson")
    assert wilson(hits, times) == pytest.approx((theirs.low, theirs.high), abs=1e-6)


def test_a_ratio_worked_out_by_hand() -> None:
    found = ratio(known(87, 15_740), known(18, 4_237))
    assert found.value == pytest.approx((87 / 15_740) / (18 / 4_237))
    theirs = binomtest(87, 105).proportion_ci(0.95, "wilson")
    scale = 4_237 / 15_740
    assert found.low == pytest.approx(scale * theirs.low / (1 - theirs.low), rel=1e-5)
    assert found.high == pytest.approx(scale * theirs.high / (1 - theirs.high), rel=1e-5)
    assert found.side == 0
    assert known(87, 15_740).share == 87 / 15_740 and Near(0, 1, 9).share is None


def test_turned_round_it_is_its_inverse() -> None:
    one, other = Near(30, 41, 900), known(12, 700)
    there, back = ratio(one, other), ratio(other, one)
    assert there.low == pytest.approx(1 / back.high) and there.high == pytest.approx(1 / back.low)
    assert there.side == 1 == -back.side


def test_nothing_seen_is_nothing_known() -> None:
    assert ratio(known(0, 9), known(0, 9)) == ratio(Near(0, 1, 9), Near(0, 2, 9))
    nothing = ratio(known(0, 9), known(0, 9))
    assert (nothing.value, nothing.low, nothing.high, nothing.side) == (None, 0.0, inf, 0)
    assert ratio(known(3, 9), known(0, 9)).value == inf
    assert ratio(known(0, 9), known(3, 9)).value == 0
    assert ratio(known(0, 9), known(3, 9)).high < inf


def test_what_is_not_known_spans_all_that_it_can_be() -> None:
    one, other = Near(2, 6, 500), Near(0, 3, 300)
    found = ratio(one, other)
    each = [ratio(known(a, 500), known(b, 300)) for a, b in product(range(2, 7), range(4))]
    assert found.value is None
    assert found.low == min(single.low for single in each)
    assert found.high == max(single.high for single in each) == inf
