"""The mean score of two random tokens, against all pairs of tokens one by one."""

from __future__ import annotations

import math
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from analysis.positions.schemes import turned
from inference.decoding.inside.positions import mean_token
from inference.errors import OrreryError
from inference.service import Service
from inference.tasks.attention.positions import ModelPositions, PositionStates
from inference.wire import dumps, known, loads
from models.hub.causal import CausalModel
from models.transformer.bidirectional import Bidirectional, BidirectionalConfig
from models.transformer.model import Transformer, TransformerConfig, rotate
from models.translators.transformer import Translator, TranslatorConfig
from tests.inference.tasks.attention.test_explanation import from_elsewhere

CHECKPOINTS = Path(__file__).parents[4] / "checkpoints"


def found(model: Any, length: int) -> PositionStates:
    steps = mean_token(model, length, {})
    while True:
        try:
            next(steps)
        except StopIteration as end:
            return PositionStates(*end.value)


def mean_scores(states: PositionStates, query: int, key: int) -> np.ndarray:
    """(heads,) at two positions."""
    queries, keys = states.queries, states.keys
    if states.base:
        shape = (len(queries), 20, queries.shape[-1])
        queries, keys = (
            turned(np.broadcast_to(one, shape), states.base) for one in (queries, keys)
        )
    scores: np.ndarray = (queries[:, query] * keys[:, key]).sum(-1) / math.sqrt(keys.shape[-1])
    return scores


def loud(model: torch.nn.Module) -> Any:
    """The same with larger weights, so that scores are not near 0."""
    torch.manual_seed(5)
    for weight in model.parameters():
        torch.nn.init.normal_(weight, std=0.5)
    return model.eval()


@torch.inference_mode()
def test_a_rotary_model_averages_all_pairs_of_tokens() -> None:
    model = loud(Transformer(TransformerConfig(7, 20, 1, 2, 8, 8)))
    block = model.blocks[0]
    total, (i, j) = torch.zeros(2), (13, 4)
    for one in range(7):
        for other in range(7):
            ids = torch.tensor([[one, other]])
            query, key, _ = block.attention.project(block.attention_norm(model.embedding(ids)))
            query = rotate(query[0, :, 0], *model.rotary[:, i])
            key = rotate(key[0, :, 1], *model.rotary[:, j])
            total += (query * key).sum(-1) / 2
    states = found(model, 20)
    np.testing.assert_allclose(mean_scores(states, i, j), total.numpy() / 49, atol=1e-4)


@torch.inference_mode()
def test_a_learned_table_averages_all_pairs_of_tokens() -> None:
    model = loud(Bidirectional(BidirectionalConfig(7, 6, 20, 1, 2, 8, 8)))
    total, (i, j), layer = torch.zeros(2), (13, 17), model.layers[0]
    for one in range(7):
        for other in range(7):
            text = torch.full((1, 20), 0)
            text[0, i], text[0, j] = one, other
            x = model.embedding_norm(model.embedding(text) + model.position.weight)[0]
            query, key = layer.query(x[i]).view(2, 4), layer.key(x[j]).view(2, 4)
            total += (query * key).sum(-1) / 2
    states = found(model, 20)
    np.testing.assert_allclose(mean_scores(states, i, j), total.numpy() / 49, atol=1e-4)
    assert found(model, 30).keys.shape[1] == 20  # there are no more


@torch.inference_mode()
def test_the_translator_averages_all_pairs_of_tokens() -> None:
    model = loud(Translator(TranslatorConfig(7, 20, 1, 1, 2, 8, 8)))
    total, (i, j), layer = torch.zeros(2), (13, 17), model.encoder[0]
    for one in range(7):
        for other in range(7):
            x = model.embed(torch.tensor([one, other]), model.positions[[i, j]])
            query, key = layer.query(x[0]).view(2, 4), layer.key(x[1]).view(2, 4)
            total += (query * key).sum(-1) / 2
    states = found(model, 20)
    np.testing.assert_allclose(mean_scores(states, i, j), total.numpy() / 49, atol=1e-4)
    assert found(model, 30).keys.shape[1] == 30  # the formula goes on


@torch.inference_mode()
def test_gpt_2_averages_all_pairs_of_tokens() -> None:
    inner = from_elsewhere("GPT2", n_positions=20)
    attention, total, (i, j) = inner.transformer.h[0], torch.zeros(4), (13, 4)
    vectors = inner.transformer.wte.weight
    for key_token in range(90):
        here = attention.ln_1(vectors + inner.transformer.wpe.weight[i])  # every query at once
        there = attention.ln_1(vectors[key_token] + inner.transformer.wpe.weight[j])
        queries = attention.attn.c_attn(here[None])[0, :, :16].view(90, 4, 4)
        key = attention.attn.c_attn(there[None, None])[0, 0, 16:32].view(4, 4)
        total += (queries * key).sum(-1).sum(0) / 2
    states = found(CausalModel(inner), 20)
    assert (states.base, states.trained) == (0, 20)
    np.testing.assert_allclose(mean_scores(states, i, j), total.numpy() / 90**2, atol=1e-4)
    assert found(CausalModel(inner), 12).keys.shape == (4, 12, 4)


@torch.inference_mode()
@pytest.mark.parametrize("shared", [4, 2])
def test_llama_averages_all_pairs_of_tokens(shared: int) -> None:
    more = {"intermediate_size": 24, "max_position_embeddings": 20}
    inner = from_elsewhere("Llama", num_key_value_heads=shared, **more)
    layer, (i, j), total = inner.model.layers[0], (13, 4), torch.zeros(4)
    states = layer.input_layernorm(inner.model.embed_tokens.weight)
    cos, sin = inner.model.rotary_emb(states, torch.tensor([[i, j]]))
    queries = layer.self_attn.q_proj(states).view(90, 4, 4)
    keys = layer.self_attn.k_proj(states).view(90, shared, 4).repeat_interleave(4 // shared, 1)
    queries, keys = (rotate(one, cos[0, at], sin[0, at]) for one, at in ((queries, 0), (keys, 1)))
    total = (queries.sum(0) * keys.sum(0)).sum(-1) / 2  # the sum over all pairs
    made = found(CausalModel(inner), 20)
    assert (made.base, made.trained) == (1e4, 20)
    np.testing.assert_allclose(mean_scores(made, i, j), total.numpy() / 90**2, atol=1e-4)


def test_another_kind_of_model_is_refused_in_a_sentence() -> None:
    normed = from_elsewhere("Qwen3", intermediate_size=24, num_key_value_heads=4, head_dim=4)
    for model in (torch.nn.Linear(1, 1), CausalModel(normed)):
        with pytest.raises(OrreryError, match="cannot be read"):
            found(model, 20)


@cache
def service() -> Service:
    return Service(CHECKPOINTS)


@pytest.mark.weights
@pytest.mark.parametrize(
    ("name", "base", "trained"),
    [
        *(("storyteller", 1e4, 512), ("storyteller-books", 1e4, 512), ("gpt", 1e4, 256)),
        *(("fill-in", 0, 128), ("translator", 0, 128)),
    ],
)
def test_models_say_what_their_files_say(name: str, base: float, trained: int) -> None:
    states = service().answer(ModelPositions(model=name, length=64))
    assert (states.base, states.trained) == (base, trained)
    assert states.queries.shape[:2] == (4, 1 if base else 64)
    assert loads(dumps(states), known()).keys.tolist() == states.keys.tolist()


@pytest.mark.weights
def test_fill_in_agrees_with_transformers() -> None:
    from transformers import AutoModelForMaskedLM

    bert: Any = AutoModelForMaskedLM.from_pretrained(CHECKPOINTS / "fill-in", dtype=torch.float32)
    first = bert.bert.encoder.layer[0].attention.self
    with torch.inference_mode():
        every = torch.arange(bert.config.vocab_size)[:, None]
        states = [
            bert.bert.embeddings(every, position_ids=torch.tensor([[place]])).mean(dim=(0, 1))
            for place in (10, 9)
        ]
        query, key = first.query(states[0]).view(4, 64), first.key(states[1]).view(4, 64)
        expected = ((query * key).sum(-1) / 8).numpy()
    ours = service().answer(ModelPositions(model="fill-in", length=64))
    np.testing.assert_allclose(mean_scores(ours, 10, 9), expected, atol=2e-3)


@pytest.mark.parametrize("length", [15, 1025, 20.5])
def test_a_length_out_of_range_is_refused(length: Any) -> None:
    with pytest.raises(OrreryError, match=r"16 to 1,024"):
        ModelPositions(length=length)
