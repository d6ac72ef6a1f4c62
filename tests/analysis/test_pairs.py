"""Tables of pairs against counting by hand, and the dice against a slow walk along the bar."""

from __future__ import annotations

import math
from fractions import Fraction

import numpy as np
import pytest
from numpy.typing import NDArray

from analysis.pairs import count_pairs, distances, folded, rolled, shares

COUNTS = np.array([[0, 3, 1], [2, 0, 0], [0, 0, 0]])


def walk(counts: NDArray[np.int64], start: int, numbers: list[float]) -> list[int]:
    """Letter by letter along each bar, in fractions."""
    found = [start]
    for number in numbers:
        row = counts[found[-1]].tolist()
        end = Fraction(0)
        for column, count in enumerate(row):
            end += Fraction(count, sum(row))
            if Fraction(number) < end:
                found.append(column)
                break
    return found[1:]


def test_pairs_are_counted_inside_each_text() -> None:
    counts = count_pairs(["abba", "b", "", "ab"], "ab")
    assert counts.tolist() == [[0, 2], [1, 1]]
    with pytest.raises(KeyError):
        count_pairs(["abc"], "ab")


def test_every_row_sums_to_one_and_an_empty_one_to_nothing() -> None:
    assert shares(COUNTS).tolist() == [[0, 0.75, 0.25], [1, 0, 0], [0, 0, 0]]


def test_letters_without_a_row_share_one_and_no_count_is_lost() -> None:
    counts = np.arange(25).reshape(5, 5)
    small = folded(counts, [3, 1])
    assert small[0, 1] == counts[3, 1] and small[0, 2] == counts[3, [0, 2, 4]].sum()
    assert small[2, 2] == counts[np.ix_([0, 2, 4], [0, 2, 4])].sum()
    assert small.sum() == counts.sum()


def test_the_dice_choose_what_a_walk_along_the_bar_finds() -> None:
    generator = np.random.default_rng(1)
    counts = generator.integers(0, 4, (9, 9))
    counts[:, 0] += 1  # nothing ends early
    numbers = generator.random(300).tolist()
    found = rolled(counts, 4, numbers)
    assert [roll.column for roll in found] == walk(counts, 4, numbers)
    assert [roll.row for roll in found[1:]] == [roll.column for roll in found[:-1]]
    for roll in found:
        assert roll.start <= roll.number < roll.end
        assert roll.end - roll.start == pytest.approx(shares(counts)[roll.row, roll.column])


@pytest.mark.parametrize(("number", "column"), [(0.0, 1), (0.75, 2), (math.nextafter(0.75, 0), 1)])
def test_a_number_at_an_edge_belongs_to_what_begins_there(number: float, column: int) -> None:
    assert rolled(COUNTS, 0, [number])[0].column == column


def test_the_largest_number_chooses_the_last_letter_that_has_room() -> None:
    counts = np.array([[2_406_586, 1, 0], [1, 0, 0], [1, 0, 0]])
    (roll,) = rolled(counts, 0, [math.nextafter(1.0, 0)])
    assert roll.column == 1 and roll.end == 1.0


def test_a_text_ends_at_a_letter_that_nothing_follows() -> None:
    assert [roll.column for roll in rolled(COUNTS, 0, [0.9, 0.5, 0.5])] == [2]


def test_one_hot_vectors_are_equally_far_and_rows_are_not() -> None:
    one_hot = distances(np.eye(5), 2)
    assert np.delete(one_hot, 2) == pytest.approx([math.sqrt(2)] * 4) and one_hot[2] == 0
    assert distances(shares(COUNTS), 0)[1] == pytest.approx(math.sqrt(1 + 0.75**2 + 0.25**2))
