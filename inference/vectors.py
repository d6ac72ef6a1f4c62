"""The word vectors of the collection: several models of one vocabulary, each read on first use."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from inference.errors import OrreryError
from inference.loading.lazy import LazyResource
from models.words import vectors as word_vectors
from models.words.vectors import WordVectors

FOLDER = "word-vectors"
NAMES = word_vectors.NAMES
DEFAULT = NAMES[0]


def members(checkpoints: Path) -> dict[str, LazyResource[WordVectors]]:
    """Every model by name."""
    return {name: _member(checkpoints / FOLDER, name) for name in NAMES}


def _member(folder: Path, name: str) -> LazyResource[WordVectors]:
    shown = FOLDER if name == DEFAULT else f"{FOLDER} {name}"
    return LazyResource(
        shown, lambda: word_vectors.load(folder, name), lambda vectors: int(vectors.unit.size)
    )


def chosen(vectors: Mapping[str, LazyResource[WordVectors]], name: object) -> WordVectors:
    """The model of this name. Raises OrreryError where there is none, or it cannot be read."""
    member = vectors.get(name) if isinstance(name, str) else None
    if member is None:
        raise OrreryError(f"The word vectors must be one of {', '.join(vectors)}.")
    return member.get()
