"""Guesses and bits: Shannon's bounds by hand, and by what they bound."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis.texts.guessing import GIVEN_UP, bits, bounds, ranks, replayed

RANKS = st.lists(st.integers(1, 28), min_size=1, max_size=60)


def test_a_case_by_hand() -> None:
    # half at once, a quarter each at the second and third guess: q = 1/2, 1/4, 1/4
    lower, upper = bounds([1, 1, 2, 3])
    assert upper == pytest.approx(1.5)
    assert lower == pytest.approx(3 * 0.25 * math.log2(3))  # and 1 (1/2 - 1/4) log2 1 = 0


def test_what_is_given_up_is_named_among_all() -> None:
    assert replayed([5, GIVEN_UP, 2, GIVEN_UP], [6, 2, 9]) == [0, 1, 0]
    # a quarter at once, a quarter at the second guess, half given up and named among 8
    lower, upper = bounds([0, 1, 2, 0], vocabulary=8)
    assert upper == pytest.approx(1.5 + 3 / 2)
    assert lower == bounds([1, 1, 2, 3]).lower


def test_who_is_always_right_needs_no_bits_and_who_knows_nothing_all_of_them() -> None:
    assert bounds([1] * 9) == (0.0, 0.0)
    assert bounds([]) == (0.0, 0.0)
    evenly = bounds(list(range(1, 28)))
    assert evenly.lower == pytest.approx(evenly.upper) == pytest.approx(math.log2(27))


@given(RANKS)
def test_the_bounds_are_in_order_and_equal_a_slow_sum(found: list[int]) -> None:
    lower, upper = bounds(found)
    counted = sorted((found.count(i) / len(found) for i in set(found)), reverse=True)
    slow = -sum(q * math.log2(q) for q in counted)
    falls = [q - following for q, following in zip(counted, [*counted[1:], 0.0], strict=True)]
    assert upper == pytest.approx(slow, abs=1e-12)
    assert lower == pytest.approx(
        sum(i * fall * math.log2(i) for i, fall in enumerate(falls, 1)), abs=1e-12
    )
    assert -1e-12 <= lower <= upper + 1e-9


def test_the_entropy_of_an_ideal_guesser_lies_between_its_bounds() -> None:
    rng = np.random.default_rng(3)
    sources = rng.dirichlet(np.full(6, 0.5), size=4)  # what comes next, after each of four states
    entropy = float(-(sources * np.log2(sources)).sum(axis=1).mean())
    found = []
    for _ in range(20_000):
        source = sources[rng.integers(4)]
        came = rng.choice(6, p=source)
        found.append(int((source > source[came]).sum()) + 1)
    lower, upper = bounds(found)
    assert lower < entropy < upper


def test_guesses_are_replayed_letter_by_letter() -> None:
    assert replayed([5, 6, 6, 1, 2, 2, 9], [6, 2]) == [2, 3]
    assert replayed([6, 6, 6, 2], [6, 2]) == [1, 2]  # the same wrong guess twice is one
    assert replayed([1, 2], [6, 2]) == [] and replayed([], [1]) == []


def test_ranks_and_bits_are_of_the_symbol_that_came() -> None:
    chances = np.array([[0.5, 0.25, 0.25], [0.125, 0.125, 0.75]])
    assert ranks(chances, [2, 1]) == [3, 3]  # of equal ones the earlier first
    assert bits(chances, [2, 1]).tolist() == [2.0, 3.0]
