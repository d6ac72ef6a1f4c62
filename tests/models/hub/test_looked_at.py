"""Heads of models from elsewhere, seen through the same lens, against plain `transformers`."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from components.attention import heads
from components.attention.reading.seen import Seen
from inference.service import Service

TEXT = "The cat sat on the mat"


@pytest.fixture(scope="module")
def service(
    gpt2_folder: Path,
    bert_folder: Path,
    marian_folder: Path,
    tmp_path_factory: pytest.TempPathFactory,
) -> Service:
    folders = {"gpt2": gpt2_folder, "bert": bert_folder, "marian": marian_folder}
    named = {name: str(folder) for name, folder in folders.items()}
    return Service(tmp_path_factory.mktemp("checkpoints"), "cpu", elsewhere=named)


def seen(service: Service, model: str, part: str = "", written: int = 0) -> Seen:
    *_, found = heads.ask(service, None, TEXT, model, "", part, "", written)
    assert isinstance(found, Seen)
    np.testing.assert_allclose(found.weights.sum(axis=-1), 1, atol=1e-5)
    return found


def stacked(layers: Any) -> np.ndarray:
    return torch.stack([layer[0] for layer in layers]).numpy()


@torch.inference_mode()
def test_one_that_writes_is_seen_while_it_writes_on(service: Service, gpt2_folder: Path) -> None:
    from transformers import AutoModelForCausalLM

    model: Any = AutoModelForCausalLM.from_pretrained(gpt2_folder, attn_implementation="eager")
    found = seen(service, "gpt2", written=3)
    result = model.eval()(torch.tensor([found.asking.ids]), output_attentions=True)
    assert found.writes and found.causal and 1 <= found.written <= 3
    np.testing.assert_allclose(found.weights, stacked(result.attentions), atol=1e-4)


def test_one_that_fills_gaps_is_seen_on_both_sides(service: Service) -> None:
    found = seen(service, "bert")
    assert not found.writes and not found.causal


@torch.inference_mode()
def test_r14_the_three_parts_of_a_translator(service: Service, marian_folder: Path) -> None:
    from transformers import AutoModelForSeq2SeqLM

    model: Any = AutoModelForSeq2SeqLM.from_pretrained(marian_folder, attn_implementation="eager")
    cross, encoder, decoder = (
        seen(service, "marian", one) for one in ("cross", "encoder", "decoder")
    )
    assert cross.parts == ("cross", "encoder", "decoder")
    result = model.eval()(
        input_ids=torch.tensor([cross.asked.ids]),
        decoder_input_ids=torch.tensor([decoder.asking.ids]),
        output_attentions=True,
    )
    for ours, theirs in (
        (cross, result.cross_attentions),
        (encoder, result.encoder_attentions),
        (decoder, result.decoder_attentions),
    ):
        np.testing.assert_allclose(ours.weights, stacked(theirs), atol=1e-4)
