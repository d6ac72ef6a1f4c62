"""What the settings of a model say about writing: starts, ends, and tokens never written."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest
import torch

from inference.decoding import engine, lanes
from inference.types.options import LaneOptions
from models.hub.load import load
from models.hub.policy import HubError
from tests.models import conftest

SOURCE = [5, 9, 12, 7, 1]


@pytest.fixture(autouse=True)
def inference() -> Any:
    with torch.inference_mode():
        yield


def change(folder: Path, file: str, **settings: Any) -> None:
    """Set some settings; None takes one out."""
    path = folder / file
    stored = json.loads(path.read_text()) | settings
    path.write_text(json.dumps({key: value for key, value in stored.items() if value is not None}))


@pytest.fixture
def gpt2(gpt2_folder: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(gpt2_folder, tmp_path / "gpt2"))


@pytest.fixture
def t5(tmp_path: Path) -> Path:
    from transformers import T5Config, T5ForConditionalGeneration

    config = T5Config(
        vocab_size=64,
        d_model=32,
        d_kv=8,
        d_ff=32,
        num_layers=2,
        num_heads=4,
        initializer_factor=3.0,
        decoder_start_token_id=0,
        pad_token_id=0,
        eos_token_id=1,
    )
    torch.manual_seed(6)
    folder = tmp_path / "t5"
    return conftest.save(T5ForConditionalGeneration(config), conftest.unigram(), folder)


def written(folder: Path, new_tokens: int) -> tuple[list[int], list[int]]:
    """What we write greedily, and what `generate` writes, after the same source."""
    from transformers import AutoModelForSeq2SeqLM

    opened = load(str(folder))
    bound = conftest.Translating(opened.model, SOURCE)
    lane = lanes.build(LaneOptions("Greedy"), 1, opened.tokenizer.ends)
    *_, states = engine.decode(bound, [opened.model.start], [lane], new_tokens)
    reference = AutoModelForSeq2SeqLM.from_pretrained(folder, attn_implementation="eager").eval()
    theirs = reference.generate(
        torch.tensor([SOURCE]), max_new_tokens=new_tokens, do_sample=False, num_beams=1
    )
    assert theirs[0, 0] == opened.model.start
    return [step.token for step in states[0].steps], theirs[0, 1:].tolist()


@pytest.mark.parametrize("file", ["config.json", "generation_config.json"])
def test_a_text_ends_at_any_of_the_ends_that_are_named(gpt2: Path, file: str) -> None:
    from transformers import AutoModelForCausalLM

    plain = AutoModelForCausalLM.from_pretrained(gpt2, attn_implementation="eager").eval()
    ids = torch.tensor([[5, 9, 12]])
    settings = {"attention_mask": torch.ones_like(ids), "do_sample": False, "pad_token_id": 0}
    free = plain.generate(ids, max_new_tokens=20, **settings)[0, 3:].tolist()
    end = next(token for i, token in enumerate(free) if i > 3 and token not in free[:i])
    change(gpt2, "config.json", eos_token_id=None)
    change(gpt2, "generation_config.json", eos_token_id=None)
    if file == "config.json":  # where old folders have it
        (gpt2 / "generation_config.json").unlink()
    change(gpt2, file, eos_token_id=[0, end])
    opened = load(str(gpt2))
    assert (opened.tokenizer.end_of_text, opened.tokenizer.ends) == (0, {0, end})
    lane = lanes.build(LaneOptions("Greedy"), 1, opened.tokenizer.ends)
    *_, states = engine.decode(opened.model, ids[0].tolist(), [lane], 20)
    reference = AutoModelForCausalLM.from_pretrained(gpt2, attn_implementation="eager").eval()
    expected = reference.generate(ids, max_new_tokens=20, **settings)[0, 3:].tolist()
    assert expected == free[: free.index(end) + 1]
    assert [step.token for step in states[0].steps] == expected
    assert states[0].end == "end of text"


@pytest.mark.parametrize("ends", [300, [0, 300], -1, [0, -1]])
def test_an_end_that_is_no_token_of_the_model_is_refused(gpt2: Path, ends: Any) -> None:
    change(gpt2, "generation_config.json", eos_token_id=ends)
    with pytest.raises(HubError, match=r"token .* the model has 300"):
        load(str(gpt2))


@pytest.mark.parametrize("file", ["config.json", "generation_config.json"])
def test_the_first_token_of_a_translation_may_be_forced(t5: Path, file: str) -> None:
    if file == "config.json":  # where old folders have it
        (t5 / "generation_config.json").unlink()
    change(t5, file, forced_bos_token_id=17)
    ours, theirs = written(t5, 12)
    assert ours[0] == 17 and len(set(ours)) > 2
    assert ours == theirs


def test_the_start_may_be_named_by_the_generation_config_alone(t5: Path) -> None:
    change(t5, "config.json", decoder_start_token_id=None)
    change(t5, "generation_config.json", decoder_start_token_id=9)
    ours, theirs = written(t5, 12)
    assert load(str(t5)).model.start == 9
    assert ours == theirs and len(set(ours)) > 2


def test_without_a_start_a_translation_begins_as_generate_begins_it(t5: Path) -> None:
    change(t5, "config.json", decoder_start_token_id=None)
    change(t5, "generation_config.json", decoder_start_token_id=None, bos_token_id=12)
    ours, theirs = written(t5, 12)
    assert ours == theirs
    change(t5, "config.json", bos_token_id=None)
    change(t5, "generation_config.json", bos_token_id=None)
    with pytest.raises(HubError, match="decoder_start_token_id"):
        load(str(t5))


def test_tokens_that_the_settings_suppress_are_never_written(t5: Path) -> None:
    free, _ = written(t5, 12)
    change(t5, "generation_config.json", suppress_tokens=[free[0]], bad_words_ids=[[free[1]]])
    ours, theirs = written(t5, 12)
    assert ours == theirs and not {free[0], free[1]} & set(ours)


def test_suppressed_tokens_of_a_causal_model_are_never_written(gpt2: Path) -> None:
    from transformers import AutoModelForCausalLM

    ids = torch.tensor([[5, 9, 12]])
    banned = int(load(str(gpt2)).model(ids)[0, -1].argmax())
    change(gpt2, "generation_config.json", suppress_tokens=[banned], bad_words_ids=[[0], [3]])
    opened = load(str(gpt2))
    lane = lanes.build(LaneOptions("Greedy"), 1, 0)
    *_, states = engine.decode(opened.model, ids[0].tolist(), [lane], 12)
    ours = [step.token for step in states[0].steps]
    reference = AutoModelForCausalLM.from_pretrained(gpt2, attn_implementation="eager").eval()
    theirs = reference.generate(
        ids, attention_mask=torch.ones_like(ids), max_new_tokens=12, do_sample=False, pad_token_id=0
    )
    assert ours == theirs[0, 3:].tolist() and banned not in ours
