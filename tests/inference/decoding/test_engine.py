"""The engine, against a slow obvious decoder and against another library."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest
import torch

from inference.decoding import engine
from inference.errors import NumericalFault
from inference.types.generation import LaneState
from inference.types.options import LaneOptions, five_lanes
from models.transformer.model import Transformer
from tests.inference.decoders import END, PROMPT, Bigram, Watched, build, ids, slow


def decode(model: Any, options: Sequence[LaneOptions], steps: int, **more: Any) -> list[LaneState]:
    *_, states = engine.decode(model, PROMPT, build(options, **more), steps)
    return list(states)


def generated(reference: Any, prompt: list[int], steps: int) -> list[int]:
    given = torch.tensor([prompt])
    output = reference.generate(
        given,
        attention_mask=torch.ones_like(given),
        max_new_tokens=steps,
        do_sample=False,
        eos_token_id=END,
        pad_token_id=END,
    )
    return output[0, len(prompt) :].tolist()


def test_greedy_equals_transformers(tiny: Transformer, tiny_reference: Any) -> None:
    for seed in range(10):
        prompt = np.random.default_rng(seed).integers(1, 64, size=8).tolist()
        *_, (state,) = engine.decode(tiny, prompt, build([LaneOptions("Greedy")]), 30)
        assert ids(state) == generated(tiny_reference, prompt, 30)


@pytest.mark.weights
@pytest.mark.parametrize("text", ["Once upon a time", "The fox", "“Oh!” cried the"])
def test_greedy_equals_transformers_on_the_storyteller(
    storyteller: Transformer, storyteller_reference: Any, tokenizer: Any, text: str
) -> None:
    prompt = tokenizer.encode(text)
    *_, (state,) = engine.decode(storyteller, prompt, build([LaneOptions("Greedy")]), 40)
    assert ids(state) == generated(storyteller_reference, prompt, 40)


@pytest.mark.parametrize("seed", range(4))
def test_every_lane_equals_the_slow_decoder(tiny: Transformer, seed: int) -> None:
    options = [*five_lanes(), LaneOptions("All", True, 1.3, 20, 0.7), LaneOptions("B", beams=3)]
    together = decode(tiny, options, 24, seed=seed)
    for lane, state in zip(options, together, strict=True):
        alone = slow(tiny, lane, 24, seed=seed)
        assert ids(state) == ids(alone)
        assert state.end == alone.end
        for fast, obvious in zip(state.steps, alone.steps, strict=True):
            assert fast.probability == pytest.approx(obvious.probability, rel=1e-4)
            assert fast.survivors == obvious.survivors


def test_a_lane_does_not_depend_on_its_companions(tiny: Transformer) -> None:
    companions = [LaneOptions("B", beams=4), LaneOptions("Hot", True, 2.0), LaneOptions("Greedy")]
    lane = LaneOptions("Top-p", sample=True, top_p=0.9)
    alone = decode(tiny, [lane], 24)[0]
    for place in range(4):
        options = [*companions[:place], lane, *companions[place:]]
        assert ids(decode(tiny, options, 24)[place]) == ids(alone)


def test_r25_lanes_with_the_same_dice_and_options_are_identical(tiny: Transformer) -> None:
    lane = LaneOptions("Dice", sample=True, temperature=1.5)
    first, second = decode(tiny, [lane, lane], 24)
    assert first == second
    (other,) = decode(tiny, [lane], 24, seed=8)
    assert ids(other) != ids(first)


def test_one_prefill_then_one_batched_step_a_token(tiny: Transformer) -> None:
    watched = Watched(tiny)
    decode(watched, five_lanes(beams=4), 6, end=-1)  # an end that never comes
    assert watched.shapes == [(1, len(PROMPT)), *[(8, 1)] * 5]


def falling_bigram() -> Bigram:
    """From any id, the next lower one is nearly certain; from 1 that is the end."""
    table = torch.full((6, 6), -5.0)
    for token in range(6):
        table[token, max(0, token - 1)] = 5.0
    return Bigram(table)


def test_r28_what_was_chosen_is_appended_as_ids_and_never_cut_anew(tiny: Transformer) -> None:
    """The ids that the model reads are the prompt's and then the chosen ones, one by one."""
    read: list[list[int]] = []

    class Reading(Watched):
        def forward(self, ids: torch.Tensor, cache: Any = None, trace: Any = None) -> torch.Tensor:
            read.append(ids[0].tolist())
            return super().forward(ids, cache, trace)

    greedy = build([LaneOptions("Greedy")], end=-1)
    *_, (state,) = engine.decode(Reading(tiny), PROMPT, greedy, 8)
    assert read == [PROMPT, *([token] for token in ids(state)[:-1])]


def test_lanes_end_at_end_of_text_and_their_rows_leave_the_batch() -> None:
    watched = Watched(falling_bigram())
    options = [LaneOptions("Greedy"), LaneOptions("Hot", True, 2.0), LaneOptions("Beam", beams=2)]
    built = build(options, seed=4)
    *_, (greedy, hot, beams) = engine.decode(watched, [5, 4], built, 50)
    assert ids(greedy) == ids(beams) == [3, 2, 1, 0]
    assert greedy.end == hot.end == beams.end == "end of text"
    assert ids(hot)[-1] == END and END not in ids(hot)[:-1]
    rows = [rows for rows, _ in watched.shapes]
    assert rows[:2] == [1, 4]
    assert rows[1:] == sorted(rows[1:], reverse=True)
    assert rows[-1] < 4


def test_a_lane_cut_by_length_says_so(tiny: Transformer) -> None:
    for state in decode(tiny, five_lanes(), 4, end=-1):
        assert state.end == "length"
        assert len(state.steps) == 4


def test_every_step_is_reported_while_running(tiny: Transformer) -> None:
    seen = list(engine.decode(tiny, PROMPT, build([LaneOptions("Greedy")], end=-1), 5))
    assert [len(state.steps) for (state,) in seen] == [1, 2, 3, 4, 5]
    assert [state.end for (state,) in seen] == ["running"] * 4 + ["length"]


@pytest.mark.parametrize("seed", range(3))
def test_a_model_that_is_no_transformer_decodes_all_the_same(seed: int) -> None:
    generator = torch.Generator().manual_seed(seed)
    bigram = Bigram(torch.randn(64, 64, generator=generator) * 2)
    for lane, state in zip(five_lanes(), decode(bigram, five_lanes(), 20), strict=True):
        assert ids(state) == ids(slow(bigram, lane, 20))


@pytest.mark.parametrize("fault", [float("nan"), float("inf"), float("-inf")])
def test_t20_numbers_that_are_none_are_a_numerical_fault(fault: float) -> None:
    table = torch.zeros(6, 6)
    table[:, 3] = 1.0
    table[3, 5] = fault  # met when the first chosen token, 3, has been read
    steps = engine.decode(Bigram(table), [1], build([LaneOptions("Greedy")]), 5)
    (state,) = next(steps)
    assert ids(state) == [3]
    with pytest.raises(NumericalFault, match="at step 2"):
        next(steps)


def test_t19_a_text_beyond_the_context_is_refused_before_the_first_step(
    tiny: Transformer,
) -> None:
    with pytest.raises(ValueError, match="context"):
        next(engine.decode(tiny, PROMPT, build(five_lanes()), tiny.context))
    full = tiny.context - len(PROMPT)
    assert len(decode(tiny, [LaneOptions("Greedy")], full, end=-1)[0].steps) == full


def test_attention_covers_every_layer_and_head(tiny: Transformer) -> None:
    weights = engine.attention(tiny, PROMPT)
    assert weights.shape == (2, 4, len(PROMPT), len(PROMPT))
    assert weights.dtype == np.float32
    assert weights.sum(axis=-1) == pytest.approx(np.ones((2, 4, len(PROMPT))), abs=1e-6)
    assert (weights[..., *np.triu_indices(len(PROMPT), 1)] == 0).all()
