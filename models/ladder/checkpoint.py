"""Reads and writes the models that no other library has a layout for.

`config.json` names the kind of model and its shape, `model.safetensors` holds weights, those of the
collection in 16 bit, or whole counts.
"""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import Any

import torch

from models import files
from models.files import CheckpointError, read_json
from models.ladder.ngram import Counts, NGram, NGramConfig
from models.ladder.recurrent import Recurrent, RecurrentConfig
from models.ladder.table import Table, TableConfig
from models.ladder.window import Window, WindowConfig
from models.transformer.checkpoint import arrays_of, learned, read_tensors
from models.translators.recurrent import RecurrentTranslator, RecurrentTranslatorConfig

WEIGHTS = "model.safetensors"
KINDS: dict[str, tuple[type[Any], type[Any]]] = {
    "orrery-ngram": (NGramConfig, NGram),
    "orrery-table": (TableConfig, Table),
    "orrery-window": (WindowConfig, Window),
    "orrery-recurrent": (RecurrentConfig, Recurrent),
    "orrery-recurrent-translator": (RecurrentTranslatorConfig, RecurrentTranslator),
}
"""The `model_type` of `config.json`: its shape, and what is built from it."""

Network = Table | Window | Recurrent | RecurrentTranslator
OwnModel = NGram | Network
NO_SIZE = {"cell": str, "attends": bool}
"""What a config states besides sizes, and its type."""


def save(model: OwnModel, folder: Path, dtype: torch.dtype = torch.float16) -> None:
    """Write config and weights. The tokenizer and the card are written by `training`."""
    (kind,) = [name for name, (_, built) in KINDS.items() if isinstance(model, built)]
    files.write_json(
        folder / "config.json", {"model_type": kind} | dataclasses.asdict(model.config)
    )
    if isinstance(model, NGram):
        tensors = {f.name: getattr(model.counts, f.name) for f in dataclasses.fields(Counts)}
    else:
        tensors = model.state_dict()
    whole = None if isinstance(model, NGram) else dtype
    files.write_arrays(folder / WEIGHTS, arrays_of(tensors, whole))


def load(folder: Path) -> OwnModel:
    """Build the model of a folder, in float32 on the CPU, ready for inference.

    Raises CheckpointError where a file is missing, damaged or of the wrong shape.
    """
    stored = read_json(folder / "config.json")
    try:
        shape, built = KINDS[stored.pop("model_type")]
        config = shape(**stored)
        for name, value in stored.items():
            if type(value) is not NO_SIZE.get(name, int) or (type(value) is int and value < 1):
                raise ValueError(f"{name} {value!r} is no whole number above 0, or not its type.")
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        files.damaged(folder / "config.json", error)
    tensors = (read_tensors if built is NGram else learned)(folder / WEIGHTS)
    try:
        model: OwnModel = (
            _counted(config, tensors) if built is NGram else _filled(built(config), tensors)
        )
    except (RuntimeError, TypeError, ValueError, IndexError) as error:
        reason = f"The weights in {folder.name} do not fit its config.json."
        raise CheckpointError(reason) from error
    return model.eval()


def _filled(model: Network, tensors: dict[str, torch.Tensor]) -> Network:
    model.load_state_dict(tensors)
    return model


def _counted(config: NGramConfig, tensors: dict[str, torch.Tensor]) -> NGram:
    return NGram(config, Counts(**tensors))
