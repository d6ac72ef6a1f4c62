"""Where heads look, against plain `transformers`, the card of the growing one, and numpy."""

from __future__ import annotations

import json
import math
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from numpy.typing import NDArray

from inference.decoding.inside import roles
from inference.service import Service
from inference.tasks.attention.roles import HeadRoles, LooksOverText
from inference.wire import dumps, known, loads
from models import loading
from tests.conftest import finished

pytestmark = pytest.mark.weights
CHECKPOINTS = Path(__file__).parents[4] / "checkpoints"
TEXT = "Tom lost the red umbrella. Mia found the red umbrella."
GROWN = "storyteller-growing/step-08192"


@cache
def service() -> Service:
    return Service(CHECKPOINTS)


@cache
def looks(model: str) -> LooksOverText:
    return service().answer(HeadRoles(TEXT, model))


def by_transformers(folder: str, ids: list[int], kind: str) -> Any:
    """The model, and what it gives for one text."""
    import transformers

    model = getattr(transformers, kind).from_pretrained(
        CHECKPOINTS / folder, dtype=torch.float32, attn_implementation="eager"
    )
    with torch.inference_mode():
        return model, model(torch.tensor([ids]), output_attentions=True, output_hidden_states=True)


def test_the_maps_of_random_tokens_are_those_of_transformers() -> None:
    found = looks(GROWN).looks
    _, result = by_transformers(GROWN, [*found.drawn] * 2, "AutoModelForCausalLM")
    expected = torch.stack(result.attentions)[:, 0].numpy()
    np.testing.assert_allclose(found.trained.shown, expected, atol=1e-4)
    assert found.trained.repeated.shape[2:] == (100, 100)
    np.testing.assert_allclose(found.trained.repeated.sum(-1), 1, atol=1e-4)


@pytest.mark.parametrize("steps", [512, 2048, 8192])
def test_scores_on_random_tokens_are_those_of_the_card(steps: int) -> None:
    metrics = json.loads((CHECKPOINTS / "storyteller-growing" / "metrics.json").read_text())
    card = metrics["figures"]["Held-out simple stories, age by age"][f"{steps:,} steps"]
    maps = looks(f"storyteller-growing/step-{steps:05}").looks.trained.repeated
    before = np.diagonal(maps, -1, 2, 3).mean(-1)
    after_first = np.diagonal(maps, -49, 2, 3)[..., 1:].mean(-1)
    assert before.max() == pytest.approx(card["on the token just before"], abs=0.002)
    after = card["on what came after the same token earlier"]
    assert after_first.max() == pytest.approx(after, abs=0.002)


def test_the_surprise_of_tokens_that_come_again_is_that_of_transformers() -> None:
    model = loading.load(CHECKPOINTS / GROWN)
    generator = torch.Generator().manual_seed(roles.SEED)
    rows = torch.randint(1, 1024, (roles.ROWS, roles.SPAN), generator=generator)
    bits = []
    for row in rows.tolist()[:2]:
        _, result = by_transformers(GROWN, [*row, *row], "AutoModelForCausalLM")
        logs = result.logits[0].double().log_softmax(-1)
        bits += [-logs[49 + i, row[i]].item() / math.log(2) for i in range(50)]
    assert roles._read_twice(model, rows[:2])[1] == pytest.approx(np.mean(bits), abs=1e-3)
    parts = [roles._read_twice(model, rows[i : i + 2])[1] for i in range(0, roles.ROWS, 2)]
    assert looks(GROWN).looks.trained.bits == pytest.approx(np.mean(parts), abs=1e-3)
    assert math.isnan(looks("fill-in").looks.trained.bits)


def lengths_by_numpy(folder: str, ids: list[int]) -> NDArray[np.float64]:
    """The norm of f(x) of Kobayashi et al., from the weights that `transformers` has read."""
    kind = "AutoModelForMaskedLM" if folder == "fill-in" else "AutoModelForCausalLM"
    model, result = by_transformers(folder, ids, kind)
    rows = []
    with torch.inference_mode():
        for layer, state in enumerate(result.hidden_states[:-1]):
            if folder == "fill-in":
                attention = model.bert.encoder.layer[layer].attention
                values = attention.self.value(state[0])
                output, heads = attention.output.dense.weight, attention.self.num_attention_heads
            else:
                block = model.model.layers[layer]
                values = block.self_attn.v_proj(block.input_layernorm(state[0]))
                output, heads = block.self_attn.o_proj.weight, model.config.num_attention_heads
            width = values.shape[1] // heads
            rows.append(
                [
                    [
                        np.linalg.norm(
                            output[:, head * width : (head + 1) * width].numpy()
                            @ value[head * width : (head + 1) * width].numpy()
                        )
                        for value in values
                    ]
                    for head in range(heads)
                ]
            )
    return np.array(rows)


@pytest.mark.parametrize("folder", [GROWN, "storyteller", "fill-in"])
def test_the_length_of_values_is_that_of_numpy(folder: str) -> None:
    found = looks(folder)
    expected = lengths_by_numpy(folder, [*found.tokens.ids])
    np.testing.assert_allclose(found.looks.lengths, expected, rtol=1e-3)


@pytest.mark.parametrize("name", [GROWN, "fill-in", "ladder/gpt", "translator"])
def test_the_untrained_twin_is_always_the_same_and_leaves_the_dice_alone(name: str) -> None:
    model = loading.load(CHECKPOINTS / name)
    state = torch.get_rng_state()
    one, other = roles.untrained(model), roles.untrained(model)
    assert torch.equal(torch.get_rng_state(), state)
    assert one is not None and other is not None
    ours = dict(model.named_parameters())
    for (key, weight), again in zip(one.named_parameters(), other.parameters(), strict=True):
        assert torch.equal(weight, again)
        assert weight.shape == ours[key].shape
    assert not one.training
    assert not torch.equal(one.embedding.weight, model.embedding.weight)


def test_a_model_from_elsewhere_has_a_twin_and_values() -> None:
    import transformers

    from models.hub.causal import CausalModel

    shape = transformers.GPT2Config(vocab_size=90, n_positions=64, n_embd=16, n_layer=2, n_head=2)
    made: Any = transformers.GPT2LMHeadModel._from_config(shape, attn_implementation="eager")
    model = CausalModel(made.eval())
    twin = roles.untrained(model)
    assert twin is not None
    assert len(finished(roles.repeated(twin)).drawn) == roles.SHOWN
    assert roles.value_lengths(model, [1, 2, 3]).shape == (2, 2, 3)
    model.heads._makers.clear()
    assert roles.value_lengths(model, [1, 2, 3]).size == 0


def test_a_twin_that_would_be_too_large_is_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(roles, "MOST", 100)
    assert roles.untrained(loading.load(CHECKPOINTS / GROWN)) is None


def test_the_second_text_reads_no_random_tokens_again(monkeypatch: pytest.MonkeyPatch) -> None:
    looks(GROWN)
    monkeypatch.setattr(roles, "repeated", None)
    again = service().answer(HeadRoles("Tom was glad.", GROWN))
    assert np.array_equal(again.looks.trained.repeated, looks(GROWN).looks.trained.repeated)


def test_it_travels_as_bytes() -> None:
    task = HeadRoles(TEXT, GROWN, twin=False)
    assert loads(dumps(task), known()) == task
    found = service().answer(task)
    again = loads(dumps(found), known())
    assert found.looks.untrained is None
    assert np.array_equal(again.looks.trained.text, found.looks.trained.text)
