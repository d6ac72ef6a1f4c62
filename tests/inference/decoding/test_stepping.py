"""Stepping along a trail, against running the lane in one go; with, without and on the way out of
the cache."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
import torch

from inference.decoding import engine, lanes, sampling, stepping
from inference.decoding.stepping import Snapshots, Stepper, snapshots
from inference.decoding.trajectory import StepState, Trajectory
from inference.errors import BadTrajectory, NumericalFault, OrreryError, TooLong
from inference.types.generation import LaneState
from inference.types.options import LaneOptions, five_lanes
from models.transformer.kv_cache import BLOCK
from models.transformer.model import Transformer

END = 0
PROMPT = (5, 17, 40, 2, 33)
STRATEGIES = [*five_lanes(), LaneOptions("All", True, 1.3, 20, 0.7), LaneOptions("B", beams=3)]
SAMPLING = [options for options in STRATEGIES if not options.beams]
by_name = pytest.mark.parametrize("options", STRATEGIES, ids=lambda options: options.name)


@pytest.fixture
def reader(tiny: Transformer) -> Stepper[Any]:
    return Stepper(tiny, END)


def room() -> Snapshots:
    return snapshots(50_000_000)


def run(model: Transformer, options: LaneOptions, steps: int, seed: int = 7) -> LaneState:
    lane = lanes.build(options, seed, END)
    *_, (state,) = engine.decode(model, PROMPT, [lane], steps)
    return state


def forced(trail: Trajectory, *tokens: int) -> Trajectory:
    """Write these next, whatever the strategy would choose."""
    for token in tokens:
        trail = trail.branch(trail.steps, token)
    return trail


def advance(
    reader: Stepper[Any], trail: Trajectory, kept: Snapshots
) -> tuple[Trajectory, StepState]:
    """One step further by the trail's own strategy."""
    state = stepping.look(reader, trail, kept)
    if state.lane.end != "running":
        raise OrreryError("The text has ended here.")
    if state.offered is None:
        further = replace(trail, searched=trail.searched + 1)
    else:
        further = forced(trail, state.offered.token)
    return further, stepping.look(reader, further, kept)


def walk(reader: Stepper[Any], trail: Trajectory, steps: int, kept: Snapshots) -> list[StepState]:
    """The state at the start and after every step, until the text ends."""
    states = [stepping.look(reader, trail, kept)]
    while len(states) <= steps and states[-1].lane.end == "running":
        trail, state = advance(reader, trail, kept)
        states.append(state)
    return states


def tokens(state: LaneState) -> list[int]:
    return [step.token for step in state.steps]


@by_name
@pytest.mark.parametrize("seed", range(3))
def test_r25_stepping_writes_what_running_writes(
    reader: Stepper[Any], options: LaneOptions, seed: int
) -> None:
    trail = Trajectory(PROMPT, options, seed, new_tokens=20)
    walked = walk(reader, trail, 20, room())[-1].lane
    ran = run(reader.model, options, 20, seed)
    assert tokens(walked) == tokens(ran)
    assert walked.end == ran.end != "running"
    for ours, theirs in zip(walked.steps, ran.steps, strict=True):
        assert ours.probability == pytest.approx(theirs.probability, rel=1e-4)
        assert (ours.survivors, len(ours.candidates)) == (theirs.survivors, len(theirs.candidates))


@pytest.mark.parametrize("rung", ["tiny_ngram", "tiny_window", "tiny_rnn", "tiny_gru", "tiny_lstm"])
def test_every_rung_of_the_ladder_can_be_stepped(request: pytest.FixtureRequest, rung: str) -> None:
    model = request.getfixturevalue(rung)
    options = LaneOptions("Top-p", sample=True, top_p=0.9)
    trail, kept = Trajectory(PROMPT, options, new_tokens=9), room()
    walked = walk(Stepper(model, END), trail, 9, kept)
    assert tokens(walked[-1].lane) == tokens(run(model, options, 9))
    written = tuple(tokens(walked[-1].lane)[:3])
    again = stepping.look(Stepper(model, END), replace(trail, chosen=written), kept)
    assert again == walked[len(written)]  # what was read since then has not changed it


@pytest.mark.weights
@by_name
def test_stepping_writes_what_running_writes_on_the_storyteller(
    storyteller: Transformer, tokenizer: Any, options: LaneOptions
) -> None:
    prompt = tuple(tokenizer.encode("Once upon a time there was a"))
    reader = Stepper(storyteller, tokenizer.end_of_text)
    trail = Trajectory(prompt, options, new_tokens=12)
    lane = lanes.build(options, trail.seed, tokenizer.end_of_text)
    *_, (ran,) = engine.decode(storyteller, prompt, [lane], 12)
    assert tokens(walk(reader, trail, 12, room())[-1].lane) == tokens(ran)


class Forgetful(Snapshots):
    """Loses everything at every third use."""

    uses = 0

    def get(self, key: Any, default: Any = None) -> Any:
        self.uses += 1
        if self.uses % 3 == 0:
            self.clear()
        return super().get(key, default)


@by_name
def test_f12_every_number_is_the_same_with_cache_without_and_evicted_midway(
    reader: Stepper[Any], options: LaneOptions
) -> None:
    trail = Trajectory(PROMPT, options, new_tokens=14)
    small = 100_000  # two or three snapshots
    caches = (
        room(),
        snapshots(0),
        snapshots(small),
        Forgetful(50_000_000, getsizeof=stepping.nbytes),
    )
    walks = [walk(reader, trail, 14, kept) for kept in caches]
    for other in walks[1:]:
        assert other == walks[0]  # floats and all
    assert len(caches[0]) > 5 and len(caches[1]) == 0 and 0 < len(caches[2]) < 5


class Counted:
    """A model that counts the positions it reads."""

    def __init__(self, model: Transformer) -> None:
        self.model, self.vocabulary, self.context = model, model.vocabulary, model.context
        self.new_cache, self.positions = model.new_cache, 0

    def forward(self, ids: torch.Tensor, cache: Any = None, trace: Any = None) -> torch.Tensor:
        self.positions += ids.shape[1]
        return self.model.forward(ids, cache, trace)


def test_a_step_reads_one_token_and_a_step_back_none(tiny: Transformer) -> None:
    counted, kept = Counted(tiny), room()
    reader: Stepper[Any] = Stepper(counted, -1)
    trail = Trajectory(PROMPT, LaneOptions("Greedy"), new_tokens=10)
    for _ in range(4):
        trail, _ = advance(reader, trail, kept)
    assert counted.positions == len(PROMPT) + 4
    stepping.look(reader, replace(trail, chosen=trail.chosen[:-2]), kept)
    stepping.look(reader, replace(trail, options=LaneOptions("Hot", True, 2.0)), kept)
    assert counted.positions == len(PROMPT) + 4  # the same tokens have been read already
    stepping.look(reader, trail.branch(2, 9), kept)
    assert counted.positions == len(PROMPT) + 5
    stepping.look(reader, trail, snapshots(0))
    assert counted.positions == 2 * len(PROMPT) + 9  # all again


def test_another_cut_between_prompt_and_text_does_not_share(tiny: Transformer) -> None:
    counted, kept = Counted(tiny), room()
    stepper = Stepper(counted, END)
    trail = Trajectory(PROMPT, LaneOptions("Greedy"), chosen=(7,), new_tokens=4)
    stepping.look(stepper, trail, kept)
    assert counted.positions == 6
    stepping.look(stepper, replace(trail, prompt=(*PROMPT, 7), chosen=()), kept)
    assert counted.positions == 12


@pytest.mark.parametrize("options", SAMPLING, ids=lambda options: options.name)
def test_a_kept_snapshot_is_never_changed(reader: Stepper[Any], options: LaneOptions) -> None:
    kept = room()
    trail = Trajectory(PROMPT, options, new_tokens=12)
    walk(reader, trail, 8, kept)
    for branch in (forced(trail, 9), forced(trail, 9, 3), trail):
        assert walk(reader, branch, 8, kept) == walk(reader, branch, 8, room())


def test_r25_the_dice_roll_on_whatever_is_forced(reader: Stepper[Any]) -> None:
    dice = LaneOptions("Dice", sample=True, temperature=1.5)
    trail = Trajectory(PROMPT, dice, seed=11, chosen=(9, 3, 60, 3), new_tokens=12)
    uniforms = np.random.default_rng(11).random(5)  # the k-th number is the k-th draw, one a step
    for steps in range(5):
        at = replace(trail, chosen=trail.chosen[:steps])
        state = stepping.look(reader, at, room())
        with torch.inference_mode():
            text = [*PROMPT, *at.chosen]
            logits = reader.model(torch.tensor([text]))[0, -1].numpy()
        given = sampling.temperature(1.5)(sampling.ranked(logits))
        place = int(np.searchsorted(np.cumsum(given.probabilities), uniforms[steps], side="right"))
        assert state.offered.token == given.tokens[place]


def test_a_forced_token_is_recorded_as_what_it_was_to_the_strategy(reader: Stepper[Any]) -> None:
    trail = Trajectory(PROMPT, LaneOptions("Top-k", sample=True, top_k=3), new_tokens=12)
    offered = stepping.look(reader, trail, room()).offered
    cut = next(
        token for token in range(1, 64) if token not in [c.token for c in offered.candidates]
    )
    (step,) = stepping.look(reader, forced(trail, cut), room()).lane.steps
    assert step.token == cut
    assert step.candidates[:-1] == tuple(c for c in offered.candidates if c.kept) + tuple(
        c for c in offered.candidates[3:7]
    )
    assert step.candidates[-1].token == cut and not step.candidates[-1].kept
    assert (step.survivors, step.mass) == (offered.survivors, offered.mass)


def test_branches_from_one_place_share_all_before_it(reader: Stepper[Any]) -> None:
    kept = room()
    trail = Trajectory(PROMPT, LaneOptions("Top-p", sample=True, top_p=0.9), new_tokens=12)
    for _ in range(6):
        trail, state = advance(reader, trail, kept)
    other = stepping.look(reader, trail.branch(3, 9), kept)
    assert other.lane.steps[:3] == state.lane.steps[:3]
    assert other.lane.steps[3].token == 9 and len(other.lane.steps) == 4


def test_r24_a_beam_search_shows_what_each_step_chose_from(reader: Stepper[Any]) -> None:
    trail = Trajectory(PROMPT, LaneOptions("B", beams=3), new_tokens=12)
    start, first, second = walk(reader, trail, 2, room())
    assert start.candidates == () and start.offered is None
    for state in (first, second):
        assert len(state.candidates) == 6
        sums = [c.log_probability for c in state.candidates]
        assert sums == sorted(sums, reverse=True)
        assert sum(c.fate == "kept" for c in state.candidates) == 3
    assert {c.parent for c in second.candidates} <= {0, 1, 2}


def test_an_ended_text_goes_no_further(reader: Stepper[Any]) -> None:
    ended = Trajectory(PROMPT, LaneOptions("Greedy"), chosen=(4, END), new_tokens=9)
    state = stepping.look(reader, ended, room())
    assert (state.lane.end, state.offered) == ("end of text", None)
    with pytest.raises(OrreryError, match="has ended here"):
        advance(reader, ended, room())
    with pytest.raises(BadTrajectory, match="goes on after the end"):
        stepping.look(reader, forced(ended, 4), room())
    full = Trajectory(PROMPT, LaneOptions("Greedy"), chosen=(4, 5), new_tokens=2)
    assert stepping.look(reader, full, room()).lane.end == "length"
    with pytest.raises(OrreryError, match="has ended here"):
        advance(reader, full, room())


def test_what_the_model_cannot_read_is_refused_before_it_reads(tiny: Transformer) -> None:
    counted = Counted(tiny)
    reader: Stepper[Any] = Stepper(counted, END)
    for trail in (
        Trajectory((5, 64), LaneOptions("Greedy"), new_tokens=9),
        Trajectory((5,), LaneOptions("Greedy"), chosen=(2**31 - 1,), new_tokens=9),
    ):
        with pytest.raises(BadTrajectory, match="knows only 64 tokens"):
            stepping.look(reader, trail, room())
    with pytest.raises(TooLong, match="up to 55 tokens; yours has 56"):
        stepping.look(reader, Trajectory((5,) * 56, LaneOptions("Greedy"), new_tokens=9), room())
    assert counted.positions == 0


def test_t20_numbers_that_are_none_are_a_numerical_fault(tiny: Transformer) -> None:
    class Broken(Counted):
        def forward(self, ids: torch.Tensor, cache: Any = None, trace: Any = None) -> torch.Tensor:
            return super().forward(ids, cache, trace) + (float("nan") if ids.shape[1] == 1 else 0)

    kept = room()
    reader: Stepper[Any] = Stepper(Broken(tiny), END)
    trail = Trajectory(PROMPT, LaneOptions("Greedy"), new_tokens=9)
    with pytest.raises(NumericalFault, match="at step 2"):
        advance(reader, trail, kept)
    assert len(kept) == 1  # what went wrong is not kept


def test_what_is_kept_is_what_is_counted(reader: Stepper[Any]) -> None:
    class Held(Snapshots):
        def __setitem__(self, key: Any, value: stepping.Snapshot) -> None:
            for row in value.logits:
                owner = row if row.base is None else row.base
                assert owner.nbytes == row.nbytes  # and not those of all positions
            super().__setitem__(key, value)

    walk(
        reader,
        Trajectory(PROMPT, LaneOptions("Greedy"), new_tokens=9),
        3,
        Held(50_000_000, getsizeof=stepping.nbytes),
    )


@torch.inference_mode()
def test_bytes_are_counted_where_they_are(tiny: Transformer) -> None:
    cache = tiny.new_cache(1)
    before = stepping.nbytes(cache)
    tiny.forward(torch.tensor([[1, 2, 3]]), cache)
    config = tiny.config
    stored = 2 * config.layers * BLOCK * config.width * 4  # keys and values, float32
    assert stored <= stepping.nbytes(cache) - before < stored + 100
    logits = (np.zeros((2, 8), np.float32),) * 2
    assert stepping.nbytes(stepping.Snapshot(cache, logits)) == stepping.nbytes(cache) + 128
