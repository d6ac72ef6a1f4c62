"""How near the points of a map are to one of them."""

from __future__ import annotations

import numpy as np

from analysis import projection


def test_ranks_count_the_points_that_are_nearer() -> None:
    points = np.array([[3.0, 0.0], [1.0, 0.0], [0.0, 2.0], [-1.0, 0.0]])
    assert projection.ranks_from(points, np.zeros(2)).tolist() == [4, 2, 3, 2]
    random = np.random.default_rng(5).normal(size=(50, 3))
    centre = random[7] + 0.1
    slow = [
        sum(np.linalg.norm(other - centre) <= np.linalg.norm(one - centre) for other in random)
        for one in random
    ]
    assert projection.ranks_from(random, centre).tolist() == slow
