"""What is sent is what has grown, and makes the same value at the other end."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from inference import wire
from inference.cluster.growth import grown, growth
from inference.task import Result
from inference.types.generation import Candidate, LaneState, Step
from inference.types.options import LaneOptions
from tests.inference.values import equal

CLASSES = wire.known()
candidates = st.lists(
    st.builds(Candidate, st.integers(0, 9), st.floats(0, 1), st.booleans()), max_size=3
).map(tuple)
steps = st.builds(
    Step, st.integers(0, 9), st.floats(0, 1), candidates, *[st.just(1)] * 1, *[st.floats(0, 1)] * 3
)
lanes = st.builds(
    LaneState,
    st.sampled_from([LaneOptions("Greedy"), LaneOptions("Beam", beams=4)]),
    st.lists(steps, max_size=4).map(tuple),
    st.sampled_from(["running", "length"]),
)
results = st.builds(Result, st.lists(lanes, max_size=3).map(tuple), st.text(max_size=3))


def sent(old: Any, new: Any) -> Any:
    """The new value at the other end, which has the old one."""
    line = wire.encoded(growth(old, new))
    return grown(old, wire.json.loads(line), CLASSES)


@given(results, results)
def test_any_result_follows_from_any_other(old: Any, new: Any) -> None:
    assert equal(sent(old, new), new)
    assert equal(sent(None, new), new)
    assert growth(new, new) == {}


def step(number: int) -> Step:
    return Step(number, 0.5, (Candidate(number, 0.5, True),) * 20, 20, 1.0, 0.0, 0.0)


def test_a_step_costs_no_more_however_long_the_text_is() -> None:
    """Of a hundred steps the ninety-nine that were sent are not sent, nor looked at."""
    lane = LaneState(LaneOptions("Greedy"), tuple(map(step, range(100))))
    longer = replace(lane, steps=(*lane.steps, step(100)))
    one = wire.encoded(growth(Result((lane,)), Result((longer,))))
    assert len(one) < len(wire.encoded(growth(None, step(100)))) + 50
    assert equal(sent(Result((lane,)), Result((longer,))), Result((longer,)))


def test_the_form_of_a_patch() -> None:
    assert growth((1, "a"), (1, "b", 2)) == {".": {"1": {"=": "b"}}, "+": [2]}
    assert growth((1, 2), (1,)) == {"=": [1]}
    assert growth(1, True) == {"=": True}  # equal to Python, not to who reads it
    assert growth(Result(1), Result(1, "x")) == {".": {"note": {"=": "x"}}}


@dataclass(frozen=True)
class Holding:
    numbers: Any


def test_arrays_are_sent_unless_they_are_the_same_object() -> None:
    one = np.arange(3)
    assert growth(Holding(one), Holding(one)) == {}
    assert growth(Holding(one), Holding(one.copy())).keys() == {"."}
