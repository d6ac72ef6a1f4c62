"""Cosines against scikit-learn, and whose nearest is of their own kind against a slow loop."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.metrics.pairwise import cosine_similarity

from analysis.words.likeness import Own, cosines, nearest_own


def test_cosines_are_those_of_scikit_learn() -> None:
    vectors = np.random.default_rng(1).normal(size=(7, 5)).astype(np.float32)
    vectors[3] = 0.0
    assert cosines(vectors) == pytest.approx(cosine_similarity(vectors), abs=1e-6)
    assert not cosines(vectors)[3].any()


@pytest.mark.parametrize("seed", range(5))
def test_the_nearest_is_counted_as_a_loop_counts_it(seed: int) -> None:
    random = np.random.default_rng(seed)
    vectors, groups = random.normal(size=(9, 3)), random.integers(0, 3, 9).tolist()
    found = cosines(vectors)
    near = among = 0
    for i, group in enumerate(groups):
        others = [j for j in range(9) if j != i]
        among += any(groups[j] == group for j in others)
        near += groups[max(others, key=lambda j: found[i, j])] == group
    assert nearest_own(found, groups) == Own(near, among)


def test_equal_points_are_nearest_to_nobody_in_particular() -> None:
    same = np.ones((4, 3), dtype=np.float32)
    assert nearest_own(cosines(same), (0, 0, 1, 1)) == Own(0, 4)
    assert nearest_own(cosines(same), (0, 0, 0, 1)) == Own(0, 3)  # the last has no fellow
