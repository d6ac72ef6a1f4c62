"""One choice in numbers, against the lane that writes and against sums made anew."""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
import torch

from inference import wire
from inference.decoding import lanes
from inference.errors import NumericalFault, OutOfRange
from inference.task import Result
from inference.tasks.choice import Choice, Choose
from inference.types.options import FILTERS, LaneOptions
from inference.types.tokenized import Tokenized
from tests.inference.decoders import Watched

LOGITS = np.random.default_rng(3).normal(0, 2, 60).astype(np.float32)
PROMPT = Tokenized("abc", (5, 7, 5), (b"a", b"b", b"a"))
HOT = LaneOptions("hot", sample=True, temperature=1.5, top_k=20, top_p=0.8, repetition_penalty=1.3)
TOKENIZER = SimpleNamespace(bytes_of=lambda token: bytes([65 + token]), end_of_text=0)


def chosen(options: LaneOptions = HOT, seed: int = 7, **more: Any) -> Choice:
    task = replace(Choose("abc", options=options, seed=seed), tokens=PROMPT, **more)
    return task.finish(Result(LOGITS), TOKENIZER)


@pytest.mark.parametrize("seed", range(12))
@pytest.mark.parametrize(
    "options",
    [
        HOT,
        LaneOptions("greedy"),
        LaneOptions("typical", sample=True, typical_p=0.5),
        LaneOptions("late", sample=True, temperature=2.0, top_p=0.7, order=tuple(FILTERS)[::-1]),
    ],
)
def test_it_is_the_choice_that_a_lane_makes(options: LaneOptions, seed: int) -> None:
    lane = lanes.build(options, seed, end_of_text=0, prompt=PROMPT.ids)
    lane.advance(LOGITS[None], 1)
    (step,) = lane.state.steps
    found = chosen(options, seed)
    assert (found.token, found.dice) == (step.token, step.dice)
    if options.sample:
        assert found.last.survivors == step.survivors


def test_r18_shares_are_those_of_the_survivors_and_sum_to_one() -> None:
    found = chosen()
    assert [stage.filter for stage in found.stages] == [
        *("", "repetition_penalty", "temperature", "top_k", "top_p")
    ]
    raw = np.exp(LOGITS.astype(np.float64))
    for token, chance in found.stages[0].chances.items():
        assert chance.share == pytest.approx(raw[token] / raw.sum())
        assert chance.rank == 1 + int((LOGITS[token] < LOGITS).sum())
    penalised = LOGITS.astype(np.float64)
    for token in {5, 7}:
        penalised[token] *= 1 / 1.3 if penalised[token] > 0 else 1.3
    hot = np.exp(penalised / 1.5)
    best = np.sort(hot)[::-1][:20]
    for token, chance in found.stages[3].chances.items():
        expected = hot[token] / best.sum() if hot[token] >= best[-1] else 0.0
        assert chance.share == pytest.approx(expected)
    shares = best / best.sum()
    assert found.stages[3].entropy == pytest.approx(-(shares * np.log2(shares)).sum())
    assert found.stages[3].mass == pytest.approx(best.sum() / hot.sum())
    assert found.last.mass == pytest.approx(best[: found.last.survivors].sum() / hot.sum())
    assert found.stages[0].mass == found.stages[2].mass == pytest.approx(1)
    assert found.stages[3].cut == pytest.approx(1 - best.sum() / hot.sum())
    nucleus = int(np.searchsorted(np.cumsum(shares), 0.8)) + 1
    assert found.last.survivors == nucleus
    assert found.last.cut == pytest.approx(1 - shares[:nucleus].sum())


def test_r25_the_number_lies_in_the_stretch_of_the_token_that_is_chosen() -> None:
    for seed in range(40):
        found = chosen(seed=seed)
        start, end = next((a, b) for token, a, b in found.segments if token == found.token)
        assert found.dice is not None
        assert start <= found.dice < end
        assert all(a <= b for _, a, b in found.segments)


def test_a_followed_token_is_listed_wherever_it_ranks() -> None:
    last = int(LOGITS.argmin())
    found = chosen(followed=last)
    assert found.listed[-1] == last
    assert found.stages[0].chances[last].rank == len(LOGITS)
    assert not found.last.chances[last].kept
    assert last not in [token for token, _, _ in found.segments]


def test_a_choice_travels_as_bytes() -> None:
    task = replace(Choose("abc", options=HOT), tokens=PROMPT)
    assert wire.loads(wire.dumps(task), wire.known()) == task
    assert wire.loads(wire.dumps(chosen()), wire.known()) == chosen()


def test_a_model_that_returns_no_numbers_is_a_fault() -> None:
    decoding = SimpleNamespace(
        context=16,
        vocabulary=9,
        new_cache=lambda rows: None,
        forward=lambda ids, cache: torch.full((1, ids.shape[1], 9), float("nan")),
    )
    device = SimpleNamespace(tensors="cpu")
    placed: Any = SimpleNamespace(decoding=decoding, device=device, derived={})
    with pytest.raises(NumericalFault):
        replace(Choose("abc"), tokens=PROMPT).answer(placed)


def test_the_prompt_is_read_once_whatever_the_dials(tiny: Any) -> None:
    model: Any = Watched(tiny)
    device = SimpleNamespace(tensors="cpu")
    placed: Any = SimpleNamespace(decoding=model, device=device, derived={})
    rows = [
        replace(Choose("abc", options=options), tokens=PROMPT).answer(placed)
        for options in (HOT, LaneOptions("greedy"))
    ]
    assert model.shapes == [(1, 3)]
    with torch.inference_mode():
        expected = tiny(torch.tensor([PROMPT.ids]))[0, -1].numpy()
    assert all(np.array_equal(row, expected) for row in rows)


def test_a_seed_out_of_range_is_refused() -> None:
    with pytest.raises(OutOfRange):
        Choose("abc", seed=-1)
