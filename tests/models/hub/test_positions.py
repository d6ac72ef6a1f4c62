"""Where a model counts its positions from, and how far: against plain `transformers`."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import torch

from inference.decoding import engine, lanes
from inference.types.options import LaneOptions
from models.hub import probe
from models.hub.causal import CausalModel
from models.hub.load import load
from models.hub.policy import HubError
from tests.models import conftest

IDS = [5, 9, 12, 7]
SMALL = {
    "vocab_size": 300,
    "hidden_size": 32,
    "intermediate_size": 64,
    "num_hidden_layers": 2,
    "num_attention_heads": 4,
    "initializer_range": 0.2,
    "bos_token_id": 0,
    "eos_token_id": 0,
}
AFTER_PADDING = [
    "RobertaForCausalLM",
    "RobertaPreLayerNormForCausalLM",
    "XLMRobertaForCausalLM",
    "XLMRobertaXLForCausalLM",
    "CamembertForCausalLM",
    "Data2VecTextForCausalLM",
    "XmodForCausalLM",
]
"""Causal models whose first position is the padding id + 1."""


@pytest.fixture(autouse=True)
def inference() -> Any:
    with torch.inference_mode():
        yield


def build(architecture: str, folder: Path, **settings: Any) -> Any:
    """A small random model in `folder`, as plain transformers has it."""
    import transformers

    kind = getattr(transformers, architecture)
    torch.manual_seed(5)
    model = kind(kind.config_class(**SMALL | settings))
    conftest.save(model, conftest.byte_level(), folder)
    return kind.from_pretrained(folder, attn_implementation="eager").eval()


@pytest.mark.parametrize("padding", [1, 3])
@pytest.mark.parametrize("architecture", AFTER_PADDING)
def test_positions_start_after_the_padding_id_where_the_model_counts_so(
    architecture: str, padding: int, tmp_path: Path
) -> None:
    more = {"languages": ["en_XX"], "default_language": "en_XX"} if "Xmod" in architecture else {}
    reference = build(
        architecture,
        tmp_path,
        is_decoder=True,
        pad_token_id=padding,
        max_position_embeddings=34,
        type_vocab_size=1,
        **more,
    )
    model = load(str(tmp_path)).model
    assert model.context == 34 - padding - 1
    ids = torch.tensor([IDS])
    torch.testing.assert_close(model(ids), reference(ids).logits, rtol=0, atol=1e-5)
    longest = torch.full((1, model.context), 5)
    torch.testing.assert_close(model(longest), reference(longest).logits, rtol=0, atol=1e-5)
    short, long = model.new_cache(1), model.new_cache(1)
    model(ids[:, :1], short)
    model(ids[:, :3], long)
    short.join(long)
    together = model(ids[:, [1, 3]].T, short)[:, 0]
    expected = [reference(ids[:, :2]).logits[0, -1], reference(ids).logits[0, -1]]
    torch.testing.assert_close(together, torch.stack(expected), rtol=0, atol=1e-5)


def test_a_model_is_compared_with_its_own_count_of_positions(tmp_path: Path) -> None:
    reference = build(
        "RobertaForCausalLM", tmp_path, is_decoder=True, pad_token_id=1, max_position_embeddings=34
    )
    model = CausalModel(reference)
    probe.check("roberta", model)
    model._first_position = 0
    with pytest.raises(HubError, match="does not give the logits of its own plain call"):
        probe.check("roberta", model)


def longrope(folder: Path) -> Any:
    factors = [1.0 + i for i in range(4)]
    return build(
        "Phi3ForCausalLM",
        folder,
        max_position_embeddings=64,
        original_max_position_embeddings=16,
        pad_token_id=0,
        rope_parameters={
            "rope_type": "longrope",
            "rope_theta": 10000.0,
            "short_factor": [1.0] * 4,
            "long_factor": factors,
            "original_max_position_embeddings": 16,
        },
    )


def test_longrope_is_read_up_to_its_original_length_and_says_so(tmp_path: Path) -> None:
    reference = longrope(tmp_path)
    opened = load(str(tmp_path))
    assert opened.model.context == 16
    assert any("16 tokens" in note and "64" in note for note in opened.notes)
    prompt = [5, 9, 12, 7, 20, 3, 1]
    lane = lanes.build(LaneOptions("Greedy"), seed=1, end_of_text=0)
    *_, states = engine.decode(opened.model, prompt, [lane], 9)
    ids = torch.tensor([prompt])
    written = reference.generate(
        ids, attention_mask=torch.ones_like(ids), max_new_tokens=9, do_sample=False
    )
    assert [step.token for step in states[0].steps] == written[0, 7:].tolist()
    with pytest.raises(ValueError, match="there is room for 16"):
        opened.model(torch.ones(1, 17, dtype=torch.int64))


def test_rotary_positions_of_one_kind_keep_their_whole_context(tmp_path: Path) -> None:
    build(
        "LlamaForCausalLM",
        tmp_path,
        max_position_embeddings=64,
        rope_parameters={
            "rope_type": "llama3",
            "rope_theta": 10000.0,
            "factor": 4.0,
            "low_freq_factor": 1.0,
            "high_freq_factor": 4.0,
            "original_max_position_embeddings": 16,
        },
    )
    opened = load(str(tmp_path))
    assert (opened.model.context, opened.notes) == (64, ())


@pytest.mark.parametrize(
    ("architecture", "settings"),
    [
        ("BertLMHeadModel", {"is_decoder": False, "pad_token_id": 0}),
        ("LlamaForCausalLM", {"is_causal": False}),
    ],
)
def test_a_causal_model_that_sees_what_follows_is_refused(
    architecture: str, settings: dict[str, Any], tmp_path: Path
) -> None:
    build(architecture, tmp_path, num_hidden_layers=1, **settings)
    with pytest.raises(HubError, match="sees the tokens that follow"):
        load(str(tmp_path))
