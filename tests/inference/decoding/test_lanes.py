"""What a lane records of each step is true, and complete."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from inference.decoding import lanes, sampling
from inference.types.generation import LaneState, Step
from inference.types.options import LaneOptions

END = 0
VOCABULARY = 40


def logits(seed: int, rows: int = 1, vocabulary: int = VOCABULARY) -> np.ndarray:
    drawn = np.random.default_rng(seed).normal(scale=2, size=(rows, vocabulary))
    return drawn.astype(np.float32)


def run(options: LaneOptions, steps: int, seed: int = 7) -> tuple[LaneState, list[np.ndarray]]:
    """A lane on random logits, every row its own; also what each step was given."""
    lane, rows, seen = lanes.build(options, seed, end_of_text=-1), 1, []
    for step in range(1, steps + 1):
        seen.append(logits(1000 * seed + step, rows))
        rows = len(lane.advance(seen[-1], steps - step).ids)
    assert rows == 0
    return lane.state, seen


def check(step: Step, row: np.ndarray, temperature: float = 1.0) -> None:
    """Everything in a step that does not depend on which filters were on."""
    own = sampling.softmax(row.astype(np.float64))
    heated = sampling.softmax(row.astype(np.float64) / temperature)
    assert step.probability == pytest.approx(own[step.token])
    assert step.token in [candidate.token for candidate in step.candidates]
    for candidate in step.candidates:
        assert candidate.probability == pytest.approx(heated[candidate.token])
    listed = [candidate.probability for candidate in step.candidates]
    assert listed == sorted(listed, reverse=True)
    assert listed[: lanes.SHOWN] == pytest.approx(sorted(heated, reverse=True)[: lanes.SHOWN])
    assert sum(listed) + step.rest_kept + step.rest_cut == pytest.approx(1.0, abs=1e-9)
    kept = sum(c.probability for c in step.candidates if c.kept)
    assert kept + step.rest_kept == pytest.approx(step.mass, abs=1e-9)


lane_options = st.builds(
    LaneOptions,
    st.just("lane"),
    sample=st.booleans(),
    temperature=st.floats(0.1, 2.0),
    top_k=st.none() | st.integers(1, 60),
    top_p=st.none() | st.floats(0.01, 1.0),
)


@given(lane_options, st.integers(0, 1000))
def test_r18_recorded_probabilities_are_over_the_whole_vocabulary(
    options: LaneOptions, seed: int
) -> None:
    state, seen = run(options, 3, seed)
    for step, rows in zip(state.steps, seen, strict=True):
        check(step, rows[0], options.temperature)


def test_survivors_and_their_mass() -> None:
    for options, expected in (
        (LaneOptions("Temperature", True, 0.8), VOCABULARY),
        (LaneOptions("Top-k", True, top_k=5), 5),
        (LaneOptions("Greedy"), 1),
    ):
        state, seen = run(options, 4)
        for step, rows in zip(state.steps, seen, strict=True):
            best = np.sort(rows[0].astype(np.float64) / options.temperature)[::-1]
            assert step.survivors == expected
            assert step.mass == pytest.approx(sampling.softmax(best)[:expected].sum())


def test_greedy_takes_the_most_probable_whatever_the_dials() -> None:
    state, seen = run(LaneOptions("Greedy", temperature=0.5, top_k=3), 5)
    assert [step.token for step in state.steps] == [int(rows[0].argmax()) for rows in seen]
    assert all(c.kept == (c.token == s.token) for s in state.steps for c in s.candidates)


def test_a_chosen_token_far_down_the_ranking_is_listed_last() -> None:
    lane = lanes.build(LaneOptions("Hot", True, 2.0), seed=7, end_of_text=-1)
    flat = np.linspace(1, 0, 4000, dtype=np.float32)[None]
    lane.advance(flat, steps_left=1)
    (step,) = lane.state.steps
    assert step.token > lanes.SHOWN
    assert len(step.candidates) == lanes.SHOWN + 1
    assert step.candidates[-1].token == step.token


def test_a_vocabulary_smaller_than_the_list_is_listed_whole() -> None:
    lane = lanes.build(LaneOptions("Greedy"), seed=7, end_of_text=-1)
    lane.advance(logits(1, vocabulary=3), steps_left=1)
    (step,) = lane.state.steps
    assert sorted(c.token for c in step.candidates) == [0, 1, 2]
    assert step.rest_kept == 0.0
    assert step.rest_cut == pytest.approx(0.0, abs=1e-12)


def test_end_of_text_ends_a_lane_and_can_be_forbidden() -> None:
    certain = np.array([[9.0, 1.0, 0.0]], dtype=np.float32)
    lane = lanes.build(LaneOptions("Greedy"), 7, END)
    assert len(lane.advance(certain, steps_left=5).ids) == 0
    assert lane.state.end == "end of text"
    patient = lanes.build(LaneOptions("Greedy"), 7, END, min_new_tokens=2)
    assert patient.advance(certain, 5).ids.tolist() == [1]
    assert patient.advance(certain, 4).ids.tolist() == [1]
    assert len(patient.advance(certain, 3).ids) == 0
    assert [step.token for step in patient.state.steps] == [1, 1, END]


def test_r24_a_beam_lane_shows_the_best_hypothesis_after_the_best_has_switched() -> None:
    lane = lanes.build(LaneOptions("Beam", beams=2), seed=0, end_of_text=-1)
    tables = [
        [[0.02, 0.5, 0.4, 0.08]],
        [[0.25, 0.25, 0.25, 0.25], [0.01, 0.01, 0.01, 0.97]],  # after 1, after 2
    ]
    rows = [np.log(np.array(table, dtype=np.float32)) for table in tables]
    assert lane.advance(rows[0], steps_left=2).ids.tolist() == [1, 2]
    assert [step.token for step in lane.state.steps] == [1]
    going_on = lane.advance(rows[1], steps_left=1)
    assert going_on.parents.tolist() == [1, 0]
    assert [step.token for step in lane.state.steps] == [2, 3]
    assert [step.probability for step in lane.state.steps] == pytest.approx([0.4, 0.97])
    for step, row in zip(lane.state.steps, (rows[0][0], rows[1][1]), strict=True):
        check(step, row)


@pytest.mark.parametrize("beams", [2, 4, 8])
def test_beam_steps_are_those_of_the_hypothesis_shown(beams: int) -> None:
    lane, rows = lanes.build(LaneOptions("Beam", beams=beams), 0, end_of_text=-1), 1
    texts: dict[tuple[int, ...], list[np.ndarray]] = {(): []}  # the logits along each text
    order: list[tuple[int, ...]] = [()]
    for step in range(1, 11):
        given = logits(step, rows)
        chosen = lane.advance(given, steps_left=11 - step)
        grown = {}
        for parent, token in zip(chosen.parents, chosen.ids, strict=True):
            ids = order[parent]
            grown[(*ids, int(token))] = [*texts[ids], given[parent]]
        texts, order, rows = grown, list(grown), len(grown)
        shown = tuple(s.token for s in lane.state.steps)
        assert shown == order[0]  # nothing has ended: the best runs first
        for recorded, row in zip(lane.state.steps, texts[shown], strict=True):
            check(recorded, row)
            assert recorded.survivors >= 1


def test_a_beam_lane_survives_a_certain_ending() -> None:
    certain = np.full((1, 6), -1000.0, dtype=np.float32)
    certain[0, END] = 1000.0  # in float64, exp leaves nothing at all for the others
    lane = lanes.build(LaneOptions("Beam", beams=2), 0, END)
    going_on = lane.advance(certain, steps_left=5)
    assert lane.state.end == "running"
    assert [step.token for step in lane.state.steps] == [END]
    assert END not in going_on.ids
    while len(going_on.ids):
        going_on = lane.advance(np.repeat(certain, len(going_on.ids), axis=0), steps_left=3)
    assert lane.state.end == "end of text"
    assert [step.token for step in lane.state.steps] == [END]


@pytest.mark.parametrize("forced", [None, 3])
def test_r25_every_step_takes_one_number_and_records_the_one_that_decided(
    forced: int | None,
) -> None:
    options = LaneOptions("Top-p", sample=True, temperature=0.7, top_k=30, top_p=0.8)
    lane = lanes.build(options, 5, end_of_text=0)
    assert isinstance(lane, lanes.SamplingLane)
    counted, logits = np.random.default_rng(5), np.random.default_rng(1)
    for left in range(20, 0, -1):
        row = logits.normal(0, 2, 50).astype(np.float32)
        row[0] = -50  # no end of text
        lane.advance(row[None], left, forced=forced)
        step = lane.state.steps[-1]
        assert step.dice == counted.random()
        if forced is None:
            shares = np.exp(row.astype(np.float64) / 0.7)
            order = np.argsort(-shares, kind="stable")[: step.survivors]
            ends = np.cumsum(shares[order]) / shares[order].sum()
            assert step.token == order[(ends > step.dice).argmax()]


def test_who_takes_the_most_probable_rolls_no_dice() -> None:
    lane = lanes.build(LaneOptions("Greedy"), 5, end_of_text=0)
    lane.advance(np.arange(9, dtype=np.float32)[None], 3)
    assert lane.state.steps[0].dice is None
