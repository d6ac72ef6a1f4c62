"""What own words cost: paired differences, with an error over places."""

from __future__ import annotations

import numpy as np
import pytest

from analysis.forcing import excess


def test_the_difference_is_paired_and_its_error_is_over_places() -> None:
    dice = np.random.default_rng(2)
    forced, bits = dice.uniform(0, 9, (5, 3)), dice.uniform(0, 9, (5, 4, 3))
    rise, error = excess(bits, forced)
    by_place = np.array(
        [[np.mean(bits[p, :, c] - forced[p, c]) for c in range(3)] for p in range(5)]
    )
    np.testing.assert_allclose(rise, by_place.mean(0))
    np.testing.assert_allclose(error, by_place.std(0, ddof=1) / np.sqrt(5))


def test_the_same_words_cost_nothing_more_and_one_place_has_no_error() -> None:
    forced = np.array([[1.0, 2.0]])
    rise, error = excess(forced[:, None].repeat(3, axis=1), forced)
    assert rise.tolist() == [0.0, 0.0] and np.isnan(error).all()
    assert excess(forced[:, None] + 1, forced)[0] == pytest.approx([1.0, 1.0])
