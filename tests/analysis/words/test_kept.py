"""Neighbours kept, against scikit-learn's neighbours and sets."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.neighbors import NearestNeighbors

from analysis.words.kept import kept, nearest
from models.words.vectors import unit_rows


def test_shares_are_those_of_two_lists_of_scikit_learn() -> None:
    random = np.random.default_rng(3)
    unit = unit_rows(random.normal(size=(40, 8)).astype(np.float32))
    points = random.normal(size=(40, 2))
    near = [NearestNeighbors(n_neighbors=5).fit(one).kneighbors(return_distance=False)
            for one in (unit, points)]  # fmt: skip
    assert (nearest(unit, 5) == near[0]).all()
    expected = [len({*a} & {*b}) / 5 for a, b in zip(*near, strict=True)]
    assert kept(nearest(unit, 5), points) == pytest.approx(expected)
