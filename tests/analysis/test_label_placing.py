"""Labels on a map stay clear of each other and of the points, where there is room."""

from __future__ import annotations

from itertools import combinations, product
from typing import get_args

import numpy as np
import pytest

from analysis.label_placing import RADIUS, Box, Side, box_of, columns, place_labels, to_pixels

SIZE = (300.0, 250.0)


def covered(points: np.ndarray, labels: list[str], sides: list[Side]) -> float:
    """Square pixels that labels share with each other and with points, by brute force."""
    pixels = to_pixels(points, SIZE)
    boxes = [
        box_of(word, *point, side) for word, point, side in zip(labels, pixels, sides, strict=True)
    ]
    marks = [Box(x - RADIUS, y - RADIUS, x + RADIUS, y + RADIUS) for x, y in pixels]
    return sum(one.overlap(other) for one, other in combinations(boxes, 2)) + sum(
        label.overlap(mark) for label, mark in product(boxes, marks)
    )


def test_labels_of_points_in_a_row_do_not_overlap() -> None:
    points = np.array([[0.0, 0.0], [0.2, 0.0], [0.4, 0.0], [1.0, 0.6]])
    labels = ["kingdom", "monarchy", "sovereign", "a"]
    assert covered(points, labels, ["top center"] * 4) > 0
    assert covered(points, labels, place_labels(points, labels, SIZE)) == 0


@pytest.mark.parametrize("seed", range(6))
def test_it_is_near_the_best_of_all_placings(seed: int) -> None:
    points = np.random.default_rng(seed).normal(size=(3, 2))
    labels = ["whispered", "king", "forest"]
    best = min(covered(points, labels, list(sides)) for sides in product(get_args(Side), repeat=3))
    assert covered(points, labels, place_labels(points, labels, SIZE)) <= best + 60


def test_a_label_stands_beside_the_arrow_of_its_point_not_on_it() -> None:
    upwards = np.array([[0.0, 0.0], [0.0, 1.0], [1.0, 0.5]])
    labels = ["low", "high", "far"]
    pixels = to_pixels(upwards, SIZE)
    sides = place_labels(upwards, labels, SIZE, [(0, 1)])
    assert place_labels(upwards, labels, SIZE)[0] == "top center"
    for i in (0, 1):
        assert box_of(labels[i], *pixels[i], sides[i]).length_inside(pixels[0], pixels[1]) == 0


def test_how_much_of_a_line_lies_in_a_box() -> None:
    box = Box(0, 0, 10, 10)
    assert box.length_inside((-5, 5), (15, 5)) == pytest.approx(10)
    assert box.length_inside((5, 5), (5, 30)) == pytest.approx(5)
    assert box.length_inside((-5, -5), (15, 15)) == pytest.approx(10 * 2**0.5)
    assert box.length_inside((2, 5), (5, 9)) == pytest.approx(5)
    assert box.length_inside((20, 0), (20, 9)) == box.length_inside((-9, 4), (4, 17)) == 0
    assert box.length_inside((3, 3), (3, 3)) == 0


def test_a_label_alone_is_above_its_point() -> None:
    assert place_labels(np.zeros((1, 2)), ["king"], SIZE) == ["top center"]
    assert place_labels(np.zeros((0, 2)), [], SIZE) == []


def test_the_scale_is_that_of_the_map() -> None:
    assert to_pixels(np.array([[0.0, 0.0], [2.0, 1.0]]), (300, 100)) == [(0, 0), (200, -100)]
    assert to_pixels(np.array([[1.0, 1.0], [1.0, 1.0]]), SIZE) == [(0, 0), (0, 0)]
    assert to_pixels(np.array([[0.0, 1.0], [3.0, 1.0]]), SIZE) == [(0, 0), (300, 0)]


def test_a_box_by_hand() -> None:
    assert box_of("ab", 10, 10, "middle right") == Box(18, 0, 36, 20)
    assert box_of("ab", 10, 10, "top left") == Box(-16, -18, 2, 2)


def test_width_counts_what_is_seen() -> None:
    assert columns("e\u0301a") == 2
    assert columns("\u4f60") == 2
