"""Options are checked at birth: nothing out of range gets any further."""

from __future__ import annotations

import json
import math
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inference.errors import OutOfRange
from inference.types.generation import MOST_BITS, LaneState, Step
from inference.types.options import GenerationOptions, LaneOptions, five_lanes

NO_NUMBERS = [math.nan, math.inf, -math.inf, True, "1", [], 1j]
anything = st.one_of(
    st.floats(), st.integers(), st.booleans(), st.text(max_size=5), st.just(10**400), st.none()
)


@pytest.mark.parametrize("value", [*NO_NUMBERS, None, 0, 0.0, 1e-9, -1, 2.01, 10**400])
def test_t20_temperature_out_of_range(value: Any) -> None:
    with pytest.raises(OutOfRange, match=r"Temperature goes from 0\.1 to 2"):
        LaneOptions("lane", temperature=value)


@pytest.mark.parametrize("value", [*NO_NUMBERS, 0, -1, 1.5, 40.0, 10**9, 10**400])
def test_t20_k_out_of_range(value: Any) -> None:
    with pytest.raises(OutOfRange, match="whole number from 1 to 4,096"):
        LaneOptions("lane", top_k=value)


@pytest.mark.parametrize("value", [*NO_NUMBERS, 0, 0.0, -0.5, 1.0001, 2])
def test_t20_p_out_of_range(value: Any) -> None:
    with pytest.raises(OutOfRange, match=r"p goes from 0\.01 to 1"):
        LaneOptions("lane", top_p=value)


@pytest.mark.parametrize("value", [*NO_NUMBERS, 0, 1, 9, 10**6, 4.0, 2.5])
def test_t20_beams_out_of_range(value: Any) -> None:
    with pytest.raises(OutOfRange, match="from 2 to 8"):
        LaneOptions("lane", beams=value)


@pytest.mark.parametrize("value", [*NO_NUMBERS, None, 0, -1, 257, 10**6, 5.0, 5.5])
def test_t20_length_out_of_range(value: Any) -> None:
    with pytest.raises(OutOfRange, match="from 1 to 256"):
        GenerationOptions(new_tokens=value)


@pytest.mark.parametrize("value", [*NO_NUMBERS, None, -1, 2**32, 7.0, 7.5])
def test_t20_seed_out_of_range(value: Any) -> None:
    with pytest.raises(OutOfRange, match="The seed"):
        GenerationOptions(seed=value)


def test_the_message_shows_what_was_given_shortened() -> None:
    with pytest.raises(OutOfRange) as caught:
        LaneOptions("lane", temperature="x" * 5000)  # type: ignore[arg-type]
    assert "x" * 40 in str(caught.value)
    assert len(str(caught.value)) < 160


@given(anything, anything, anything, anything)
def test_t20_options_are_good_or_refused(
    temperature: Any, top_k: Any, top_p: Any, beams: Any
) -> None:
    try:
        lane = LaneOptions("lane", True, temperature, top_k, top_p, beams)
    except OutOfRange:
        return
    assert 0.1 <= lane.temperature <= 2
    assert lane.top_k is None or lane.top_k in range(1, 4097)
    assert lane.top_p is None or 0.01 <= lane.top_p <= 1
    assert lane.rows == (lane.beams or 1)


def test_the_ends_of_every_range_are_inside() -> None:
    assert LaneOptions("low", temperature=0.1, top_k=1, top_p=0.01, beams=2).rows == 2
    assert LaneOptions("high", temperature=2, top_k=4096, top_p=1, beams=8).rows == 8
    assert GenerationOptions(new_tokens=256, seed=2**32 - 1).new_tokens == 256


def test_five_lanes_turn_one_dial_each() -> None:
    greedy, temperature, top_k, top_p, beams = five_lanes(0.7, 30, 0.8, 3)
    assert not greedy.sample
    assert (temperature.sample, temperature.temperature) == (True, 0.7)
    assert (top_k.sample, top_k.top_k, top_k.temperature) == (True, 30, 1.0)
    assert (top_p.sample, top_p.top_p, top_p.top_k) == (True, 0.8, None)
    assert (beams.beams, beams.rows) == (3, 3)


def step(probability: float) -> Step:
    return Step(0, probability, (), 1, 1.0, 0.0, 0.0)


def test_the_surprisal_of_an_impossible_token_is_the_largest_and_valid_json() -> None:
    assert step(0.0).surprisal == MOST_BITS == step(5e-324).surprisal
    lane = LaneState(LaneOptions("a"), (step(0.0), step(0.5)))
    assert json.loads(json.dumps(lane.bits, allow_nan=False)) == MOST_BITS + 1


def test_surprisal_is_in_bits() -> None:
    assert step(0.125).surprisal == 3.0
    lane = LaneState(LaneOptions("lane"), (step(0.5), step(0.125)))
    assert lane.bits_per_token == 2.0
    assert math.isnan(LaneState(LaneOptions("lane")).bits_per_token)
