"""Losses, gradients and samples against slow and obvious computations."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch

from learning.live import measuring
from learning.live.networks import built, counted, layers_of
from learning.live.texts import corpus, of_lines, of_text
from learning.live.training import Settings
from models.ladder.table import Table, TableConfig


@pytest.mark.parametrize(("size", "length"), [(100, 32), (33, 32), (20, 64), (3_500, 64), (8, 2)])
def test_r31_every_character_but_the_first_is_counted_once(size: int, length: int) -> None:
    stream = np.arange(size)
    ids, kept = measuring.windows_of(stream, length)
    found = sorted(ids[:, 1:][kept].tolist())
    assert found == list(range(1, min(size, measuring.CHARACTERS + 1)))
    assert (ids[:, 1:] - ids[:, :-1] == 1).all()
    context = kept[1:].double().argmax(dim=1) if len(kept) > 1 else torch.tensor([length])
    assert int(context.min()) >= min(length, size - 1) // measuring.DROP


def test_r31_bits_are_the_mean_surprisal_with_dropout_off() -> None:
    stream = corpus("names").heldout[:200]
    model = built(Settings(model="mlp", width=16, window=4, dropout=0.5), 27).train()
    found = measuring.bits(model, measuring.windows_of(stream, 256))
    assert model.training
    with torch.no_grad():
        scores = model.eval()(torch.from_numpy(stream[None, :-1]))[0].log_softmax(-1).numpy()
    expected = -np.mean([scores[i, id_] for i, id_ in enumerate(stream[1:])]) / math.log(2)
    assert found == pytest.approx(expected, rel=1e-5)


def test_an_untrained_table_guesses() -> None:
    windows = measuring.windows_of(corpus("names").heldout, 32)
    assert measuring.bits(Table(TableConfig(27)), windows) == pytest.approx(math.log2(27))


def test_the_norm_of_every_layer_is_that_of_its_gradients() -> None:
    model = built(Settings(model="lstm", width=16, layers=2), 27)
    model(torch.arange(20)[None]).square().sum().backward()
    layers = layers_of(model)
    assert list(layers) == ["embedding", "layer 1", "layer 2", "output"]
    assert sum(map(len, layers.values())) == len(list(model.parameters()))
    for weights, found in zip(layers.values(), measuring.norms(layers, 2.0), strict=True):
        flat = torch.cat([p.grad.flatten() for p in weights if p.grad is not None])
        assert found == pytest.approx(2 * float(flat.norm()), rel=1e-4)


@pytest.mark.parametrize("model", ["table", "mlp", "rnn", "gru", "lstm", "gpt"])
def test_every_weight_belongs_to_one_layer(model: str) -> None:
    network = built(Settings(model=model, width=16, layers=2), 9)
    found = [id(p) for weights in layers_of(network).values() for p in weights]
    assert sorted(found) == sorted(id(p) for p in network.parameters())


@pytest.mark.parametrize("kind", ["mlp", "lstm", "gpt"])
def test_a_sample_is_what_reading_everything_again_gives(kind: str) -> None:
    """One number a step, laid over the probabilities in the order of the ids."""
    model = built(Settings(model=kind, width=16, window=16), 12).eval()
    for weight in model.parameters():
        weight.data.normal_(generator=torch.Generator().manual_seed(3))
    found = measuring.write(model, start=0, rows=2, most=12, seed=5, end=None)
    for row in range(2):
        dice, text = np.random.default_rng((5, row)).random(12), [0]
        for number in dice:
            with torch.no_grad():
                scores = model(torch.tensor([text]))[0, -1].double().softmax(-1).numpy()
            text.append(int(np.searchsorted(np.cumsum(scores), number, side="right")))
        assert found[row] == text[1:]


def test_a_sample_ends_before_the_end_and_goes_on_where_the_context_is_full() -> None:
    model = built(Settings(model="gpt", width=16, window=4), 3).eval()
    assert all(len(row) == 40 for row in measuring.write(model, 0, 2, 40, seed=1, end=None))
    for row in measuring.write(model, 0, 20, 40, seed=1, end=0):
        assert 0 not in row


def test_a_broken_model_writes_something_and_has_no_bits() -> None:
    model = Table(TableConfig(5))
    model.embedding.weight.data.fill_(math.nan)
    assert len(measuring.write(model, 0, 1, 3, seed=1, end=None)[0]) == 3
    windows = measuring.windows_of(np.arange(60) % 5, 16)
    assert measuring.finite(measuring.bits(model, windows)) is None


def test_names_look_right_if_all_their_trigrams_are_known() -> None:
    known = measuring.trigrams(["anna", "annika"])
    assert known == {"ann", "nna", "nni", "nik", "ika"}
    written = ["anna", "annika", "annna", "al", "a", "", "annikannikannik"]
    assert measuring.familiar(written, known) == pytest.approx(3 / 7)


def test_what_is_recalled_is_the_share_of_last_letters() -> None:
    listed = of_lines(["aa", "bb"], ["aa", "ba", "bb"])
    model = Table(TableConfig(3))
    model.embedding.weight.data = 9 * torch.eye(3)  # the next is the last again
    assert measuring.recalled(model, listed) == pytest.approx(2 / 3)


def test_a_counted_model_needs_the_bits_of_its_counts() -> None:
    text = "ab" * 300 + "ba" * 30
    found = of_text(text)
    model = counted(found)
    windows = measuring.windows_of(found.heldout, 64)
    assert 0 < measuring.bits(model, windows) < 1
