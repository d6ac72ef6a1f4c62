"""A QR code is drawn as it was made, with the white border that readers need."""

from __future__ import annotations

import re

import pytest
import segno

from components.shared.drawing.qr import qr

ADDRESS = "https://lab.example.org/watch/Abc-_0123456789abcdefgh"


def drawn(text: str) -> list[list[int]]:
    """The modules that the path paints."""
    found = qr(text)
    size = int(str(found["size"]))
    grid = [[0] * size for _ in range(size)]
    for x, y, wide in re.findall(r"M(\d+) (\d+)\.5h(\d+)", str(found["path"])):
        for at in range(int(x), int(x) + int(wide)):
            assert not grid[int(y)][at]
            grid[int(y)][at] = 1
    return grid


@pytest.mark.parametrize("text", ["a", ADDRESS])
def test_the_path_paints_the_dark_modules_and_no_others(text: str) -> None:
    made = segno.make(text, micro=False, error="m")
    assert drawn(text) == [list(row) for row in made.matrix_iter(border=4)]


def test_it_has_the_marks_of_the_standard() -> None:
    grid = drawn(ADDRESS)
    size = len(grid)
    finder = ["1111111", "1000001", "1011101", "1011101", "1011101", "1000001", "1111111"]
    for top, left in ((4, 4), (4, size - 11), (size - 11, 4)):
        seen = ["".join(map(str, row[left : left + 7])) for row in grid[top : top + 7]]
        assert seen == finder
    assert grid[10][12 : size - 12 : 2] == [1] * len(range(12, size - 12, 2))  # the timing pattern
    edge = [*grid[:4], *grid[-4:], *zip(*[row[:4] for row in grid], strict=True)]
    assert not any(map(any, edge))


def test_a_text_that_fits_no_code_is_refused() -> None:
    with pytest.raises(ValueError):
        qr("x" * 5_000)
