"""Trails as values: their changes, their JSON, and what is refused."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inference.errors import BadTrail, OrreryError, OutOfRange
from inference.trail import BYTES, Trail
from inference.types import LaneOptions, five_lanes

GREEDY, _, TOP_K, _, BEAM = five_lanes()
TRAIL = Trail((5, 17), TOP_K, seed=3, chosen=(1, 2, 3))


def test_back_force_and_branch() -> None:
    assert TRAIL.back().chosen == (1, 2)
    assert TRAIL.force(9).chosen == (1, 2, 3, 9)
    assert TRAIL.branch(1, 9).chosen == (1, 9)
    assert TRAIL.branch(0, 9).chosen == (9,)
    assert TRAIL.chosen == (1, 2, 3)  # a trail never changes
    assert Trail((5,), BEAM, searched=2).back() == Trail((5,), BEAM, searched=1)


def test_there_is_nothing_before_the_prompt_and_no_place_that_was_never_reached() -> None:
    for start in (Trail((5,), GREEDY), Trail((5,), BEAM)):
        with pytest.raises(OrreryError, match="no step to take back"):
            start.back()
    with pytest.raises(OutOfRange, match="place of a branch is a whole number from 0 to 3, not 4"):
        TRAIL.branch(4, 9)
    with pytest.raises(OutOfRange, match="A token"):
        TRAIL.force(-1)
    full = Trail((5,), GREEDY, chosen=(1, 2), new_tokens=2)
    with pytest.raises(OutOfRange, match="from 0 to 1, not 2"):
        full.force(9)
    assert full.branch(1, 9).chosen == (1, 9)


def test_a_beam_search_cannot_be_forced_and_says_why() -> None:
    searching = Trail((5,), BEAM, searched=2)
    for change in (lambda: searching.force(9), lambda: searching.branch(0, 9)):
        with pytest.raises(OrreryError, match="follows several texts at once"):
            change()


tokens = st.lists(st.integers(0, 2**31 - 1), max_size=128).map(tuple)
strategies = st.sampled_from(five_lanes()) | st.builds(
    LaneOptions,
    st.text(max_size=40),
    st.booleans(),
    st.floats(0.1, 2.0),
    st.none() | st.integers(1, 4096),
    st.none() | st.floats(0.01, 1.0),
)


@given(tokens.filter(len), strategies, st.integers(0, 2**32 - 1), tokens, st.integers(0, 128))
def test_json_gives_the_same_trail_back(
    prompt: tuple[int, ...],
    options: LaneOptions,
    seed: int,
    chosen: tuple[int, ...],
    searched: int,
) -> None:
    steps = {"searched": searched} if options.beams else {"chosen": chosen}
    trail = Trail(prompt, options, seed, **steps)
    text = trail.to_json()
    assert len(text) <= BYTES
    assert Trail.from_json(text) == trail


def changed(**values: Any) -> str:
    return json.dumps({**json.loads(TRAIL.to_json()), **values})


def strategy(**values: Any) -> str:
    return changed(options={**json.loads(TRAIL.to_json())["options"], **values})


@pytest.mark.parametrize(
    "text",
    [
        None,
        7,
        b"{}",
        "",
        "no json",
        "[]",
        "null",
        "{}",
        "[" * 5_000,
        "1" * 6_000,
        " " * BYTES + "{}",
        changed(more=1),
        changed(prompt=[]),
        changed(prompt="ab"),
        changed(prompt=[1.0]),
        changed(prompt=[True]),
        changed(prompt=[None]),
        changed(prompt=[-1]),
        changed(prompt=[2**31]),
        changed(chosen=[[1]]),
        changed(chosen={"1": 1}),
        changed(chosen=[1] * 257),
        changed(searched=1),
        changed(searched=None),
        changed(searched=0.0),
        changed(seed=-1),
        changed(seed="7"),
        changed(seed=1e400),
        changed(new_tokens=0),
        changed(new_tokens=2),
        changed(new_tokens=257),
        changed(options=[]),
        changed(options=None),
        strategy(more=1),
        strategy(name=None),
        strategy(name="x" * 41),
        strategy(sample=1),
        strategy(temperature="hot"),
        strategy(temperature=float("nan")),
        strategy(temperature=0),
        strategy(top_k=1.5),
        strategy(top_k=0),
        strategy(top_p=2),
        strategy(beams=4),  # whose trail has no chosen tokens
        strategy(beams=True),
    ],
)
def test_a_bad_or_oversized_trail_is_a_sentence_and_nothing_else(text: object) -> None:
    with pytest.raises((BadTrail, OutOfRange)) as caught:
        Trail.from_json(text)
    assert len(str(caught.value)) < 200


@given(st.text() | st.recursive(st.none() | st.integers() | st.text(), st.lists).map(json.dumps))
def test_no_text_at_all_raises_anything_else(text: str) -> None:
    with pytest.raises(OrreryError):
        Trail.from_json(text)
