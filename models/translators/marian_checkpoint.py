"""Reads and writes a transformer that translates, in the Marian layout of plain `transformers`."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import torch

from models import files
from models.files import CheckpointError, read_json
from models.transformer.checkpoint import arrays_of, read_weights, sizes_in
from models.translators.source_cache import END
from models.translators.transformer import Translator, TranslatorConfig

SIZES = {
    "vocabulary": "vocab_size",
    "context": "max_position_embeddings",
    "encoder_layers": "encoder_layers",
    "decoder_layers": "decoder_layers",
    "heads": "encoder_attention_heads",
    "width": "d_model",
    "feed_forward": "encoder_ffn_dim",
}
"""Our word for every size of a model, and the layout's."""
OUTER = {"embedding.weight": "model.shared.weight", "bias": "final_logits_bias"}
BOTH = {"up": "fc1", "down": "fc2", "feed_forward_norm": "final_layer_norm"}
ENCODER = BOTH | {
    "query": "self_attn.q_proj",
    "key": "self_attn.k_proj",
    "value": "self_attn.v_proj",
    "output": "self_attn.out_proj",
    "attention_norm": "self_attn_layer_norm",
}
DECODER = BOTH | {
    "attention.query": "self_attn.q_proj",
    "attention.key": "self_attn.k_proj",
    "attention.value": "self_attn.v_proj",
    "attention.output": "self_attn.out_proj",
    "attention_norm": "self_attn_layer_norm",
    "cross.query": "encoder_attn.q_proj",
    "cross.key": "encoder_attn.k_proj",
    "cross.value": "encoder_attn.v_proj",
    "cross.output": "encoder_attn.out_proj",
    "cross_norm": "encoder_attn_layer_norm",
}
"""Our name for every module of a layer, and the layout's."""


def save(model: Translator, folder: Path, dtype: torch.dtype = torch.float16) -> None:
    """Write config and weights. The tokenizer and the card are written by `training`."""
    files.write_json(folder / "config.json", marian_config(model.config, dtype))
    how = dict.fromkeys(("pad_token_id", "eos_token_id", "decoder_start_token_id"), END)
    files.write_json(folder / "generation_config.json", how | {"max_length": model.config.context})
    weights = {renamed(name): weight for name, weight in model.state_dict().items()}
    weights[OUTER["bias"]] = weights[OUTER["bias"]][None]
    files.save_sharded(folder, "model", arrays_of(weights, dtype))


def marian_config(config: TranslatorConfig, dtype: torch.dtype) -> dict[str, Any]:
    """The same shape in the words of the Marian layout."""
    stored = {theirs: getattr(config, ours) for ours, theirs in SIZES.items()}
    return stored | {
        "architectures": ["MarianMTModel"],
        "model_type": "marian",
        "decoder_vocab_size": config.vocabulary,
        "decoder_attention_heads": config.heads,
        "decoder_ffn_dim": config.feed_forward,
        "activation_function": "gelu",
        "scale_embedding": True,
        "share_encoder_decoder_embeddings": True,
        "tie_word_embeddings": True,
        "dropout": 0.0,
        "attention_dropout": 0.0,
        "activation_dropout": 0.0,
        "is_encoder_decoder": True,
        "use_cache": True,
        "pad_token_id": END,
        "eos_token_id": END,
        "bos_token_id": END,
        "decoder_start_token_id": END,
        "forced_eos_token_id": END,
        "dtype": str(dtype).removeprefix("torch."),
    }


def load(folder: Path) -> Translator:
    """Build the model of a folder, in float32 on the CPU, ready for inference.

    Raises CheckpointError where a file is missing, damaged or of the wrong shape.
    """
    model = Translator(read_config(folder))
    weights = read_weights(folder)
    try:
        state = {name: weights[renamed(name)] for name in model.state_dict()}
        state["bias"] = state["bias"][0]
        model.load_state_dict(state)
    except (IndexError, KeyError, RuntimeError) as error:
        reason = f"The weights in {folder.name} do not fit its config.json."
        raise CheckpointError(reason) from error
    return model.eval()


def read_config(folder: Path) -> TranslatorConfig:
    """The shape that `config.json` declares; raises CheckpointError where it cannot be read."""
    stored = read_json(folder / "config.json")
    try:
        sizes = sizes_in(stored, SIZES)
        return TranslatorConfig(**sizes)
    except (KeyError, TypeError, ValueError) as error:
        files.damaged(folder / "config.json", error)


def renamed(name: str) -> str:
    """Our name of a tensor in the layout."""
    if name in OUTER:
        return OUTER[name]
    stack, layer, rest = name.split(".", 2)
    module, _, kind = rest.rpartition(".")
    inner = (ENCODER if stack == "encoder" else DECODER)[module]
    return f"model.{stack}.layers.{layer}.{inner}.{kind}"
