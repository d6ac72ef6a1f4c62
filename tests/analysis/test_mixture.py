"""What orders add, against the recursion written out."""

from __future__ import annotations

import numpy as np
import pytest

from analysis.mixture import contributions


def test_the_parts_sum_to_the_recursion_of_the_interpolation() -> None:
    generator = np.random.default_rng(2)
    left = generator.random(4)
    kept = generator.dirichlet(np.ones(6), 4) * (1 - left)[:, None]
    parts = contributions(kept, left)
    below = np.full(6, 1 / 6)
    for own, share in zip(kept, left, strict=True):
        below = own + share * below
    assert parts.sum(axis=0) == pytest.approx(below)
    assert parts.sum() == pytest.approx(1)
    assert parts[4] == pytest.approx(kept[3]) and parts[0] == pytest.approx(left.prod() / 6)


def test_an_order_that_has_counted_nothing_adds_nothing() -> None:
    parts = contributions(np.array([[0.5, 0.3], [0.0, 0.0]]), np.array([0.2, 1.0]))
    assert parts[2].tolist() == [0, 0] and parts[1] == pytest.approx([0.5, 0.3])
    assert parts[0] == pytest.approx([0.1, 0.1])
