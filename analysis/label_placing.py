"""Where the labels of a point map go, so that they cover each other, points and arrows least.

Greedy: labels are placed in order, each on the side of its point where it covers least of what is
there already; then each again, given where all the others stand. Exact placing is NP-hard (Formann
& Wagner 1991); for the dozen words of a map the greedy one leaves hardly anything to improve.
"""

from __future__ import annotations

import math
import unicodedata
from collections.abc import Sequence
from typing import Literal, NamedTuple, get_args

import numpy as np
from numpy.typing import NDArray

Side = Literal[
    "top center", "bottom center", "middle right", "middle left",
    "top right", "top left", "bottom right", "bottom left",
]  # fmt: skip
"""Of its point, in the words of plotly's `textposition`; the first of equals is taken."""
STEPS = {"left": -1, "center": 0, "right": 1, "top": -1, "middle": 0, "bottom": 1}
LETTER, LINE = 9.0, 20.0
"""Pixels that a letter and a line take, at 16 px."""
RADIUS, GAP = 7.0, 8.0
"""Pixels of a point, and from its middle to its label."""
THICK = 12.0
"""Pixels that an arrow takes, so that it is kept clear of a label on both sides."""


class Box(NamedTuple):
    """A rectangle in pixels; y grows downwards."""

    left: float
    top: float
    right: float
    bottom: float

    def overlap(self, other: Box) -> float:
        """Area that two boxes share, in square pixels."""
        wide = min(self.right, other.right) - max(self.left, other.left)
        high = min(self.bottom, other.bottom) - max(self.top, other.top)
        return max(0.0, wide) * max(0.0, high)

    def length_inside(self, start: tuple[float, float], end: tuple[float, float]) -> float:
        """How much of a straight line lies in the box, in pixels (Liang & Barsky 1984)."""
        first, last = 0.0, 1.0
        for low, high, a, b in zip(self[:2], self[2:], start, end, strict=True):
            if a == b:
                if not low <= a <= high:
                    return 0.0
                continue
            near, far = sorted(((low - a) / (b - a), (high - a) / (b - a)))
            first, last = max(first, near), min(last, far)
        return max(0.0, last - first) * math.dist(start, end)


def place_labels(
    points: NDArray[np.float64],
    labels: Sequence[str],
    size: tuple[float, float],
    arrows: Sequence[tuple[int, int]] = (),
) -> list[Side]:
    """The side of every label.

    points: (labels, 2) with y upwards, as on the map. size: width and height in pixels of the
    rectangle that the points fill; both axes have the same scale. arrows: pairs of points that a
    line joins.
    """
    pixels = to_pixels(points, size)
    marks = [Box(x - RADIUS, y - RADIUS, x + RADIUS, y + RADIUS) for x, y in pixels]
    lines = [(pixels[one], pixels[other]) for one, other in arrows]
    taken: dict[int, tuple[Side, Box]] = {}
    for i, label in (*enumerate(labels), *enumerate(labels)):
        boxes = {side: box_of(label, *pixels[i], side) for side in get_args(Side)}
        others = [*marks, *(box for j, (_, box) in taken.items() if j != i)]

        def cost(side: Side, boxes: dict[Side, Box] = boxes, others: list[Box] = others) -> float:
            crossed = sum(boxes[side].length_inside(*line) for line in lines)
            return sum(map(boxes[side].overlap, others)) + THICK * crossed

        best = min(boxes, key=cost)
        taken[i] = best, boxes[best]
    return [taken[i][0] for i in range(len(labels))]


def to_pixels(points: NDArray[np.float64], size: tuple[float, float]) -> list[tuple[float, float]]:
    """Points scaled into a rectangle of this size, y downwards."""
    low = points.min(axis=0, initial=np.inf)
    extent = points.max(axis=0, initial=-np.inf) - low
    fits = [side / length for side, length in zip(size, extent, strict=True) if length > 0]
    scaled = (points - low) * (min(fits) if fits else 1.0)
    return [(float(x), float(-y)) for x, y in scaled]


def box_of(label: str, x: float, y: float, side: Side) -> Box:
    """The rectangle that a label takes on one side of a point."""
    vertical, horizontal = side.split()
    wide = LETTER * columns(label) / 2
    middle_x = x + STEPS[horizontal] * (wide + GAP)
    middle_y = y + STEPS[vertical] * (LINE / 2 + GAP)
    return Box(middle_x - wide, middle_y - LINE / 2, middle_x + wide, middle_y + LINE / 2)


def columns(label: str) -> int:
    """How many letters wide a label is: East Asian wide characters count twice, marks nothing."""
    return sum(
        0 if unicodedata.combining(c) else 2 if unicodedata.east_asian_width(c) in "WF" else 1
        for c in label
    )
