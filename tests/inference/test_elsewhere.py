"""A model from elsewhere, served as any other: what it writes is what `transformers` writes."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch
from transformers import AutoModelForCausalLM, GPT2Config, GPT2LMHeadModel

from inference.service import Service
from inference.tasks.attention import Attention
from inference.tasks.generate import Generate
from inference.types import AttentionMaps, Generation, GenerationOptions, LaneOptions
from tests.models.conftest import byte_level, save

PROMPT = "The cat sat on the caf\u00e9"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    tokenizer = byte_level()
    end = tokenizer.token_to_id("<|endoftext|>")
    config = GPT2Config(
        vocab_size=tokenizer.get_vocab_size(), n_positions=64, n_embd=32, n_layer=2, n_head=4,
        eos_token_id=end, bos_token_id=end,
    )  # fmt: skip
    torch.manual_seed(4)
    return save(GPT2LMHeadModel(config), tokenizer, tmp_path_factory.mktemp("mine") / "gpt2")


@torch.inference_mode()
def test_it_writes_and_attends_as_transformers_does(folder: Path, tmp_path: Path) -> None:
    service = Service(tmp_path, "cpu", elsewhere={"mine": str(folder)})
    options = GenerationOptions((LaneOptions("Greedy"),), new_tokens=12)
    *_, last = service.run(Generate(PROMPT, "mine", options))
    assert isinstance(last, Generation)
    given = [step.token for step in last.lanes[0].steps]
    theirs = AutoModelForCausalLM.from_pretrained(folder, attn_implementation="eager").eval()
    ids = torch.tensor([last.prompt])
    written = theirs.generate(
        ids, attention_mask=torch.ones_like(ids), do_sample=False, max_new_tokens=12, pad_token_id=0
    )
    assert given == written[0, ids.shape[1] :].tolist()
    *_, maps = service.run(Attention(PROMPT, "mine"))
    assert isinstance(maps, AttentionMaps)
    expected = torch.stack(theirs(ids, output_attentions=True).attentions)[:, 0].numpy()
    assert maps.weights == pytest.approx(expected, abs=1e-5)
    assert "mine" in [one.name for one in service.catalog.entries("write")]
    service.close(0.0)
