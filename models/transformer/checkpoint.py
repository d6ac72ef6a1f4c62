"""Reads and writes a transformer in the Llama layout, which plain `transformers` opens.

Weights are stored in 16 bit as safetensors, in shards of under 9 MB with an index, and never as
pickle. Our modules fuse the projections that share an input; the layout keeps them apart.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError, safe_open

from models import files
from models.files import CheckpointError, read_json
from models.transformer.model import Transformer, TransformerConfig

INDEX = "model.safetensors.index.json"
SIZES = {
    "vocabulary": "vocab_size",
    "context": "max_position_embeddings",
    "layers": "num_hidden_layers",
    "heads": "num_attention_heads",
    "width": "hidden_size",
    "feed_forward": "intermediate_size",
}
"""Our word for every size of a model, and the layout's."""


def load(folder: Path) -> Transformer:
    """Build the model of a folder, in float32 on the CPU, ready for inference.

    Raises CheckpointError where a file is missing, damaged or of the wrong shape.
    """
    model = Transformer(read_config(folder))
    weights = read_weights(folder)
    try:
        model.load_state_dict(fuse(weights, model.config.layers))
    except RuntimeError as error:
        reason = f"The weights in {folder.name} do not fit its config.json."
        raise CheckpointError(reason) from error
    return model.eval()


def save(
    model: Transformer, folder: Path, dtype: torch.dtype = torch.float16, end: int | None = 0
) -> None:
    """Write config and weights. The tokenizer and the card are written by who trained it.

    end: the token that ends a text; None where none does.
    """
    files.write_json(folder / "config.json", llama_config(model.config, dtype, end))
    files.write_json(folder / "generation_config.json", {"eos_token_id": end, "pad_token_id": end})
    weights = split(model.state_dict(), model.config.layers)
    files.save_sharded(folder, "model", arrays_of(weights, dtype))


def arrays_of(
    weights: Mapping[str, torch.Tensor], dtype: torch.dtype | None = None
) -> files.Arrays:
    """Tensors as numpy arrays, which share their memory where no `dtype` asks for another."""
    return {name: weight.detach().to("cpu", dtype).numpy() for name, weight in weights.items()}


def llama_config(
    config: TransformerConfig, dtype: torch.dtype, end: int | None = 0
) -> dict[str, Any]:
    """The same shape in the words of the Llama layout."""
    return {
        "architectures": ["LlamaForCausalLM"],
        "model_type": "llama",
        "vocab_size": config.vocabulary,
        "max_position_embeddings": config.context,
        "num_hidden_layers": config.layers,
        "num_attention_heads": config.heads,
        "num_key_value_heads": config.heads,
        "head_dim": config.head_width,
        "hidden_size": config.width,
        "intermediate_size": config.feed_forward,
        "hidden_act": "silu",
        "rms_norm_eps": config.norm_epsilon,
        "rope_parameters": {"rope_type": "default", "rope_theta": config.rotary_base},
        "attention_bias": False,
        "mlp_bias": False,
        "tie_word_embeddings": True,
        "bos_token_id": end,
        "eos_token_id": end,
        "pad_token_id": end,
        "dtype": str(dtype).removeprefix("torch."),
    }


def read_config(folder: Path) -> TransformerConfig:
    """The shape that `config.json` declares; raises CheckpointError where it cannot be read."""
    stored = read_json(folder / "config.json")
    try:
        sizes = sizes_in(stored, SIZES)
        rotary_base, epsilon = stored["rope_parameters"]["rope_theta"], stored["rms_norm_eps"]
        base, epsilon = float(rotary_base), float(epsilon)
        if not (0 < base < math.inf and 0 < epsilon < math.inf):
            raise ValueError("rope_theta and rms_norm_eps must be finite and above 0.")
        return TransformerConfig(**sizes, rotary_base=base, norm_epsilon=epsilon)
    except (KeyError, TypeError, ValueError) as error:
        files.damaged(folder / "config.json", error)


def sizes_in(stored: Mapping[str, Any], names: Mapping[str, str]) -> dict[str, int]:
    """What a config holds under the layout's `names`, by ours. Raises KeyError and ValueError."""
    sizes = {ours: stored[theirs] for ours, theirs in names.items()}
    if not all(type(size) is int and size > 0 for size in sizes.values()):
        raise ValueError(f"{sizes} are not all whole numbers above 0.")
    return sizes


def read_weights(folder: Path) -> dict[str, torch.Tensor]:
    """Every stored tensor by its name in the layout, in float32."""
    weights: dict[str, torch.Tensor] = {}
    for path in files.shards(folder, "model"):
        weights |= learned(path)
    return weights


def read_tensors(path: Path) -> dict[str, torch.Tensor]:
    """Every tensor of one file, as stored. Raises CheckpointError that names the file."""
    files.check_readable(path)
    try:
        with safe_open(path, framework="pt") as stored:
            return {key: stored.get_tensor(key) for key in stored.keys()}  # noqa: SIM118
    except (SafetensorError, OSError, ValueError) as error:
        files.damaged(path, error)


def learned(path: Path) -> dict[str, torch.Tensor]:
    """`read_tensors` for weights: in float32, and finite. Raises CheckpointError."""
    weights: dict[str, torch.Tensor] = {}
    for key, tensor in read_tensors(path).items():
        where = f"{key} of {path.name} in {path.parent.name}"
        if not tensor.is_floating_point():
            raise CheckpointError(f"{where} holds {tensor.dtype} and no floating-point numbers.")
        weights[key] = tensor.float()
        if not torch.isfinite(weights[key]).all():
            raise CheckpointError(f"{where} holds numbers that are not finite.")
    return weights


def split(state: Mapping[str, torch.Tensor], layers: int) -> dict[str, torch.Tensor]:
    """Our state dict under the names of the Llama layout, with fused projections taken apart."""
    weights = {
        "model.embed_tokens.weight": state["embedding.weight"],
        "model.norm.weight": state["norm.weight"],
    }
    for i in range(layers):
        ours, theirs = f"blocks.{i}.", f"model.layers.{i}."
        query, key, value = state[ours + "attention.query_key_value.weight"].chunk(3)
        gate, up = state[ours + "feed_forward.gate_up.weight"].chunk(2)
        parts = {
            "input_layernorm": state[ours + "attention_norm.weight"],
            "self_attn.q_proj": query,
            "self_attn.k_proj": key,
            "self_attn.v_proj": value,
            "self_attn.o_proj": state[ours + "attention.output.weight"],
            "post_attention_layernorm": state[ours + "feed_forward_norm.weight"],
            "mlp.gate_proj": gate,
            "mlp.up_proj": up,
            "mlp.down_proj": state[ours + "feed_forward.down.weight"],
        }
        weights |= {f"{theirs}{name}.weight": weight for name, weight in parts.items()}
    return weights


def fuse(weights: Mapping[str, torch.Tensor], layers: int) -> dict[str, torch.Tensor]:
    """The inverse of `split`. Raises CheckpointError where a tensor is missing."""
    try:
        state = {
            "embedding.weight": weights["model.embed_tokens.weight"],
            "norm.weight": weights["model.norm.weight"],
        }
        for i in range(layers):
            ours = f"blocks.{i}."
            part = {
                name: weights[f"model.layers.{i}.{name}.weight"]
                for name in (
                    *("self_attn.q_proj", "self_attn.k_proj", "self_attn.v_proj"),
                    *("self_attn.o_proj", "mlp.gate_proj", "mlp.up_proj", "mlp.down_proj"),
                    *("input_layernorm", "post_attention_layernorm"),
                )
            }
            state |= {
                ours + "attention_norm.weight": part["input_layernorm"],
                ours + "attention.query_key_value.weight": torch.cat(
                    [part["self_attn.q_proj"], part["self_attn.k_proj"], part["self_attn.v_proj"]]
                ),
                ours + "attention.output.weight": part["self_attn.o_proj"],
                ours + "feed_forward_norm.weight": part["post_attention_layernorm"],
                ours + "feed_forward.gate_up.weight": torch.cat(
                    [part["mlp.gate_proj"], part["mlp.up_proj"]]
                ),
                ours + "feed_forward.down.weight": part["mlp.down_proj"],
            }
    except KeyError as error:
        raise CheckpointError(f"The checkpoint has no tensor named {error}.") from error
    return state
