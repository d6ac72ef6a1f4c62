"""Axes from pairs of words, against cases worked out by hand."""

from __future__ import annotations

import math

import numpy as np
import pytest

from analysis.words.axes import axis, middle, outside, parsed_pairs


@pytest.mark.parametrize(
    "text", ["he - she, man - woman", "he she; man woman", "he/she\nman \N{EN DASH} woman\n"]
)
def test_pairs_are_read(text: str) -> None:
    assert parsed_pairs(text) == (("he", "she"), ("man", "woman"))


def test_what_is_no_pair_is_named() -> None:
    assert parsed_pairs(" , ") == ()
    with pytest.raises(ValueError, match="'king' is not two words"):
        parsed_pairs("he - she, king")
    with pytest.raises(ValueError, match="'a b c' is not two words"):
        parsed_pairs("a b c")


def test_an_axis_is_the_mean_of_the_directions_of_its_pairs() -> None:
    x, y, nothing = np.eye(3)[0], np.eye(3)[1], np.zeros(3)
    found = axis([(nothing, 5 * x), (nothing, 0.1 * y)])  # long pairs count no more
    assert found.direction == pytest.approx([math.sqrt(0.5), math.sqrt(0.5), 0])
    assert found.agreement == pytest.approx([math.sqrt(0.5)] * 2)
    assert axis([(x, y)]).agreement == pytest.approx([1.0])


def test_pairs_that_give_no_direction_are_refused() -> None:
    x = np.eye(3)[0]
    with pytest.raises(ValueError, match="are the same"):
        axis([(x, x)])
    with pytest.raises(ValueError, match="against each other"):
        axis([(-x, x), (x, -x)])


def test_what_the_axes_do_not_hold() -> None:
    x, y, z = np.eye(3)
    across, slanted = axis([(0 * x, x)]), axis([(0 * x, x + y)])
    unit = np.array([x, y, z, (x + y + z) / math.sqrt(3)])
    assert outside(unit, [across]) == pytest.approx([0, 1, 1, 2 / 3])
    assert outside(unit, [across, slanted]) == pytest.approx([0, 0, 1, 1 / 3])  # not orthogonal


def test_the_middle_holds_its_share() -> None:
    positions = np.random.default_rng(1).normal(size=10_001)
    low, high = middle(positions)
    assert ((positions >= low) & (positions <= high)).mean() == pytest.approx(0.95, abs=0.001)
    assert (positions < low).mean() == pytest.approx(0.025, abs=0.001)
