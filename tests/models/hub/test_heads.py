"""Heads of layers that share their weights, and attention that goes to no token."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import torch

from inference.text.notes import missing_share
from models.contract import Trace
from models.hub.load import load
from models.interventions import HeadAblation, Interventions
from tests.models import conftest
from tests.models.hub.test_positions import IDS, build

CLOSE = {"rtol": 0, "atol": 1e-5}


@pytest.fixture(autouse=True)
def inference() -> Any:
    with torch.inference_mode():
        yield


def test_r16_a_head_of_shared_weights_is_removed_where_it_is_applied_and_nowhere_else(
    tmp_path: Path,
) -> None:
    from transformers import AlbertConfig, AlbertForMaskedLM

    torch.manual_seed(7)
    config = AlbertConfig(
        vocab_size=300,
        embedding_size=16,
        hidden_size=32,
        intermediate_size=64,
        num_hidden_layers=3,
        num_attention_heads=4,
        num_hidden_groups=1,
        initializer_range=0.2,
        pad_token_id=0,
    )
    folder = conftest.save(AlbertForMaskedLM(config), conftest.wordpiece(), tmp_path)
    opened = load(str(folder))
    assert (opened.layers, opened.heads) == (3, 4)
    ids = torch.tensor([IDS])
    reference = AlbertForMaskedLM.from_pretrained(folder, attn_implementation="eager").eval()
    dense = reference.albert.encoder.albert_layer_groups[0].albert_layers[0].attention.dense
    for layer in range(3):
        applied = 0

        def silence(module: Any, given: tuple[torch.Tensor], layer: int = layer) -> Any:
            nonlocal applied
            applied += 1
            if applied - 1 != layer:
                return None
            mixed = given[0].clone()
            mixed[..., 8:16] = 0  # head 1 of width 8
            return (mixed,)

        handle = dense.register_forward_pre_hook(silence)
        expected = reference(ids).logits
        handle.remove()
        trace = Trace(Interventions((HeadAblation(0, layer, 1),)))
        torch.testing.assert_close(opened.model(ids, trace=trace), expected, **CLOSE)
        assert len(trace.heads) == len(trace.attention) == 3
    with pytest.raises(ValueError, match="no layer 3: they go from 0 to 2"):
        opened.model(ids, trace=Trace(Interventions((HeadAblation(0, 3, 1),))))


def test_r13_attention_to_a_sink_is_missing_from_the_rows_and_that_is_said(tmp_path: Path) -> None:
    reference = build(
        "GptOssForCausalLM",
        tmp_path,
        num_key_value_heads=2,
        head_dim=8,
        num_local_experts=2,
        num_experts_per_tok=1,
        max_position_embeddings=64,
        pad_token_id=0,
        rope_parameters={"rope_type": "default", "rope_theta": 10000.0},
    )
    opened = load(str(tmp_path))
    trace = Trace()
    opened.model(torch.tensor([IDS]), trace=trace)
    plain = reference(torch.tensor([IDS]), output_attentions=True)
    for mine, theirs in zip(trace.attention, plain.attentions, strict=True):
        torch.testing.assert_close(mine, theirs, **CLOSE)
        assert (mine.sum(-1) < 0.999).any() and (mine.sum(-1) <= 1 + 1e-6).all()
        assert "sum to less than 1" in missing_share(mine.numpy())


def test_r13_rows_that_sum_to_1_need_no_note(hub_gpt2: Any, hub_bert: Any) -> None:
    for opened in (hub_gpt2, hub_bert):
        trace = Trace()
        opened.model(torch.tensor([IDS]), trace=trace)
        assert [missing_share(layer.numpy()) for layer in trace.attention] == ["", ""]
        assert (opened.notes, opened.layers, opened.heads) == ((), 2, 4)
