"""Opens a folder of the collection as the language model that its `config.json` names."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from models.contract import LanguageModel
from models.ladder import checkpoint as own_layout
from models.transformer import checkpoint
from models.transformer.checkpoint import CheckpointError, read_json


def load(folder: Path) -> LanguageModel[Any]:
    """The model of a folder, in float32 on the CPU, ready for inference.

    Raises CheckpointError where a file is missing, damaged or of a kind that is not known.
    """
    stored = read_json(folder / "config.json")
    kind = stored.get("model_type") if isinstance(stored, dict) else None
    if kind == "llama":
        return checkpoint.load(folder)
    if kind in own_layout.KINDS:
        return own_layout.load(folder)
    raise CheckpointError(f"config.json in {folder.name} is damaged: no model of kind {kind!r}.")
