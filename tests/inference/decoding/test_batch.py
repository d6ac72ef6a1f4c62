"""Continuous batching: whoever shares the batch, every request gets what it would get alone."""

from __future__ import annotations

import copy
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from inference.decoding import batch
from inference.decoding.batch import Batch
from inference.decoding.lanes import Continuation
from inference.decoding.request import Request
from inference.errors import NumericalFault
from inference.types.generation import LaneState
from inference.types.options import LaneOptions, five_lanes
from models.transformer.model import Transformer
from tests.inference.decoders import PROMPT, Bigram, Watched, build, ids, slow

STRATEGIES = (
    LaneOptions("Greedy"),
    LaneOptions("Temperature", sample=True, temperature=0.8),
    LaneOptions("Top-k", sample=True, top_k=10),
    LaneOptions("Top-p", sample=True, top_p=0.9),
    LaneOptions("All", sample=True, temperature=1.5, top_k=30, top_p=0.8),
    LaneOptions("Beam", beams=4),
    LaneOptions("Narrow", beams=2),
)


@dataclass(frozen=True)
class Asked:
    """All that decides what a request is given; some end by length, some by the end of text."""

    prompt: tuple[int, ...] = tuple(PROMPT)
    options: tuple[LaneOptions, ...] = five_lanes()
    new_tokens: int = 12
    seed: int = 7
    end: int = 0

    def request(self) -> Request:
        return Request(self.prompt, build(self.options, self.seed, self.end), self.new_tokens)


def finish(running: Batch[Any], most_steps: int = 1000) -> None:
    for _ in range(most_steps):
        if not running.requests:
            return
        running.step()
    raise AssertionError("The batch does not come to an end.")


def same(states: Sequence[LaneState], alone: Sequence[LaneState], partial: bool = False) -> None:
    """Equal choices, from distributions that are equal within 1e-4."""
    assert len(states) == len(alone)
    for state, expected in zip(states, alone, strict=True):
        if partial and state.options.beams:
            continue  # the best hypothesis so far need not be the beginning of the final one
        assert ids(state) == ids(expected)[: len(state.steps)]
        for step, other in zip(state.steps, expected.steps, strict=not partial):
            assert step.survivors == other.survivors
            assert step.probability == pytest.approx(other.probability, rel=1e-4, abs=1e-9)
        if not partial:
            assert state.end == expected.end


def alone(model: Any, asked: Asked) -> tuple[LaneState, ...]:
    """Every lane by the slow obvious decoder: no cache, no batch, no companions."""
    return tuple(
        slow(model, lane, asked.new_tokens, asked.prompt, seed=asked.seed, end=asked.end)
        for lane in asked.options
    )


@pytest.fixture(scope="module")
def remembered() -> Callable[[Any, Asked], tuple[LaneState, ...]]:
    """`alone`, computed once for the same model and request."""
    return cache(alone)


asked_for = st.builds(
    Asked,
    st.lists(st.integers(0, 63), min_size=1, max_size=20).map(tuple),
    st.lists(st.sampled_from(STRATEGIES), min_size=1, max_size=4).map(tuple),
    st.integers(1, 12),
    st.integers(0, 5),
    st.sampled_from([0, 3, 9, -1]),
)


@pytest.fixture(scope="module")
def bigram() -> Bigram:
    return Bigram(torch.randn(64, 64, generator=torch.Generator().manual_seed(1)) * 2)


@pytest.mark.parametrize("kind", ["fast_tiny", "tiny_gru", "tiny_ngram", "bigram"])
@pytest.mark.parametrize("lane", STRATEGIES, ids=lambda lane: lane.name)
def test_f10_what_a_request_gets_does_not_depend_on_who_else_comes_and_goes(
    kind: str,
    lane: LaneOptions,
    request: pytest.FixtureRequest,
    remembered: Callable[[Any, Asked], tuple[LaneState, ...]],
) -> None:
    model = request.getfixturevalue(kind)

    @settings(max_examples=8)
    @given(st.data())
    def check(data: st.DataObject) -> None:
        running = Batch(model, rows=data.draw(st.sampled_from([1, 6, 16, 64])))
        ours = Asked(options=(lane,), new_tokens=20, end=-1)
        come: list[tuple[Asked, Request]] = []
        arrivals = data.draw(st.lists(asked_for, max_size=6))
        arrivals.insert(data.draw(st.integers(0, len(arrivals))), ours)
        while arrivals or running.requests:
            what = data.draw(st.sampled_from(["join", "step", "step", "leave"]))
            if what == "join" and arrivals:
                asked = arrivals.pop(0)
                come.append((asked, asked.request()))
                running.join(come[-1][1])
            elif what == "leave" and come:
                asked, left = data.draw(st.sampled_from(come))
                if asked is not ours:
                    running.leave(left)
                    assert left not in running.requests
            else:
                news = running.step()
                assert len(set(map(id, news))) == len(news)
                assert not any(r.ended for r in running.requests)
        for asked, went in come:
            assert went.error is None
            same(went.states, remembered(model, asked), partial=not went.ended)
            assert went.ended or asked is not ours

    check()


def test_f10_many_companions_at_once_and_one_by_one(tiny: Transformer) -> None:
    generator = np.random.default_rng(3)
    everybody = [
        Asked(tuple(generator.integers(0, 64, size=generator.integers(1, 30)).tolist()), seed=seed)
        for seed in range(20)
    ]
    running, requests = Batch(tiny, rows=32), [asked.request() for asked in everybody]
    for request in requests[:10]:
        running.join(request)
    for request in requests[10:]:
        running.step()
        running.join(request)
    finish(running)
    for asked, request in zip(everybody, requests, strict=True):
        same(request.states, alone(tiny, asked))


class Scripted:
    """A lane that writes what it was told; a text that runs out is a bug in the lane."""

    def __init__(self, *text: int) -> None:
        self.state = LaneState(LaneOptions("Scripted"))
        self.text = list(text)

    def advance(self, logits: np.ndarray, steps_left: int) -> Continuation:
        return Continuation(np.zeros(1, dtype=np.int64), np.array([self.text.pop(0)]))


class Poisoned(torch.nn.Embedding):
    """Reads id 5 as numbers that are none."""

    def forward(self, given: torch.Tensor) -> torch.Tensor:
        return super().forward(given).masked_fill((given == 5)[..., None], torch.nan)


@pytest.fixture(scope="module")
def poisoned(tiny: Transformer) -> Transformer:
    model = copy.deepcopy(tiny)
    model.embedding = Poisoned(64, 32, _weight=model.embedding.weight.detach().clone())
    model.embedding.weight.data[5] = 0  # a logit of 0 is far from the best, so nobody chooses it
    return model


FEW = (LaneOptions("Greedy"), LaneOptions("Top-k", True, top_k=3), LaneOptions("Beam", beams=3))


@pytest.mark.parametrize("place", range(6))
@pytest.mark.parametrize("rows", [5, 64])
def test_f8_a_poison_request_fails_alone(
    poisoned: Transformer,
    place: int,
    rows: int,
    remembered: Callable[[Any, Asked], tuple[LaneState, ...]],
) -> None:
    everybody = [Asked(prompt=(10, i), options=FEW, seed=i) for i in range(5)]
    requests = [asked.request() for asked in everybody]
    poison = Request(PROMPT[1:], [Scripted(1, 5, 2)], 9)
    running = Batch(poisoned, rows=rows)
    for request in (*requests[:place], poison, *requests[place:]):
        running.join(request)
    finish(running)
    assert isinstance(poison.error, NumericalFault)
    assert "at step 3" in str(poison.error)
    for asked, request in zip(everybody, requests, strict=True):
        assert request.error is None
        same(request.states, remembered(poisoned, asked))


def test_f8_a_lane_that_raises_ends_its_own_request(tiny: Transformer) -> None:
    running, asked = Batch(tiny), Asked()
    before, bad, after = asked.request(), Request(PROMPT, [Scripted(1, 2)], 9), asked.request()
    for request in (before, bad, after):
        running.join(request)
    finish(running)
    assert isinstance(bad.error, IndexError)
    for request in (before, after):
        same(request.states, alone(tiny, asked))


def test_nobody_waits_for_anothers_long_text(tiny: Transformer) -> None:
    running = Batch(tiny, rows=8)
    long = Asked(new_tokens=50, end=-1).request()
    running.join(long)
    running.step()
    short = Asked(new_tokens=3, end=-1).request()
    running.join(short)
    steps = 0
    while not short.ended:
        running.step()
        steps += 1
    assert steps <= 2 * 3
    assert len(long.states[0].steps) <= 5


def test_rows_beyond_the_cap_take_turns_and_everybody_advances_alike(tiny: Transformer) -> None:
    watched = Watched(tiny)
    running = Batch(watched, rows=16)
    requests = [Asked(new_tokens=20, end=-1).request() for _ in range(5)]  # 8 rows each
    for request in requests:
        running.join(request)
    while any(not r.states[0].steps for r in requests):
        running.step()
    for _ in range(6):
        running.step()
        written = [len(r.states[0].steps) for r in requests]
        assert max(written) - min(written) <= 2
    assert max(rows for rows, count in watched.shapes if count == 1) == 16


def test_groups_that_have_become_small_run_as_one(tiny: Transformer) -> None:
    watched = Watched(tiny)
    running = Batch(watched, rows=8)
    for new_tokens in (30, 3, 30, 3):
        running.join(Asked(options=STRATEGIES[:4], new_tokens=new_tokens, end=-1).request())
    for _ in range(12):
        running.step()
    watched.shapes.clear()
    running.step()
    running.step()
    assert watched.shapes == [(8, 1)] * 2


def test_a_request_of_more_rows_than_the_cap_runs_by_itself(tiny: Transformer) -> None:
    asked = Asked()
    running, request = Batch(tiny, rows=4), asked.request()
    running.join(request)
    finish(running)
    same(request.states, alone(tiny, asked))


def test_long_prompts_are_read_in_pieces_while_others_go_on(
    tiny: Transformer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(batch, "POSITIONS", 8)
    watched = Watched(tiny)
    running, writing = Batch(watched), Asked(new_tokens=20, end=-1).request()
    running.join(writing)
    running.step()
    asked = Asked(prompt=tuple(range(1, 31)), new_tokens=4)
    reading = asked.request()
    running.join(reading)
    watched.shapes.clear()
    for written in range(2, 6):
        running.step()
        assert len(writing.states[0].steps) == written
    assert [count for _, count in watched.shapes] == [1, 8, 1, 8, 1, 8, 1, 6]
    finish(running)
    same(reading.states, alone(tiny, asked))


@pytest.mark.parametrize("after", [0, 1, 2, 5])
def test_leaving_is_at_once_whether_waiting_reading_or_writing(
    tiny: Transformer, after: int
) -> None:
    running, asked = Batch(tiny), Asked()
    staying, leaving = asked.request(), Asked(prompt=(1, 2, 3)).request()
    running.join(leaving)
    running.join(staying)
    for _ in range(after):
        running.step()
    written = [ids(state) for state in leaving.states]
    running.leave(leaving)
    assert running.requests == (staying,)
    running.leave(leaving)  # harmless
    finish(running)
    assert [ids(state) for state in leaving.states] == written
    same(staying.states, alone(tiny, asked))


class Breaking(Watched):
    """A device that fails in the given pass, and in every one after it."""

    def __init__(self, model: Any, sound: int) -> None:
        super().__init__(model)
        self.sound = sound

    def forward(self, *given: Any) -> torch.Tensor:
        if len(self.shapes) >= self.sound:
            raise torch.OutOfMemoryError("no memory left")
        return super().forward(*given)


@pytest.mark.parametrize("sound", range(9))
def test_requests_outlive_a_batch_whose_device_failed(tiny: Transformer, sound: int) -> None:
    everybody = [Asked(), Asked(prompt=(1, 2, 3), seed=9), Asked(prompt=(4,), end=3)]
    requests = [asked.request() for asked in everybody]
    broken = Batch(Breaking(tiny, sound), rows=16)
    for request in requests:
        broken.join(request)
    with pytest.raises(torch.OutOfMemoryError):
        finish(broken)
    spare = Batch(tiny, rows=8)
    for request in requests:
        if not request.ended:
            spare.join(request)
    finish(spare)
    for asked, request in zip(everybody, requests, strict=True):
        same(request.states, alone(tiny, asked))


def test_t19_what_cannot_be_read_is_refused_at_the_door(tiny: Transformer) -> None:
    running = Batch(tiny)
    for prompt, new_tokens, why in (
        (PROMPT, tiny.context, "context"),
        ([], 5, "context"),
        ([1, 64], 5, "from 0 to 63"),
        ([-1], 5, "from 0 to 63"),
    ):
        with pytest.raises(ValueError, match=why):
            running.join(Request(prompt, build([LaneOptions("Greedy")]), new_tokens))
    assert running.requests == ()
    assert running.step() == []
