"""Opening a folder as a whole: what is loaded, what is refused, and that nothing of it runs."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import load_file, save_file

from models.hub import probe
from models.hub.causal import CausalModel
from models.hub.load import kind_of, load
from models.hub.policy import HubError, Policy
from models.hub.source import locate
from models.opened import OpenedModel
from tests.models import conftest

ROOT = Path(__file__).parents[3]
CAUSAL = {"write", "attend", "remove heads"}


@pytest.fixture
def folder(gpt2_folder: Path, tmp_path: Path) -> Path:
    """A folder that a test may spoil."""
    return Path(shutil.copytree(gpt2_folder, tmp_path / "gpt2"))


def change_config(folder: Path, **settings: Any) -> None:
    path = folder / "config.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | settings))


def change_weights(folder: Path, change: Callable[[dict[str, torch.Tensor]], Any]) -> None:
    weights = load_file(folder / "model.safetensors")
    change(weights)
    save_file(weights, folder / "model.safetensors", metadata={"format": "pt"})


def test_every_kind_is_opened_and_named(
    hub_gpt2: OpenedModel, hub_llama: OpenedModel, hub_bert: OpenedModel, hub_marian: OpenedModel
) -> None:
    opened = (hub_gpt2, hub_llama, hub_bert, hub_marian)
    assert [m.can for m in opened] == [
        {"write", "attend", "remove heads"},
        {"write", "attend", "remove heads"},
        {"fill in", "attend"},
        {"translate", "attend"},
    ]
    assert [m.name for m in opened] == ["gpt2", "llama", "bert", "marian"]
    assert {m.model.context for m in opened} == {64}
    assert [m.tokenizer.end_of_text for m in opened] == [0, 2, None, 1]
    assert all(m.tokenizer.vocabulary <= m.model.vocabulary for m in opened)


def test_our_own_storyteller_opens_as_a_model_from_elsewhere(
    checkpoints: Path, storyteller: Any
) -> None:
    opened = load(str(checkpoints / "storyteller"))
    ids = torch.tensor([opened.tokenizer.encode("The old woman went to the")])
    with torch.inference_mode():
        ours, theirs = storyteller(ids), opened.model(ids)
    torch.testing.assert_close(ours, theirs, rtol=0, atol=1e-4)


def test_sharded_weights_in_16_bit_are_read_as_float32(gpt2_folder: Path, tmp_path: Path) -> None:
    from transformers import AutoModelForCausalLM

    half = AutoModelForCausalLM.from_pretrained(gpt2_folder, dtype=torch.bfloat16)
    half.save_pretrained(tmp_path, max_shard_size="20KB")
    shutil.copy(gpt2_folder / "tokenizer.json", tmp_path)
    assert len(list(tmp_path.glob("model-*.safetensors"))) > 1
    opened = load(str(tmp_path))
    assert {weight.dtype for weight in opened.model.parameters()} == {torch.float32}


def test_positions_that_count_from_behind_the_padding_are_not_promised(tmp_path: Path) -> None:
    from transformers import RobertaConfig, RobertaForMaskedLM

    config = RobertaConfig(
        vocab_size=100,
        max_position_embeddings=34,
        hidden_size=32,
        intermediate_size=32,
        num_hidden_layers=1,
        num_attention_heads=2,
        pad_token_id=1,
    )
    opened = load(str(conftest.save(RobertaForMaskedLM(config), conftest.wordpiece(), tmp_path)))
    assert opened.model.context == 32
    assert opened.model(torch.full((1, 32), 5)).shape == (1, 32, 100)


OTHERS: dict[str, dict[str, Any]] = {
    "GPTNeoXForCausalLM": {"intermediate_size": 32, "max_position_embeddings": 64},
    "OPTForCausalLM": {"ffn_dim": 32, "max_position_embeddings": 64, "word_embed_proj_dim": 32},
    "BloomForCausalLM": {},
    "MistralForCausalLM": {
        "intermediate_size": 32,
        "num_key_value_heads": 2,
        "sliding_window": 3,
        "max_position_embeddings": 64,
    },
    "Qwen2ForCausalLM": {
        "intermediate_size": 32,
        "num_key_value_heads": 2,
        "max_position_embeddings": 64,
    },
    "T5ForConditionalGeneration": {
        "d_model": 32,
        "d_kv": 8,
        "d_ff": 32,
        "num_layers": 2,
        "num_heads": 4,
        "decoder_start_token_id": 0,
    },
    "BartForConditionalGeneration": {
        "d_model": 32,
        "encoder_layers": 2,
        "decoder_layers": 2,
        "encoder_attention_heads": 4,
        "decoder_attention_heads": 4,
        "encoder_ffn_dim": 32,
        "decoder_ffn_dim": 32,
        "max_position_embeddings": 64,
        "decoder_start_token_id": 2,
    },
    "DistilBertForMaskedLM": {"dim": 32, "hidden_dim": 32, "n_layers": 2, "n_heads": 4},
}


@pytest.mark.parametrize("architecture", OTHERS)
def test_architectures_that_nobody_listed_are_tried_and_serve(
    architecture: str, tmp_path: Path
) -> None:
    import transformers

    kind = getattr(transformers, architecture)
    common = {
        "vocab_size": 300,
        "hidden_size": 32,
        "num_hidden_layers": 2,
        "num_attention_heads": 4,
        "bos_token_id": 0,
        "eos_token_id": 0,
        "pad_token_id": 0,
    }
    torch.manual_seed(5)
    model = kind(kind.config_class(**common | OTHERS[architecture]))
    opened = load(str(conftest.save(model, conftest.byte_level(), tmp_path)))
    assert len(opened.model.heads.projections) == 2


def test_a_model_that_miscounts_its_positions_is_caught(hub_gpt2: OpenedModel) -> None:
    model = CausalModel(hub_gpt2.model.model)
    probe.check("gpt2", model)
    model._places_rows = False  # now every row is placed as if it were the longest
    with pytest.raises(HubError, match=r"gpt2 cannot be used here\. Its positions"):
        probe.check("gpt2", model)


def test_whole_numbers_that_are_no_sizes_may_be_large(llama_folder: Path, tmp_path: Path) -> None:
    from transformers import AutoModelForCausalLM

    folder = Path(shutil.copytree(llama_folder, tmp_path / "llama"))
    rope = {"rope_type": "default", "rope_theta": 50_000_000}
    change_config(folder, rope_parameters=rope, rope_theta=50_000_000, total_tokens=10**13)
    ids = torch.tensor([[5, 9, 12, 7]])
    plain = AutoModelForCausalLM.from_pretrained(folder, attn_implementation="eager").eval()
    with torch.inference_mode():
        ours, theirs = load(str(folder)).model(ids), plain(ids).logits
    torch.testing.assert_close(ours, theirs, rtol=0, atol=1e-5)


def test_a_model_without_keys_and_values_is_refused(tmp_path: Path) -> None:
    from transformers import MambaConfig, MambaForCausalLM

    config = MambaConfig(
        vocab_size=300, hidden_size=32, state_size=4, num_hidden_layers=2, eos_token_id=0
    )
    conftest.save(MambaForCausalLM(config), conftest.byte_level(), tmp_path)
    with pytest.raises(HubError, match="cannot be used here"):
        load(str(tmp_path))


@pytest.mark.parametrize(
    "config",
    [
        {"model_type": "gpt2", "architectures": ["GPT2ForSequenceClassification"]},
        {"model_type": "gpt2", "architectures": ["GPT2Model"]},
        {"model_type": "gpt2"},
        {"model_type": "vit", "architectures": ["ViTForImageClassification"]},
        {"model_type": "newest", "architectures": ["NewestForCausalLM"]},
        {"model_type": "gpt2", "architectures": ["LlamaForCausalLM"]},
        {"model_type": "gpt2", "architectures": "GPT2LMHeadModel"},
        {"model_type": ["gpt2"], "architectures": ["GPT2LMHeadModel"]},
        {},
    ],
)
def test_what_predicts_no_tokens_is_refused(config: dict[str, Any]) -> None:
    with pytest.raises(HubError, match="predicts no tokens or is unknown"):
        kind_of("somebody/model", config)


def test_code_that_comes_along_is_never_run(folder: Path, tmp_path: Path) -> None:
    canary = tmp_path / "canary"
    (folder / "evil.py").write_text(f"open({str(canary)!r}, 'w').write('ran')\n")
    change_config(folder, auto_map={"AutoConfig": "evil.E", "AutoModelForCausalLM": "evil.E"})
    with pytest.raises(HubError, match="brings code of its own"):
        load(str(folder))
    (folder / "evil.py").unlink()
    with pytest.raises(HubError, match="names code of its own"):
        load(str(folder))
    assert not canary.exists()


def test_pickle_beside_safetensors_is_not_read_and_pickle_alone_is_refused(
    folder: Path, tmp_path: Path
) -> None:
    canary = tmp_path / "canary"
    # what runs when it is unpickled: os.system("touch canary")
    evil = f"cposix\nsystem\n(S'touch {canary}'\ntR.".encode()
    (folder / "pytorch_model.bin").write_bytes(evil)
    assert load(str(folder)).can == CAUSAL
    (folder / "model.safetensors").unlink()
    with pytest.raises(HubError, match="only as pickle"):
        load(str(folder))
    assert not canary.exists()


def test_a_config_that_asks_for_more_than_its_weights_hold_builds_nothing(folder: Path) -> None:
    change_config(folder, vocab_size=9_000_000, n_embd=9_000_000 // 32 * 32)
    with pytest.raises(HubError, match=r"parameters; at most 1,500,000,000"):
        load(str(folder))


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"n_embd": 64}, "do not fit its config"),
        ({"n_layer": 3}, r"lack 12 tensors"),
        ({"n_head": 5}, "describes no model that transformers can build"),
        ({"vocab_size": "many"}, "describes no model that transformers can build"),
        ({"eos_token_id": None}, "names no token that ends a text"),
        ({"n_layer": 0}, "cannot be used here"),
    ],
)
def test_a_config_that_does_not_fit_is_refused(
    folder: Path, settings: dict[str, Any], message: str
) -> None:
    (folder / "generation_config.json").unlink()
    change_config(folder, **settings)
    with pytest.raises(HubError, match=message):
        load(str(folder))


@pytest.mark.parametrize("words", [[0], "padding", [[0], 7]])
def test_settings_of_another_shape_are_refused(
    marian_folder: Path, tmp_path: Path, words: object
) -> None:
    folder = Path(shutil.copytree(marian_folder, tmp_path / "marian"))
    settings = {"bad_words_ids": words, "eos_token_id": 1}
    (folder / "generation_config.json").write_text(json.dumps(settings))
    with pytest.raises(HubError, match=r"marian .*\.$"):
        load(str(folder))


def test_missing_tensors_are_not_made_up(folder: Path) -> None:
    change_weights(folder, lambda w: w.pop("transformer.h.1.attn.c_attn.weight"))
    with pytest.raises(HubError, match=r"lack 1 tensors \(transformer\.h\.1\.attn\.c_attn"):
        load(str(folder))


@pytest.mark.parametrize("value", [float("nan"), float("inf")])
def test_weights_that_are_no_numbers_are_noticed(folder: Path, value: float) -> None:
    change_weights(folder, lambda w: w["transformer.ln_f.weight"].fill_(value))
    with pytest.raises(HubError, match=r"numbers that are none .*damaged"):
        load(str(folder))


def test_a_tokenizer_of_another_model_is_noticed(folder: Path, tmp_path: Path) -> None:
    big = conftest.byte_level()
    big.add_tokens([f"word{i}" for i in range(50)])
    big.save(str(folder / "tokenizer.json"))
    with pytest.raises(HubError, match="350 tokens and the model only 300"):
        load(str(folder))


def test_an_error_is_a_sentence_and_shows_no_path(folder: Path) -> None:
    change_config(folder, n_embd=64)
    with pytest.raises(HubError) as caught:
        load(str(folder))
    assert isinstance(caught.value, ValueError)
    assert str(folder) not in str(caught.value)
    assert str(caught.value).endswith(".")


def test_the_size_limit_holds_for_folders_too(folder: Path) -> None:
    with pytest.raises(HubError, match="at most"):
        load(str(folder), Policy(max_parameters=37_000))


def test_opening_a_folder_asks_nobody(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import socket

    def connect(*_: Any) -> None:
        raise AssertionError("somebody was asked")

    monkeypatch.setattr(socket.socket, "connect", connect)
    monkeypatch.setattr(socket, "getaddrinfo", connect)
    assert load(str(folder)).can == CAUSAL


def run(program: str, *arguments: str) -> str:
    """What a fresh interpreter prints."""
    command = [sys.executable, "-c", program, *arguments]
    return subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True).stdout


@pytest.mark.process
def test_transformers_is_loaded_when_such_a_model_is_asked_for_and_not_before() -> None:
    program = (
        "import inference.decoding.engine, models.loading, sys; "
        "print('transformers' in sys.modules); "
        "import models.hub.load; print('transformers' in sys.modules)"
    )
    assert run(program).split() == ["False", "True"]


@pytest.mark.process
def test_a_model_is_found_judged_and_its_tokens_read_without_torch(folder: Path) -> None:
    program = """
import sys
from models.hub.policy import Policy
from models.hub.source import locate
from models.hub.tokenizer import HubTokenizer
source = locate(sys.argv[1], Policy())
tokenizer = HubTokenizer.load(source.folder, *source.ends)
print(tokenizer.vocabulary, tokenizer.end_of_text, {"torch", "transformers"} & set(sys.modules))
"""
    assert run(program, str(folder)).split() == ["300", "0", "set()"]


def test_what_was_located_once_is_not_located_again(folder: Path) -> None:
    source = locate(str(folder), Policy())
    opened = load(source)
    assert (opened.name, opened.reference) == (source.name, source.reference)
