"""The search that is followed, against the lane, all texts, exact search and transformers."""

from __future__ import annotations

import itertools
from typing import Any

import numpy as np
import pytest
import torch

from analysis.texts.viterbi import best_texts
from inference.decoding import engine, lanes
from inference.decoding.beam import Beams, EarlyStopping, Hypothesis
from inference.decoding.many.search import search, transitions
from inference.errors import NumericalFault
from inference.types.options import LaneOptions
from models.ladder.ngram import NGram, NGramConfig, count
from models.transformer.model import Transformer


def followed(
    model: Any, prompt: list[int], beams: Beams, steps: int
) -> tuple[list[Beams], Hypothesis]:
    trail = list(search(model, prompt, beams, steps))
    return trail, trail[-1].outcome(steps - len(trail))


@pytest.mark.parametrize("beams", [2, 5])
def test_it_is_the_search_of_a_beam_lane(tiny: Transformer, beams: int) -> None:
    for seed in range(6):
        dice = np.random.default_rng(seed)
        prompt, end = dice.integers(1, 63, size=6).tolist(), int(dice.integers(63))
        lane = lanes.build(LaneOptions("Beam", beams=beams), 0, end)
        *_, (state,) = engine.decode(tiny, prompt, [lane], 16)
        _, outcome = followed(tiny, prompt, Beams(beams, frozenset([end])), 16)
        assert [step.token for step in state.steps] == list(outcome.ids)


def test_with_one_beam_it_is_greedy(tiny: Transformer) -> None:
    for seed in range(6):
        dice = np.random.default_rng(seed)
        prompt, end = dice.integers(1, 63, size=6).tolist(), int(dice.integers(63))
        lane = lanes.build(LaneOptions("Greedy"), 0, end)
        *_, (state,) = engine.decode(tiny, prompt, [lane], 16)
        _, outcome = followed(tiny, prompt, Beams(1, frozenset([end])), 16)
        assert [step.token for step in state.steps] == list(outcome.ids)


@pytest.fixture(scope="module")
def bigram() -> NGram:
    stream = np.random.default_rng(5).choice(4, size=300, p=[0.1, 0.4, 0.3, 0.2])
    config = NGramConfig(vocabulary=4, order=2, context=64)
    return NGram(config, count(stream, config)).eval()


def sums_of_all(bigram: NGram, start: int, length: int) -> dict[tuple[int, ...], float]:
    logs = transitions(bigram)
    return {
        ids: sum(float(logs[pair]) for pair in itertools.pairwise((start, *ids)))
        for ids in itertools.product(range(4), repeat=length)
        if 0 not in ids
    }


def test_r46_beams_as_many_as_texts_find_what_exact_search_finds(bigram: NGram) -> None:
    trail, _ = followed(bigram, [1, 2], Beams(3**5, frozenset([0])), 5)
    exact = best_texts(transitions(bigram), 2, 5, ends=[0])
    for after, best in zip(trail, exact, strict=True):
        texts = sums_of_all(bigram, 2, len(best.ids))
        assert len(after.running) == len(texts)
        assert after.running[0].log_probability == pytest.approx(best.log_probability)
        assert best.log_probability == pytest.approx(max(texts.values()))
        for one in after.running:
            assert one.log_probability == pytest.approx(texts[one.ids], abs=1e-5)


def test_the_table_of_a_bigram_is_a_distribution_in_every_row(bigram: NGram) -> None:
    logs = transitions(bigram)
    assert np.exp(logs).sum(axis=1) == pytest.approx(np.ones(4))
    logits = bigram(torch.tensor([[3, 1]]))[0, -1].double()
    assert logs[1] == pytest.approx(logits.log_softmax(-1).numpy(), abs=1e-6)


def test_what_is_no_number_is_a_fault(tiny: Transformer, monkeypatch: Any) -> None:
    monkeypatch.setattr(tiny, "forward", lambda *_: torch.full((1, 1, 64), torch.nan))
    with pytest.raises(NumericalFault):
        list(search(tiny, [3], Beams(2, frozenset([0])), 4))
    with pytest.raises(NumericalFault):
        transitions(tiny)


def by_transformers(
    reference: Any, prompt: list[int], beams: Beams, steps: int
) -> tuple[list[int], float]:
    """What it writes, and its score."""
    ids, ends = torch.tensor([prompt]), sorted(beams.ends)
    output = reference.generate(
        ids,
        attention_mask=torch.ones_like(ids),
        max_new_tokens=steps,
        do_sample=False,
        num_beams=beams.width,
        length_penalty=beams.alpha,
        early_stopping=beams.early_stopping,
        eos_token_id=ends,
        pad_token_id=ends[0],
        return_dict_in_generate=True,
        output_scores=True,
    )
    written = output.sequences[0, len(prompt) :].tolist()
    length = next((i for i, token in enumerate(written, 1) if token in ends), len(written))
    return written[:length], float(output.sequences_scores[0])


@pytest.mark.weights
@pytest.mark.parametrize("alpha", [0.0, 1.0, 2.0, -1.0])
@pytest.mark.parametrize("early", [True, False, "never"])
def test_r23_length_penalty_and_early_stopping_are_those_of_transformers(
    storyteller: Transformer,
    storyteller_reference: Any,
    tokenizer: Any,
    alpha: float,
    early: EarlyStopping,
) -> None:
    stopped = 0
    ends = frozenset(tokenizer.encode(text)[0] for text in (".", "!", " the"))
    for text, width in (("and they lived happily ever", 2), ("The old king", 3)):
        beams = Beams(width, ends, alpha, early_stopping=early)
        trail, outcome = followed(storyteller, tokenizer.encode(text), beams, 10)
        written, score = by_transformers(storyteller_reference, tokenizer.encode(text), beams, 10)
        assert list(outcome.ids) == written
        assert outcome.score(alpha) == pytest.approx(score, abs=1e-4)
        stopped += len(trail) < 10
    assert stopped or (early == "never" and alpha > 0)
