"""Words in a plane of two axes: no label lies on another one where there is room."""

from __future__ import annotations

from itertools import combinations

import numpy as np

from analysis.label_placing import box_of
from components.embeddings.drawing.plane import INSIDE, Side, beside

SIDES = [Side("he", "she", (-0.2, 0.2)), Side("poor", "rich", (-0.2, 0.2))]


def test_labels_are_placed_on_the_scale_that_the_axes_have() -> None:
    words = ["soldier", "lawyer", "farmer", "captain", "king", "sailor", "maid"]
    points = np.array([
        [-0.27, -0.05], [-0.26, -0.04], [-0.23, -0.06], [-0.22, 0.02],
        [-0.17, 0.0], [-0.16, -0.01], [0.4, -0.17],
    ])  # fmt: skip
    sides = beside(points, words, SIDES)
    across, upwards = 2 * 1.25 * 0.4, 2 * 1.25 * 0.2  # as long as the farthest word, or the grey
    x, y = points[:, 0] / across * INSIDE[0], -points[:, 1] / upwards * INSIDE[1]
    boxes = [box_of(*one) for one in zip(words, x, y, sides, strict=True)]
    assert max(a.overlap(b) for a, b in combinations(boxes, 2)) == 0
