"""Maps without their first token, and weighted by length, by hand."""

from __future__ import annotations

import numpy as np

from analysis.attention.sinks import by_length, without_first

WEIGHTS = np.array([[1, 0, 0], [0.8, 0.2, 0], [0.5, 0.2, 0.3]])


def test_without_the_first_token_the_rest_of_a_row_sums_to_1() -> None:
    expected = [[0, 0, 0], [0, 1, 0], [0, 0.4, 0.6]]
    np.testing.assert_allclose(without_first(WEIGHTS), expected)
    assert WEIGHTS[1, 0] == 0.8  # what was given stays


def test_a_short_value_counts_for_little() -> None:
    found = by_length(WEIGHTS, np.array([0.1, 2, 1]))
    np.testing.assert_allclose(found[1], [0.08 / 0.48, 0.4 / 0.48, 0])
    np.testing.assert_allclose(found[2], np.array([0.05, 0.4, 0.3]) / 0.75)


def test_equal_lengths_change_nothing() -> None:
    maps = np.stack([WEIGHTS, WEIGHTS])
    np.testing.assert_allclose(by_length(maps, np.full((2, 3), 7.0)), maps)
    assert not by_length(maps, np.zeros((2, 3))).any()
