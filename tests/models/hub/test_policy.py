"""What is refused, and the sentence that says so."""

from __future__ import annotations

from typing import Any

import pytest

from models.hub.policy import (
    HubError,
    Policy,
    check_settings,
    check_sizes,
    weight_files,
)

GOOD = {"config.json": 500, "tokenizer.json": 9_000, "model.safetensors": 40_000}
PIN = "a" * 40


def without(name: str) -> dict[str, int]:
    return {file: size for file, size in GOOD.items() if file != name}


def test_a_plain_model_folder_is_accepted() -> None:
    Policy().check_listing("one/model", GOOD)
    Policy().check_listing("one/model", {**GOOD, "pytorch_model.bin": 10**12, "README.md": 5})


@pytest.mark.parametrize(
    ("files", "message"),
    [
        ({**GOOD, "modeling_mine.py": 10}, r"brings code of its own \(modeling_mine\.py\)"),
        ({**GOOD, "custom_generate/generate.py": 10}, "never run here"),
        ({**GOOD, "libop.SO": 10}, "brings code of its own"),
        ({**GOOD, "adapter_config.json": 10}, "is an adapter for another model"),
        (without("config.json"), r"has no config\.json"),
        (without("tokenizer.json"), r"has no tokenizer\.json\. Save its tokenizer"),
        ({**GOOD, "config.json": 2_000_000}, "has 2,000,000 bytes; at most 1,000,000"),
        ({**without("model.safetensors"), "pytorch_model.bin": 9}, "only as pickle"),
        ({**without("model.safetensors"), "weights.CKPT": 9}, "only as pickle"),
        ({**without("model.safetensors"), "model.gguf": 9}, "are there nowhere"),
        ({**without("model.safetensors"), "model-00001-of-00001.safetensors": 9}, "nowhere"),
        ({**GOOD, "model.safetensors": 10**11}, r"has 100\.0 GB of weights; at most 6\.0 GB"),
    ],
)
def test_r_t22_a_folder_is_refused_with_its_reason(files: dict[str, int], message: str) -> None:
    with pytest.raises(HubError, match=message):
        Policy().check_listing("one/model", files)


def test_the_shards_that_are_read_are_counted_together() -> None:
    index = {"model.safetensors.index.json": 100}
    shards = {f"model-0000{i}-of-00003.safetensors": 4_000 for i in (1, 2, 3)}
    files = {**without("model.safetensors"), **index, **shards, "consolidated.safetensors": 10**12}
    assert weight_files(files) == sorted(shards)
    Policy(max_parameters=3_000).check_listing("one/model", files)
    with pytest.raises(HubError, match="of weights; at most"):
        Policy(max_parameters=2_999).check_listing("one/model", files)
    with pytest.raises(HubError, match=r"2,000 parameters; at most 1,999"):
        Policy(max_parameters=1_999).check_parameters("one/model", 2_000)


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"auto_map": {"AutoModel": "mine.Mine"}}, r"names code of its own .*auto_map in config"),
        ({"text_config": {"auto_map": {"AutoConfig": "x--y.Z"}}}, "auto_map"),
        ({"parts": [[{"deep": {"auto_map": "x.Y"}}]]}, "auto_map"),
        ({"quantization_config": {"quant_method": "gptq"}}, "quantised format"),
        ({"transformers_weights": "../other.safetensors"}, "under another name"),
    ],
)
def test_t22_settings_that_ask_for_more_are_refused(settings: dict[str, Any], message: str) -> None:
    with pytest.raises(HubError, match=message):
        check_settings("one/model", "config.json", settings)
    check_settings("one/model", "config.json", {"model_type": "gpt2", "auto_map": None})


def test_settings_nested_beyond_any_recursion_are_still_read() -> None:
    deep: dict[str, Any] = {"auto_map": "x.Y"}
    for _ in range(50_000):
        deep = {"more": deep}
    with pytest.raises(HubError, match="auto_map"):
        check_settings("one/model", "config.json", deep)
    while deep:  # taken apart by hand: Python frees nested dicts by recursion
        deep = deep.get("more", {})


@pytest.mark.parametrize(
    "config",
    [
        {"vocab_size": 10**9},
        {"n_positions": 10**12},
        {"n_layer": 29},
        {"num_hidden_layers": 10**6},
        {"text_config": {"num_hidden_layers": 400}},
        {"max_window_layers": 10**6},
        {"hidden_size": -(10**9)},
        {"n_embd": 10**9},
        {"num_local_experts": 10**9},
        {"text_config": {"sub": [{"head_dim": 10**9}]}},
        {"is_encoder_decoder": True, "max_position_embeddings": 100_000},
    ],
)
def test_a_size_that_no_weights_could_bear_out_is_refused(config: dict[str, Any]) -> None:
    with pytest.raises(HubError, match="where its weights allow"):
        check_sizes("one/model", {"model_type": "gpt2", **config}, tensors=28)


def test_sizes_of_real_models_are_accepted() -> None:
    config = {
        "vocab_size": 151_936,
        "max_position_embeddings": 10_485_760,
        "num_hidden_layers": 24,
        "max_window_layers": 400,
        "rope_theta": 1e6,
        "rope_parameters": {"rope_type": "default", "rope_theta": 50_000_000},
        "rope_local_base_freq": 100_000_000,
        "logit_scale": 10**9,
        "total_tokens": 15 * 10**12,
        "use_cache": True,
        "layer_norm_eps": 1e-5,
        "architectures": ["Qwen2ForCausalLM"],
    }
    check_sizes("one/model", config, tensors=290)
