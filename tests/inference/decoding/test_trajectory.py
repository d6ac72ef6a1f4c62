"""Trails as values: their changes, how a link names them, and what is refused."""

from __future__ import annotations

import contextlib
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inference.decoding.trajectory import TOKEN, Trajectory, ids_of
from inference.errors import BadTrajectory, OrreryError, OutOfRange
from inference.types.options import five_lanes

GREEDY, _, TOP_K, _, BEAM = five_lanes()
TRAIL = Trajectory((5, 17), TOP_K, seed=3, chosen=(1, 2, 3))


def test_a_branch_writes_another_token_at_any_place() -> None:
    assert TRAIL.branch(3, 9).chosen == (1, 2, 3, 9)
    assert TRAIL.branch(1, 9).chosen == (1, 9)
    assert TRAIL.branch(0, 9).chosen == (9,)
    assert TRAIL.chosen == (1, 2, 3)  # a trail never changes


def test_there_is_no_place_that_was_never_reached() -> None:
    with pytest.raises(OutOfRange, match="place of a branch is a whole number from 0 to 3, not 4"):
        TRAIL.branch(4, 9)
    with pytest.raises(OutOfRange, match="A token"):
        TRAIL.branch(3, -1)
    full = Trajectory((5,), GREEDY, chosen=(1, 2), new_tokens=2)
    with pytest.raises(OutOfRange, match="from 0 to 1, not 2"):
        full.branch(2, 9)
    assert full.branch(1, 9).chosen == (1, 9)


def test_a_beam_search_cannot_be_forced_and_says_why() -> None:
    searching = Trajectory((5,), BEAM, searched=2)
    with pytest.raises(OrreryError, match="follows several texts at once"):
        searching.branch(0, 9)


@pytest.mark.parametrize(
    "values",
    [
        {"prompt": ()},
        {"prompt": (1.0,)},
        {"prompt": (True,)},
        {"prompt": (2**31,)},
        {"chosen": (-1,)},
        {"chosen": (1,) * 257},
        {"chosen": ("1",)},
        {"searched": 1},
        {"seed": -1},
        {"seed": "7"},
        {"new_tokens": 0},
        {"new_tokens": 2},
        {"new_tokens": 257},
        {"options": BEAM},  # whose trail has no chosen tokens
    ],
)
def test_a_trail_that_cannot_be_is_refused_in_a_sentence(values: dict[str, Any]) -> None:
    with pytest.raises((BadTrajectory, OutOfRange)) as caught:
        replace(TRAIL, **values)
    assert len(str(caught.value)) < 200


@given(st.lists(st.integers(0, TOKEN), max_size=256).map(tuple))
def test_the_tokens_that_a_link_names_are_those_that_were_written(ids: tuple[int, ...]) -> None:
    assert ids_of(" ".join(map(str, ids))) == ids


@pytest.mark.parametrize(
    "written", ["a", "1,2", "-1", "1.5", "\N{SUPERSCRIPT TWO}", "\u0661", "9" * 11]
)
def test_what_is_no_list_of_tokens_is_refused_in_a_sentence(written: str) -> None:
    with pytest.raises(BadTrajectory) as caught:
        ids_of(written)
    assert len(str(caught.value)) < 200


@given(st.text())
def test_no_text_at_all_raises_anything_else(text: str) -> None:
    with contextlib.suppress(OrreryError):
        Trajectory((5,), GREEDY, chosen=ids_of(text))
