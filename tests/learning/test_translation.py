"""Sentence pairs come in batches of one length, each once an epoch, and padding counts nothing."""

from __future__ import annotations

from itertools import islice

import numpy as np
import pytest
import torch

from learning.masking import IGNORED
from learning.translation import batches, padded, translation_loss
from models.translators.recurrent import RecurrentTranslator, RecurrentTranslatorConfig
from models.translators.transformer import Translator, TranslatorConfig

PAIRS = [([i] * (1 + i % 5), [i] * (1 + i % 3)) for i in range(1, 41)]


def test_every_pair_comes_once_an_epoch_padded_to_the_next_length() -> None:
    found = list(islice(batches(PAIRS, (2, 5), 10, seed=1, step=0), 2 + 14))
    assert sorted(batch.shape[1:] for batch in found) == [(2, 5)] * 14 + [(5, 2)] * 2
    seen = sorted(int(row[0]) for batch in found for row in batch[0])
    assert len(seen) == len(set(seen)) == 14 * 2 + 2 * 5
    for batch in found:
        for source, target in zip(*batch, strict=True):
            number = int(source[0])
            assert source[source != IGNORED].tolist() == PAIRS[number - 1][0]
            assert target[target != IGNORED].tolist() == PAIRS[number - 1][1]


def test_epochs_differ_and_a_resumed_run_goes_on_as_it_would_have() -> None:
    whole = list(islice(batches(PAIRS, (5,), 10, seed=1, step=0), 60))
    assert [b.tolist() for b in whole[:20]] != [b.tolist() for b in whole[20:40]]
    for step in (7, 20, 33):
        rest = islice(batches(PAIRS, (5,), 10, seed=1, step=step), 60 - step)
        assert all(np.array_equal(a, b) for a, b in zip(whole[step:], rest, strict=True))


def test_what_does_not_fit_is_refused() -> None:
    with pytest.raises(ValueError, match="more than 4 tokens"):
        next(batches(PAIRS, (4,), 10, seed=1, step=0))
    with pytest.raises(ValueError, match="fill no batch"):
        next(batches(PAIRS[:2], (5,), 100, seed=1, step=0))


@pytest.mark.parametrize("kind", ["transformer", "attention", "one vector"])
def test_the_loss_is_the_mean_over_what_each_pair_costs_alone(kind: str) -> None:
    torch.manual_seed(2)
    model: torch.nn.Module = Translator(TranslatorConfig(50, 20, 1, 1, 2, 16, 16))
    if kind != "transformer":
        sizes = {"embedding": 8, "encoder": 6, "decoder": 8, "attention": 4, "context": 20}
        attends = kind == "attention"
        model = RecurrentTranslator(RecurrentTranslatorConfig(attends, 50, **sizes))
    loss, pairs = translation_loss(model, end_of_text=0), PAIRS[:6]
    alone = [nats(model, source, target) for source, target in pairs]
    together = np.stack([padded(side, 7) for side in zip(*pairs, strict=True)])
    tokens = sum(len(target) for _, target in pairs)
    found = loss(torch.from_numpy(together)).detach()
    assert float(found) == pytest.approx(sum(alone) / tokens, rel=1e-5)


@torch.inference_mode()
def nats(model: torch.nn.Module, source: list[int], target: list[int]) -> float:
    """What a target costs, read token by token after its source."""
    cache, total, before = model.new_cache(1, torch.tensor([source])), 0.0, 0
    for token in target:
        logits = model.forward(torch.tensor([[before]]), cache)[0, -1]
        total -= float(logits.log_softmax(-1)[token])
        before = token
    return total
