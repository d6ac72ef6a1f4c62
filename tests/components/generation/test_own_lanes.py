"""Lanes that somebody puts together: what is read, what is refused, and where they part."""

from __future__ import annotations

import json
import time
from collections.abc import Generator
from dataclasses import replace
from pathlib import Path
from typing import Any, cast

import numpy as np
import pytest

from components.generation import lanes, own_lanes, side_by_side
from components.generation.own_lanes import described, read, title
from components.generation.side_by_side import SideBySide
from components.shared.drawing.forks import first_other_text, fork
from inference.errors import ModelUnavailable, OrreryError, OutOfRange, TooLong, TooMuch
from inference.service import Service
from inference.types.generation import Generation, LaneState, Step
from inference.types.options import FILTERS, LaneOptions, five_lanes
from inference.types.waiting import Waiting

CHECKPOINTS = Path(__file__).parents[3] / "checkpoints"
GREEDY: dict[str, Any] = {"model": "storyteller", "choice": "greedy"}
SAMPLE: dict[str, Any] = {"model": "storyteller", "choice": "sample"}
OPENING = (0.8, 40, 0.9, 4, 24, 7)
PROMPT = "Once upon a time there was a little"


def text(*found: object) -> str:
    return json.dumps(found)


def test_no_text_is_no_lanes() -> None:
    assert read(None) == read("") == read(" \n") == ()


def test_filters_come_in_the_order_in_which_they_are_listed() -> None:
    chain = [["top_p", 0.9], ["temperature", 1.5], ["no_repeat_ngram", 3]]
    first, second = read(text({**SAMPLE, "filters": chain, "dice": 2}, {**GREEDY, "model": "gpt"}))
    assert first.options.filters == ("top_p", "temperature", "no_repeat_ngram")
    assert (first.options.top_p, first.options.temperature) == (0.9, 1.5)
    assert (first.options.sample, first.options.dice) == (True, 2)
    assert sorted(first.options.order) == sorted(FILTERS)
    assert title(first.options) == "Top-p 0.9 → temperature 1.5 → no-repeat 3"
    assert (second.model, second.options.sample, second.options.filters) == ("gpt", False, ())


def test_what_is_described_is_read_back() -> None:
    given = (
        {**GREEDY, "filters": [["repetition_penalty", 1.2], ["temperature", 1.0]]},
        {**SAMPLE, "filters": [["top_k", 3], ["min_p", 0.1]], "dice": 1},
        {"model": "bigram", "choice": "beam", "beams": 3},
    )
    assert [described(one) for one in read(text(*given))] == list(given)


def test_titles_of_the_five_are_what_they_were() -> None:
    titles = ["Greedy", "Temperature 1", "Top-k 40", "Top-p 1", "Beam 4"]
    assert [title(one) for one in five_lanes(1.0, 40, 1.0, 4)] == titles
    penalised = LaneOptions("a", repetition_penalty=1.3)
    assert title(penalised) == "Repetition 1.3 → greedy"


@pytest.mark.parametrize(
    ("given", "says"),
    [
        ("{", "cannot be read"),
        ("[" * 3000, "cannot be read"),
        ("7", "are a list"),
        (text(GREEDY), "The number of lanes goes from 2 to 6, not 1"),
        (text(*[GREEDY] * 7), "The number of lanes goes from 2 to 6, not 7"),
        (text(GREEDY, "greedy"), "Lane 2 is no description"),
        (text(GREEDY, {**SAMPLE, "heat": 1}), "Lane 2 has 'heat'"),
        (text(GREEDY, {"choice": "greedy"}), "Lane 2 names no model"),
        (text({**GREEDY, "choice": "best"}, GREEDY), "choice of lane 1 is one of greedy"),
        (text({**GREEDY, "choice": ["beam"]}, GREEDY), "choice of lane 1 is one of greedy"),
        (text(GREEDY, {**SAMPLE, "filters": {"top_k": 3}}), "filters of lane 2 are a list"),
        (text(GREEDY, {**SAMPLE, "filters": [["top_k"]]}), "filters of lane 2 are a list"),
        (text(GREEDY, {**SAMPLE, "filters": [["heat", 1]]}), "filters of lane 2 are some of"),
        (text(GREEDY, {**SAMPLE, "filters": [["top_k", 3]] * 2}), "has the filter top_k twice"),
        (text(GREEDY, {**SAMPLE, "filters": [["temperature", 9]]}), "Temperature of lane 2 goes"),
        (text(GREEDY, {**SAMPLE, "filters": [["top_k", 2.5]]}), "k of lane 2 is a whole number"),
        (text(GREEDY, {**SAMPLE, "filters": [["top_p", None]]}), "p of lane 2 goes"),
        ('[{"model":"a"},{"model":"b","filters":[["top_p",NaN]]}]', "p of lane 2 goes"),
        (text(GREEDY, {**SAMPLE, "beams": 3}), "which only a lane of beam search has"),
        (text(GREEDY, {**GREEDY, "choice": "beam", "beams": 9}), "beams of lane 2 is a whole"),
        (
            text(GREEDY, {**GREEDY, "choice": "beam", "filters": [["top_k", 3]]}),
            "Lane 2 searches with beams, and that has no filters",
        ),
        (text(GREEDY, {**SAMPLE, "dice": 99}), "The number of the dice"),
        (text(*[{**GREEDY, "choice": "beam", "beams": 6}] * 3), "together goes from 1 to 16"),
    ],
)
def test_what_is_wrong_is_said_with_the_number_of_the_lane(given: str, says: str) -> None:
    with pytest.raises(OrreryError) as caught:
        read(given)
    assert says in str(caught.value)
    assert "Traceback" not in str(caught.value)


def test_a_long_text_and_no_text_at_all_are_refused() -> None:
    with pytest.raises(TooLong):
        read(" " * 4000 + "[]")
    with pytest.raises(OrreryError, match="must be text"):
        read(["a"])
    with pytest.raises(OutOfRange):
        read(text(GREEDY, {**SAMPLE, "filters": [["min_p", -1]]}))


def test_every_filter_can_be_added_with_its_first_number() -> None:
    assert own_lanes.BEGIN.keys() == own_lanes.WIDTH.keys() | FILTERS.keys()
    for name, value in own_lanes.BEGIN.items():
        (_, one) = read(text(GREEDY, {**SAMPLE, "filters": [[name, value]]}))
        assert one.options.filters == (name,)


# ---- Where lanes part


def state(*tokens: int) -> LaneState:
    return LaneState(LaneOptions("a"), tuple(Step(t, 0.5, (), 1, 1.0, 0.0, 0.0) for t in tokens))


def generation(found: LaneState, pieces: dict[int, bytes], vocabulary: int) -> Generation:
    return Generation((0,), (found,), pieces, vocabulary, end_of_text=0)


def test_models_with_other_tokens_part_where_their_texts_do() -> None:
    words, letters = {0: b"<end>", 1: b"ab", 2: b"c"}, {0: b"<end>", 1: b"a", 2: b"b", 3: b"d"}
    first = generation(state(1, 2), words, 9)  # abc
    same = generation(state(1, 2), letters, 4)  # ab
    other = generation(state(1, 2, 3), letters, 4)  # abd
    ended = generation(state(1, 2, 0), letters, 4)  # ab, and its end
    for one, place in ((same, None), (other, 2), (ended, 2)):
        assert fork(one.lanes[0], one, first.lanes[0], first) == place
    assert fork(first.lanes[0], first, other.lanes[0], other) == 1
    beside = generation(state(1, 1), words, 9)
    assert fork(beside.lanes[0], beside, first.lanes[0], first) == 1
    assert first_other_text([b"abc", b"d"], b"ab") is None
    assert first_other_text([b"a", b"x"], b"ab") == 1


# ---- On the models


def ask_for(own: str | None, length: int, service: Service) -> Generator[Waiting | SideBySide]:
    *dials, _, seed = OPENING
    found = lanes.ask(service, "page", PROMPT, "storyteller", *dials, length, seed, own)  # type: ignore[arg-type]
    return cast("Generator[Waiting | SideBySide]", found)


def news(own: str | None, length: int, service: Service) -> list[SideBySide]:
    return [one for one in ask_for(own, length, service) if not isinstance(one, Waiting)]


def asked(own: str | None, length: int = 8, service: Service | None = None) -> SideBySide:
    return news(own, length, service or Service(CHECKPOINTS, "cpu"))[-1]


@pytest.mark.weights
def test_r25_the_dice_are_the_same_in_lanes_of_two_models_unless_a_lane_has_others() -> None:
    books = {**SAMPLE, "model": "storyteller-books", "filters": [["top_k", 40]]}
    found = asked(text({**SAMPLE}, books, {**SAMPLE, "dice": 1}, {**GREEDY, "model": "bigram"}))
    told = side_by_side.data(found)["lanes"]
    models = [one["model"] for one in told]
    assert models == ["storyteller", "storyteller-books", "storyteller", "bigram"]
    dice = [[step["dice"] for step in one["steps"]] for one in told]
    assert dice[0] == dice[1] == np.random.default_rng(7).random(8).tolist()
    assert dice[2] == np.random.default_rng(8).random(8).tolist()
    assert dice[3] == [None] * 8
    assert told[0]["vocabulary"] == 4096 != told[3]["vocabulary"]
    assert told[0]["text"] != told[1]["text"]


@pytest.mark.weights
def test_lanes_of_three_models_grow_together_and_write_what_each_model_writes_alone() -> None:
    service = Service(CHECKPOINTS, "cpu")
    beam = {"model": "gpt", "choice": "beam", "beams": 3}
    own = text(GREEDY, {**SAMPLE, "model": "storyteller-books"}, SAMPLE, beam)
    states = [[one.found.lanes[one.number] for one in got.strips] for got in news(own, 48, service)]
    assert len(states) > 3
    for lanes_now in states:
        longest = max(len(one.steps) for one in lanes_now)
        assert {len(one.steps) for one in lanes_now if one.end == "running"} <= {longest}
    for own_lane, state in zip(read(own), states[-1], strict=True):
        (task,) = lanes.tasks([own_lane], PROMPT, 48, 7)
        assert service.answer(task).lanes[0] == state


def test_a_model_that_goes_on_holds_the_others_until_it_ends() -> None:
    ended = replace(state(1, 2, 0), end="end of text")
    pieces = dict.fromkeys(range(9), b"a")
    found = {"far": generation(state(1, 2, 3, 4), pieces, 9), "near": generation(ended, pieces, 9)}
    assert side_by_side.level(found) == found
    found["near"] = generation(state(5, 6), pieces, 9)
    assert side_by_side.level(found)["far"].lanes == (state(1, 2),)
    found["far"] = generation(ended, pieces, 9)
    assert side_by_side.level(found)["far"].lanes == (state(1, 2),)


@pytest.mark.weights
def test_who_leaves_lanes_of_two_models_leaves_both() -> None:
    service = Service(CHECKPOINTS, "cpu")
    stream = ask_for(text(GREEDY, {**GREEDY, "model": "lstm"}), 128, service)
    while isinstance(next(stream), Waiting):
        pass
    stream.close()
    for _ in range(100):
        if not service.status.waiting:
            return
        time.sleep(0.1)
    raise AssertionError("somebody is still at work")


@pytest.mark.weights
def test_a_link_without_own_lanes_means_the_five_and_the_same_lanes_written_out_too() -> None:
    service = Service(CHECKPOINTS, "cpu")
    five = asked(None, service=service)
    own = text(*[described(one.own) for one in five.strips])
    again = asked(own, service=service)
    assert [one.title for one in five.strips] == [
        *("Greedy", "Temperature 0.8", "Top-k 40", "Top-p 0.9", "Beam 4")
    ]
    before, after = (side_by_side.data(one)["lanes"] for one in (five, again))
    assert [one["text"] for one in before] == [one["text"] for one in after]
    assert (five.chosen, again.chosen) == (False, True)


@pytest.mark.weights
def test_six_lanes_are_drawn_and_fewer_leave_nothing_behind() -> None:
    hostile = {**SAMPLE, "model": "storyteller-books", "filters": [["presence_penalty", -0.5]]}
    drawn = side_by_side.Drawing()(asked(text(GREEDY, hostile)))
    assert len(drawn) == 1 + own_lanes.COUNT[1] + 1
    assert drawn[3:7] == [""] * 4
    assert "<small>Storyteller of old books</small>" in str(drawn[2])
    assert "▲" in str(drawn[2]) and "▲" not in str(drawn[1])
    assert 'class="own-lanes chosen"' in str(drawn[-1])


def test_more_than_a_run_may_cost_and_unknown_models_are_refused_before_anything_runs() -> None:
    wide = [{**GREEDY, "choice": "beam", "beams": 8}] * 2
    with pytest.raises(TooMuch):
        asked(text(*wide), length=256)
    with pytest.raises(ModelUnavailable, match="there is none of this name"):
        asked(text(GREEDY, {**GREEDY, "model": "../storyteller"}))
    with pytest.raises(OrreryError, match="cannot write"):
        asked(text(GREEDY, {**GREEDY, "model": "byte-bpe"}))
