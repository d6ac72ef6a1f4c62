"""Reads and writes a bidirectional transformer in the BERT layout of plain `transformers`."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import torch

from models import files
from models.files import CheckpointError, read_json
from models.transformer.bidirectional import Bidirectional, BidirectionalConfig
from models.transformer.checkpoint import arrays_of, read_weights, sizes_in

SIZES = {
    "vocabulary": "vocab_size",
    "mask": "mask_token_id",
    "context": "max_position_embeddings",
    "layers": "num_hidden_layers",
    "heads": "num_attention_heads",
    "width": "hidden_size",
    "feed_forward": "intermediate_size",
}
"""Our word for every size of a model, and the layout's."""
OUTER = {
    "embedding": "bert.embeddings.word_embeddings",
    "position": "bert.embeddings.position_embeddings",
    "embedding_norm": "bert.embeddings.LayerNorm",
    "transform": "cls.predictions.transform.dense",
    "transform_norm": "cls.predictions.transform.LayerNorm",
}
INNER = {
    "query": "attention.self.query",
    "key": "attention.self.key",
    "value": "attention.self.value",
    "output": "attention.output.dense",
    "attention_norm": "attention.output.LayerNorm",
    "up": "intermediate.dense",
    "down": "output.dense",
    "feed_forward_norm": "output.LayerNorm",
}
"""Our name for every module, and the layout's: of the model, and within a layer."""
BIAS = "cls.predictions.bias"
TYPES = "bert.embeddings.token_type_embeddings.weight"  # zeros: our texts have one part


def save(model: Bidirectional, folder: Path, dtype: torch.dtype = torch.float16) -> None:
    """Write config and weights. The tokenizer and the card are written by `training`."""
    files.write_json(folder / "config.json", bert_config(model.config, dtype))
    weights = {renamed(name): weight for name, weight in model.state_dict().items()}
    weights[TYPES] = torch.zeros(1, model.config.width)
    files.save_sharded(folder, "model", arrays_of(weights, dtype))


def bert_config(config: BidirectionalConfig, dtype: torch.dtype) -> dict[str, object]:
    """The content of `config.json`."""
    stored = {theirs: getattr(config, ours) for ours, theirs in SIZES.items()}
    return stored | {
        "architectures": ["BertForMaskedLM"],
        "model_type": "bert",
        "hidden_act": "gelu",
        "type_vocab_size": 1,
        "layer_norm_eps": config.norm_epsilon,
        "tie_word_embeddings": True,
        "hidden_dropout_prob": 0.0,
        "attention_probs_dropout_prob": 0.0,
        "pad_token_id": 0,
        "dtype": str(dtype).removeprefix("torch."),
    }


def load(folder: Path) -> Bidirectional:
    """Build the model of a folder, in float32 on the CPU, ready for inference.

    Raises CheckpointError where a file is missing, damaged or of the wrong shape.
    """
    model = Bidirectional(read_config(folder))
    weights = read_weights(folder)
    try:
        model.load_state_dict(ours(model.state_dict(), weights))
    except (KeyError, RuntimeError) as error:
        reason = f"The weights in {folder.name} do not fit its config.json."
        raise CheckpointError(reason) from error
    return model.eval()


def read_config(folder: Path) -> BidirectionalConfig:
    """The shape that `config.json` declares; raises CheckpointError where it cannot be read."""
    stored = read_json(folder / "config.json")
    try:
        sizes = sizes_in(stored, SIZES)
        return BidirectionalConfig(**sizes, norm_epsilon=float(stored["layer_norm_eps"]))
    except (KeyError, TypeError, ValueError) as error:
        files.damaged(folder / "config.json", error)


def renamed(name: str) -> str:
    """Our name of a tensor in the layout."""
    if name == "bias":
        return BIAS
    module, _, kind = name.rpartition(".")
    if not module.startswith("layers."):
        return f"{OUTER[module]}.{kind}"
    _, layer, inner = module.split(".")
    return f"bert.encoder.layer.{layer}.{INNER[inner]}.{kind}"


def ours(
    state: Mapping[str, torch.Tensor], weights: Mapping[str, torch.Tensor]
) -> dict[str, torch.Tensor]:
    """Stored weights under our names; the one token type is part of every position."""
    found = {name: weights[renamed(name)] for name in state}
    found["position.weight"] = found["position.weight"] + weights[TYPES][0]
    return found
