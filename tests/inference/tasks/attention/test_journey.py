"""A token's way, against the same layer written out in numpy and against plain transformers."""

from __future__ import annotations

import json
import math
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from numpy.typing import NDArray

from inference.decoding.inside import journey
from inference.errors import OrreryError, OutOfRange
from inference.service import Service
from inference.tasks.attention.journey import (
    RAISED,
    STRONGEST,
    TOKENS,
    Growth,
    Journey,
    StreamGrowth,
    TokenWay,
    WayOfText,
)
from inference.wire import dumps, known, loads
from models.transformer import checkpoint
from models.transformer.model import Transformer

Array = NDArray[np.float64]
CHECKPOINTS = Path(__file__).parents[4] / "checkpoints"
CLOSE = {"atol": 1e-5, "rtol": 1e-5}
DECODERS = [
    *("storyteller", "storyteller-books", "ladder/gpt"),
    *sorted(f"storyteller-growing/{path.parent.name}" for path in
            (CHECKPOINTS / "storyteller-growing").glob("*/config.json")),
]  # fmt: skip


def numpy_layer(
    held: dict[str, Array], stream: Array, layer: int, token: int, config: dict[str, Any]
) -> dict[str, Array]:
    """Every step of a layer in float64, after the equations of Llama; Touvron et al. 2023.

    held: the weights by the names of plain transformers. stream: (tokens, width).
    """
    name, heads = f"model.layers.{layer}.", config["num_attention_heads"]
    own = {key.removeprefix(name): one for key, one in held.items() if key.startswith(name)}
    normed = normal(stream, own["input_layernorm.weight"], config)
    query, key, value = (
        (normed @ own[f"self_attn.{part}_proj.weight"].T).reshape(len(stream), heads, -1)
        for part in "qkv"
    )
    turned_query, turned_key = turned(query), turned(key)
    scores = np.einsum("qhd,khd->hqk", turned_query, turned_key) / math.sqrt(query.shape[-1])
    seen = np.where(np.tri(len(stream), dtype=bool), np.exp(scores), 0)
    weights = seen / seen.sum(axis=-1, keepdims=True)
    mixed = np.einsum("hqk,khd->qhd", weights, value)[token]
    attended = own["self_attn.o_proj.weight"] @ mixed.ravel()
    between = stream[token] + attended
    again = normal(between[None], own["post_attention_layernorm.weight"], config)[0]
    gate, up = (own[f"mlp.{part}_proj.weight"] @ again for part in ("gate", "up"))
    neurons = gate / (1 + np.exp(-gate)) * up
    down = own["mlp.down_proj.weight"]
    return {
        "normed": normed[token],
        "queries": np.stack([query[token], turned_query[token]]),
        "keys": np.stack([key, turned_key]).swapaxes(1, 2),
        "values": value.swapaxes(0, 1),
        "scores": scores,
        "weights": weights,
        "mixed": mixed,
        "attended": attended,
        "between": between,
        "normed_again": again,
        "neurons": neurons,
        "lengths": np.array([np.linalg.norm(neurons[i] * down[:, i]) for i in range(len(neurons))]),
        "thought": down @ neurons,
        "after": between + down @ neurons,
    }


def normal(x: Array, scale: Array, config: dict[str, Any]) -> Array:
    found: Array = x / np.sqrt((x**2).mean(axis=-1, keepdims=True) + config["rms_norm_eps"]) * scale
    return found


def turned(x: Array) -> Array:
    """(tokens, heads, width): pair i of a head, numbers i and i + width / 2, turned as in RoPE."""
    places, half = np.arange(len(x))[:, None, None], x.shape[-1] // 2
    angles = places * 10_000.0 ** (-np.arange(half) / half)
    first, second = x[..., :half], x[..., half:]
    return np.concatenate(
        [
            first * np.cos(angles) - second * np.sin(angles),
            second * np.cos(angles) + first * np.sin(angles),
        ],
        axis=-1,
    )


def as_transformers(model: Any) -> tuple[dict[str, Array], dict[str, Any]]:
    held = {name: one.detach().double().numpy() for name, one in model.state_dict().items()}
    return held, model.config.to_dict()


def follow(model: Transformer, reference: Any, ids: list[int], layer: int, token: int) -> None:
    """The way is that of numpy, from the stream that the lower layers of numpy make."""
    found = journey.way(model, ids, layer, 0, token)
    held, config = as_transformers(reference)
    stream = held["model.embed_tokens.weight"][ids]
    np.testing.assert_array_equal(found.embedded, stream.astype(np.float32))
    growth = [np.linalg.norm(stream, axis=-1)]
    for below in range(config["num_hidden_layers"]):
        if below == layer:
            np.testing.assert_allclose(found.stream, stream, **CLOSE)
            for name, expected in numpy_layer(held, stream, layer, token, config).items():
                given = getattr(found, name)
                np.testing.assert_allclose(given, expected, **CLOSE, err_msg=name)
        rows = [numpy_layer(held, stream, below, at, config)["after"] for at in range(len(ids))]
        stream = np.stack(rows)
        growth.append(np.linalg.norm(stream, axis=-1))
    np.testing.assert_allclose(found.growth, np.stack(growth), **CLOSE)
    np.testing.assert_allclose(found.last, stream[token], **CLOSE)
    read = normal(stream[token], held["model.norm.weight"], config)
    np.testing.assert_allclose(found.read, read, **CLOSE)
    head = held.get("lm_head.weight", held["model.embed_tokens.weight"])
    np.testing.assert_allclose(found.logits, head @ read, **CLOSE)
    raises(found, held, head, layer, stream[token], config)


def raises(
    found: TokenWay,
    held: dict[str, Array],
    head: Array,
    layer: int,
    last: Array,
    config: dict[str, Any],
) -> None:
    """The logits of each neuron's own share of the stream, normed by what the whole of it needs."""
    down = held[f"model.layers.{layer}.mlp.down_proj.weight"]
    root = np.sqrt((last**2).mean() + config["rms_norm_eps"])
    order = sorted(range(len(found.neurons)), key=lambda one: -abs(float(found.neurons[one])))
    assert found.strongest.tolist() == order[:STRONGEST]
    for i, one in enumerate(order[:STRONGEST]):
        added = float(found.neurons[one]) * down[:, one] / root * held["model.norm.weight"]
        logits = head @ added
        logits -= logits.mean()
        expected = np.sort(logits)[::-1][:RAISED]
        np.testing.assert_allclose(found.raises[i], expected, **CLOSE)
        np.testing.assert_allclose(logits[found.raised[i]], expected, **CLOSE)


@pytest.mark.weights
def test_what_all_parts_add_directly_is_the_logit(storyteller_reference: Any) -> None:
    """Every layer's share of a logit, by the same scale, sums to it: the norm is linear so held."""
    model = checkpoint.load(CHECKPOINTS / "storyteller")
    held, config = as_transformers(storyteller_reference)
    ids = [0, 40, 71, 12, 88]
    ways = [journey.way(model, ids, layer, 0, 4) for layer in range(config["num_hidden_layers"])]
    last = ways[-1].last.astype(np.float64)
    scale = held["model.norm.weight"] / np.sqrt((last**2).mean() + config["rms_norm_eps"])
    shares = [ways[0].embedded[4], *(part for way in ways for part in (way.attended, way.thought))]
    found = sum(held["model.embed_tokens.weight"] @ (scale * share) for share in shares)
    np.testing.assert_allclose(found, ways[0].logits, atol=1e-4)


@pytest.mark.parametrize("layer", [0, 1])
def test_every_step_of_a_tiny_model_is_that_of_numpy(
    tiny: Transformer, tiny_reference: Any, layer: int
) -> None:
    for token in (0, 4, 6):
        follow(tiny, tiny_reference, [5, 9, 33, 2, 60, 5, 41], layer, token)


@pytest.mark.weights
def test_every_step_of_the_storyteller_is_that_of_numpy(storyteller_reference: Any) -> None:
    model = checkpoint.load(CHECKPOINTS / "storyteller")
    ids = Service(CHECKPOINTS).answer(Journey("Tom saw a big red ball.")).tokens.ids
    follow(model, storyteller_reference, list(ids), 3, 6)


@pytest.mark.weights
@pytest.mark.parametrize("name", DECODERS)
def test_r14_plain_transformers_has_the_same_states_weights_and_logits(
    name: str, open_in_transformers: Callable[[Path], Any]
) -> None:
    folder = CHECKPOINTS / name
    model, reference = checkpoint.load(folder), open_in_transformers(folder)
    reference.set_attn_implementation("eager")
    ids = [0, 40, 71, 12, 88, 40]
    with torch.inference_mode():
        plain = reference(torch.tensor([ids]), output_hidden_states=True, output_attentions=True)
    *states, read = (state[0].numpy() for state in plain.hidden_states)
    layers = json.loads((folder / "config.json").read_text())["num_hidden_layers"]
    for layer in range(layers):
        found = journey.way(model, ids, layer, 0, 3)
        np.testing.assert_allclose(found.stream, states[layer], atol=1e-4)
        if layer + 1 < layers:
            np.testing.assert_allclose(found.after, states[layer + 1][3], atol=1e-4)
        np.testing.assert_allclose(found.weights, plain.attentions[layer][0], atol=1e-4)
        np.testing.assert_allclose(found.weights.sum(axis=-1), 1, atol=1e-5)  # truth: R13
    np.testing.assert_allclose(found.read, read[3], atol=1e-4)
    np.testing.assert_allclose(found.logits, plain.logits[0, 3], atol=1e-4)


@pytest.fixture(scope="module")
def service() -> Service:
    return Service(CHECKPOINTS)


@pytest.mark.weights
def test_a_token_that_the_text_has_not_is_the_last_and_the_way_can_be_sent(
    service: Service,
) -> None:
    found = service.answer(Journey("The cat", layer=2, head=3, token=40))
    assert (found.layer, found.head, found.token) == (1, 2, 2)
    assert "Token 3 is followed" in found.tokens.note
    assert service.answer(Journey("The cat")).tokens.note == ""
    again = loads(dumps(found), known())
    assert isinstance(again, WayOfText)
    np.testing.assert_array_equal(again.way.keys, found.way.keys)


@pytest.mark.weights
@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ({"layer": 7}, "The layer is a whole number from 1 to 6, not 7"),
        ({"head": 5}, "The head is a whole number from 1 to 4, not 5"),
        ({"token": -1}, "The token"),
        ({"model": "lstm"}, "lstm cannot follow a token"),
        ({"text": " the" * (TOKENS + 9)}, "120 tokens; yours has .* too many"),
        ({"text": ""}, "empty"),
    ],
)
def test_what_cannot_be_followed_is_refused(
    service: Service, asked: dict[str, Any], said: str
) -> None:
    with pytest.raises((OutOfRange, OrreryError), match=said):
        service.answer(Journey(**{"text": "The cat", **asked}))


@pytest.mark.weights
def test_the_stream_grows_where_nothing_norms_it_and_stays_where_every_sum_is_normed(
    service: Service,
) -> None:
    text = "Once upon a time there was a little girl."
    before, after = (service.answer(Growth(text, name)) for name in ("storyteller", "fill-in"))
    way = service.answer(Journey(text)).way
    np.testing.assert_allclose(before.lengths, way.growth, atol=1e-4)
    mean = [one.lengths.mean(axis=1) for one in (before, after)]
    assert (np.diff(mean[0]) > 0).all()
    assert mean[0][-1] > 30 * mean[0][0]
    assert mean[1].max() < 1.3 * mean[1].min()
    assert isinstance(loads(dumps(after), known()), StreamGrowth)
