"""Where translators look, against plain `transformers` and the equation of additive attention."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from inference.errors import OrreryError
from inference.service import Service
from inference.tasks.attention.alignment import LONGEST, Align, Aligned
from inference.wire import dumps, known, loads
from models import loading
from models.text.tokenizer import Tokenizer

pytestmark = pytest.mark.weights
CHECKPOINTS = Path(__file__).parents[4] / "checkpoints"
TEXT = "She bought a black cat and a white dog."
FRENCH = "Elle a acheté un chat noir et un chien blanc."


@cache
def service() -> Service:
    return Service(CHECKPOINTS, "cpu")


def target(text: str = FRENCH) -> tuple[int, ...]:
    cut = Tokenizer.load(CHECKPOINTS / "translator")
    assert cut.end_of_text is not None
    return (*cut.encode(text), cut.end_of_text)


def aligned(model: str) -> Aligned:
    return service().answer(Align(TEXT, model, (target(), target("Un chat."))))


@pytest.mark.parametrize("model", ["translator", "translator-rnn"])
def test_every_row_sums_to_1_and_is_of_one_token_written(model: str) -> None:
    found = aligned(model)
    for weights, ids in zip(found.looks.maps, (target(), target("Un chat.")), strict=True):
        assert weights.shape[2:] == (len(ids), len(found.tokens.ids))
        assert (weights >= 0).all()
        np.testing.assert_allclose(weights.sum(axis=-1), 1, atol=1e-5)
    for weights in (found.looks.reading, *found.looks.writing):
        np.testing.assert_allclose(weights.sum(axis=-1), 1, atol=1e-5)
    assert found.looks.vector.size == 0
    assert (found.looks.reading.size > 0) == (model == "translator")


def test_r14_the_transformer_looks_where_plain_transformers_says() -> None:
    from transformers import AutoModelForSeq2SeqLM

    theirs: Any = AutoModelForSeq2SeqLM.from_pretrained(
        CHECKPOINTS / "translator", dtype=torch.float32, attn_implementation="eager"
    )
    found, ids = aligned("translator"), target()
    with torch.inference_mode():
        result = theirs(
            input_ids=torch.tensor([found.tokens.ids]),
            decoder_input_ids=torch.tensor([[0, *ids[:-1]]]),
            output_attentions=True,
        )
    looks, source = found.looks, len(found.tokens.ids)
    for ours, layers, shape in (
        (looks.maps[0], result.cross_attentions, (2, 4, len(ids), source)),
        (looks.writing[0], result.decoder_attentions, (2, 4, len(ids), len(ids))),
        (looks.reading, result.encoder_attentions, (3, 4, source, source)),
    ):
        expected = torch.stack([layer[0] for layer in layers]).numpy()
        assert ours.shape == expected.shape == shape
        np.testing.assert_allclose(ours, expected, atol=1e-4)
    assert not np.triu(looks.writing[0], 1).any()
    assert (looks.reading > 0).all()


def test_the_recurrent_translator_looks_where_the_equation_says() -> None:
    """softmax(v . tanh(W s + U h)) with the state before each token, read off step by step."""
    model: Any = loading.load(CHECKPOINTS / "translator-rnn")
    found = aligned("translator-rnn")
    parts = {name: one.detach().numpy() for name, one in model.attention.named_parameters()}
    with torch.inference_mode():
        store = model.new_cache(1, source=torch.tensor([found.tokens.ids]))
        read = store.source.memory[0, :, : 2 * model.config.encoder].numpy()
        for row, token in zip(found.looks.maps[0][0, 0], (0, *target()), strict=False):
            state = store.text.state[0, 0].numpy()
            asked = parts["of_state.weight"] @ state
            given = read @ parts["of_annotation.weight"].T + parts["of_annotation.bias"]
            scores = np.tanh(asked + given) @ parts["score.weight"][0]
            shares = np.exp(scores - scores.max())
            np.testing.assert_allclose(row, shares / shares.sum(), atol=1e-4)
            model.forward(torch.tensor([[token]]), store)


def test_without_attention_there_is_one_vector_and_no_map() -> None:
    found = aligned("translator-rnn-bottleneck")
    model: Any = loading.load(CHECKPOINTS / "translator-rnn-bottleneck")
    width = model.config.encoder
    gru = torch.nn.GRU(model.config.embedding, width, batch_first=True)
    with torch.inference_mode():
        words = model.embedding(torch.tensor([found.tokens.ids]))
        ends = []
        for layer, order in ((model.onward, words), (model.backward_, words.flip(1))):
            gru.weight_ih_l0.copy_(layer.input_weight)
            gru.weight_hh_l0.copy_(layer.state_weight)
            gru.bias_ih_l0.copy_(layer.input_bias)
            gru.bias_hh_l0.copy_(layer.state_bias)
            ends.append(gru(order)[1][0, 0])
    assert [one.shape[:2] for one in found.looks.maps] == [(0, 0), (0, 0)]
    np.testing.assert_allclose(found.looks.vector, torch.cat(ends).numpy(), atol=1e-4)


def test_an_alignment_is_sent_as_bytes() -> None:
    found = aligned("translator")
    again = loads(dumps(found), known())
    assert isinstance(again, Aligned)
    np.testing.assert_array_equal(again.looks.maps[0], found.looks.maps[0])


def test_a_long_sentence_and_a_model_of_one_language_are_refused() -> None:
    with pytest.raises(OrreryError, match=f"{LONGEST}"):
        service().answer(Align("cat " * 2 * LONGEST, "translator", (target(),)))
    with pytest.raises(OrreryError, match="cannot translate"):
        service().answer(Align(TEXT, "storyteller", (target(),)))
