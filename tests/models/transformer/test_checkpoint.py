"""Checkpoints come back as they went, open in plain transformers, and fail in plain words."""

from __future__ import annotations

import json
import math
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import load_file, save_file

from models.contract import Trace
from models.text.tokenizer import Tokenizer
from models.transformer import checkpoint
from models.transformer.checkpoint import CheckpointError
from models.transformer.model import Transformer, TransformerConfig


@pytest.fixture
def folder(tiny_folder: Path, tmp_path: Path) -> Path:
    """A checkpoint that a test may damage."""
    return Path(shutil.copytree(tiny_folder, tmp_path / "tiny"))


def shard_of(folder: Path) -> Path:
    (shard,) = folder.glob("*.safetensors")
    return shard


def same_state(first: Transformer, second: Transformer, **tolerance: float) -> None:
    ours, theirs = first.state_dict(), second.state_dict()
    assert ours.keys() == theirs.keys()
    for name, weight in ours.items():
        torch.testing.assert_close(weight, theirs[name], **(tolerance or {"rtol": 0, "atol": 0}))


def test_a_model_comes_back_exactly(tiny: Transformer, tiny_folder: Path) -> None:
    loaded = checkpoint.load(tiny_folder)
    assert loaded.config == tiny.config
    assert not loaded.training
    same_state(loaded, tiny)


def test_sixteen_bits_round_the_weights_and_nothing_else(tiny: Transformer, tmp_path: Path) -> None:
    checkpoint.save(tiny, tmp_path / "half")
    loaded = checkpoint.load(tmp_path / "half")
    same_state(loaded, tiny, rtol=1e-3, atol=1e-6)
    assert {weight.dtype for weight in loaded.parameters()} == {torch.float32}
    stored = load_file(shard_of(tmp_path / "half"))
    assert {weight.dtype for weight in stored.values()} == {torch.float16}
    checkpoint.save(loaded, tmp_path / "again")
    same_state(checkpoint.load(tmp_path / "again"), loaded)


def test_shards_stay_below_nine_megabytes(tmp_path: Path) -> None:
    big = Transformer(TransformerConfig(vocabulary=4096, width=512, layers=4))
    checkpoint.save(big, tmp_path)
    shards = sorted(tmp_path.glob("*.safetensors"))
    assert len(shards) > 2
    assert max(shard.stat().st_size for shard in shards) < 9_000_000
    index = json.loads((tmp_path / checkpoint.INDEX).read_text())
    stored = sum(weight.nbytes for shard in shards for weight in load_file(shard).values())
    assert index["metadata"]["total_size"] == stored
    same_state(checkpoint.load(tmp_path), big, rtol=1e-3, atol=1e-6)


def test_saving_again_leaves_no_stale_shards(tmp_path: Path) -> None:
    checkpoint.save(Transformer(TransformerConfig(width=512)), tmp_path)
    small = Transformer(TransformerConfig(vocabulary=64, width=32, layers=1))
    checkpoint.save(small, tmp_path, torch.float32)
    assert len(list(tmp_path.glob("*.safetensors"))) == 1
    same_state(checkpoint.load(tmp_path), small)


def test_fuse_undoes_split(tiny: Transformer) -> None:
    state = tiny.state_dict()
    again = checkpoint.fuse(checkpoint.split(state, layers=2), layers=2)
    assert again.keys() == state.keys()
    assert all(torch.equal(again[name], state[name]) for name in state)


@pytest.mark.parametrize("name", ["config.json", checkpoint.INDEX, "model-00001-of-00001"])
def test_a_missing_file_is_named(folder: Path, name: str) -> None:
    (found,) = folder.glob(f"{name}*")
    found.unlink()
    with pytest.raises(CheckpointError, match=f"{found.name} is missing from tiny"):
        checkpoint.load(folder)


def test_a_missing_folder_is_named(tmp_path: Path) -> None:
    with pytest.raises(CheckpointError, match=r"config\.json is missing from nowhere"):
        checkpoint.load(tmp_path / "nowhere")


@pytest.mark.parametrize("keep", [0, 4, 100, 5000, -1])
def test_truncated_weights_are_named(folder: Path, keep: int) -> None:
    shard = shard_of(folder)
    shard.write_bytes(shard.read_bytes()[:keep])
    with pytest.raises(CheckpointError, match=f"{shard.name} in tiny is damaged"):
        checkpoint.load(folder)


@pytest.mark.parametrize("place", [0, 3, 7, 8, 9, 40, 100, 300])
def test_flipped_header_bytes_never_pass(folder: Path, place: int) -> None:
    shard = shard_of(folder)
    content = bytearray(shard.read_bytes())
    content[place] ^= 0x55
    shard.write_bytes(content)
    with pytest.raises(CheckpointError, match=r"is damaged|has no tensor|do not fit"):
        checkpoint.load(folder)


@pytest.mark.parametrize("content", ["", "{", "[]", "null", "7", '"text"', "{}", "\udcff"])
@pytest.mark.parametrize("name", ["config.json", checkpoint.INDEX])
def test_a_damaged_description_is_named(folder: Path, name: str, content: str) -> None:
    (folder / name).write_bytes(content.encode("utf-8", "surrogateescape"))
    with pytest.raises(CheckpointError, match=f"{name} in tiny"):
        checkpoint.load(folder)


@pytest.mark.parametrize(
    "change",
    [
        {"num_attention_heads": 0},
        {"num_attention_heads": 3},
        {"vocab_size": "64"},
        {"vocab_size": -1},
        {"hidden_size": 32.5},
        {"num_hidden_layers": None},
        {"rope_parameters": None},
        {"rms_norm_eps": "small"},
    ],
)
def test_a_shape_that_cannot_be_is_refused(folder: Path, change: dict[str, Any]) -> None:
    path = folder / "config.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | change))
    with pytest.raises(CheckpointError, match=r"config\.json in tiny is damaged"):
        checkpoint.load(folder)


@pytest.mark.parametrize("change", [{"hidden_size": 64}, {"intermediate_size": 32}])
def test_weights_of_another_shape_are_refused(folder: Path, change: dict[str, int]) -> None:
    path = folder / "config.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | change))
    with pytest.raises(CheckpointError, match=r"in tiny do not fit its config\.json"):
        checkpoint.load(folder)


def test_projections_that_do_not_fit_together_are_refused(folder: Path) -> None:
    shard = shard_of(folder)
    weights = load_file(shard)
    weights["model.layers.0.self_attn.k_proj.weight"] = torch.zeros(32, 31)
    save_file(weights, shard)
    with pytest.raises(CheckpointError, match="do not fit"):
        checkpoint.load(folder)


def test_a_missing_tensor_is_named(folder: Path) -> None:
    shard = shard_of(folder)
    weights = load_file(shard)
    del weights["model.layers.1.mlp.up_proj.weight"]
    save_file(weights, shard)
    with pytest.raises(CheckpointError, match=r"model\.layers\.1\.mlp\.up_proj\.weight"):
        checkpoint.load(folder)


@torch.inference_mode()
def same_numbers(ours: Transformer, theirs: Any, ids: torch.Tensor) -> None:
    trace = Trace()
    logits = ours(ids, trace=trace)
    expected = theirs(ids, output_attentions=True)
    torch.testing.assert_close(logits, expected.logits, rtol=0, atol=1e-4)
    assert len(trace.attention) == len(expected.attentions) == ours.config.layers
    for layer, weights in zip(trace.attention, expected.attentions, strict=True):
        torch.testing.assert_close(layer, weights, rtol=0, atol=1e-4)


def test_r14_plain_transformers_gives_the_same_logits_and_attention(
    tiny: Transformer, tiny_reference: Any
) -> None:
    assert tiny_reference.config._attn_implementation == "eager"
    ids = torch.randint(64, (3, 64), generator=torch.Generator().manual_seed(5))
    same_numbers(tiny, tiny_reference, ids)
    assert sum(p.numel() for p in tiny_reference.parameters()) == sum(
        p.numel() for p in tiny.parameters()
    )


CHECKPOINTS = Path(__file__).parents[3] / "checkpoints"
GPTS = sorted(
    str(path.parent.relative_to(CHECKPOINTS))
    for path in CHECKPOINTS.rglob("config.json")
    if json.loads(path.read_text())["model_type"] == "llama"
)


@pytest.mark.weights
@pytest.mark.parametrize("name", GPTS)
def test_every_committed_gpt_is_the_same_in_plain_transformers(
    name: str, open_in_transformers: Callable[[Path], Any]
) -> None:
    ours = checkpoint.load(CHECKPOINTS / name)
    shape = (2, min(256, ours.context))
    ids = torch.randint(ours.vocabulary, shape, generator=torch.Generator().manual_seed(5))
    same_numbers(ours, open_in_transformers(CHECKPOINTS / name), ids)


@pytest.mark.weights
@pytest.mark.parametrize("name", GPTS)
def test_a_tokenizer_says_how_much_its_model_reads(name: str) -> None:
    config = CHECKPOINTS / name / "tokenizer_config.json"
    if not config.exists():  # one for all ages
        config = CHECKPOINTS / name / ".." / "tokenizer_config.json"
    longest = json.loads(config.read_text())["model_max_length"]
    assert longest == checkpoint.read_config(CHECKPOINTS / name).context


@pytest.mark.weights
def test_the_gpts_are_those_of_the_collection() -> None:
    assert {"storyteller", "ladder/gpt"} <= set(GPTS)


@pytest.mark.weights
def test_the_storyteller_is_committed_in_small_shards_of_the_declared_shape(
    checkpoints: Path,
) -> None:
    folder = checkpoints / "storyteller"
    assert checkpoint.read_config(folder) == TransformerConfig()
    assert max(shard.stat().st_size for shard in folder.glob("*.safetensors")) < 9_000_000
    assert not [path for path in folder.rglob("*") if path.suffix in (".bin", ".pt", ".pkl")]


def test_the_generation_config_ends_at_end_of_text(tiny_folder: Path) -> None:
    from transformers import GenerationConfig

    config = GenerationConfig.from_pretrained(tiny_folder)
    assert (config.eos_token_id, config.pad_token_id) == (0, 0)


@pytest.mark.weights
@pytest.mark.parametrize(
    "text", ["Once upon a time", " two  spaces\n\n", "“Ça va?” – naïve 猫 👩‍👩‍👧", "<|endoftext|>a"]
)
def test_the_auto_tokenizer_gives_the_same_ids(
    checkpoints: Path, tokenizer: Tokenizer, text: str
) -> None:
    from transformers import AutoTokenizer

    theirs = AutoTokenizer.from_pretrained(checkpoints / "storyteller")
    assert theirs.eos_token_id == tokenizer.end_of_text
    ids = theirs(text, add_special_tokens=False, split_special_tokens=True).input_ids
    assert ids == tokenizer.encode(text)
    assert theirs.decode(ids) == text


@pytest.mark.parametrize("number", [math.nan, math.inf, -math.inf])
def test_weights_that_are_not_finite_are_refused(folder: Path, number: float) -> None:
    shard = shard_of(folder)
    weights = load_file(shard)
    weights["model.norm.weight"][3] = number
    save_file(weights, shard)
    with pytest.raises(CheckpointError, match=r"model\.norm\.weight of .* in tiny .* not finite"):
        checkpoint.load(folder)


def test_weights_that_are_whole_numbers_are_refused(folder: Path) -> None:
    shard = shard_of(folder)
    weights = load_file(shard)
    weights["model.norm.weight"] = weights["model.norm.weight"].to(torch.int16)
    save_file(weights, shard)
    with pytest.raises(CheckpointError, match=r"torch\.int16 and no floating-point numbers"):
        checkpoint.load(folder)
