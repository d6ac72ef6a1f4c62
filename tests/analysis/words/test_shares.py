"""Shares in a mean, worked out by hand."""

from __future__ import annotations

import numpy as np
import pytest

from analysis.words.shares import shares


def test_shares_are_lengths_along_the_mean_and_sum_to_one() -> None:
    vectors = np.array([[3.0, 0.0], [1.0, 4.0], [0.0, -4.0], [9.0, 9.0]])
    kept = np.array([True, True, True, False])
    # the sum is (4, 0): along it the first is 3, the second 1, the third stands across
    assert shares(vectors, kept) == pytest.approx([0.75, 0.25, 0.0, 0.0])


def test_one_against_the_mean_has_a_negative_share() -> None:
    found = shares(np.array([[2.0], [-1.0]]), np.array([True, True]))
    assert found == pytest.approx([2.0, -1.0])


def test_vectors_that_cancel_have_no_shares() -> None:
    assert not shares(np.array([[2.0], [-2.0]]), np.array([True, True])).any()
