"""The word vectors of the collection: several models of one vocabulary, each read on first use."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from inference.collection import Member
from inference.errors import OrreryError
from models import word_vectors
from models.word_vectors import WordVectors

FOLDER = "word-vectors"
NAMES = word_vectors.NAMES
DEFAULT = NAMES[0]


def members(checkpoints: Path) -> dict[str, Member[WordVectors]]:
    """Every model by name."""
    return {name: _member(checkpoints / FOLDER, name) for name in NAMES}


def _member(folder: Path, name: str) -> Member[WordVectors]:
    shown = FOLDER if name == DEFAULT else f"{FOLDER} {name}"
    return Member(
        shown, lambda: word_vectors.load(folder, name), lambda vectors: int(vectors.unit.size)
    )


def chosen(vectors: Mapping[str, Member[WordVectors]], name: object) -> WordVectors:
    """The model of this name. Raises OrreryError where there is none, or it cannot be read."""
    member = vectors.get(name) if isinstance(name, str) else None
    if member is None:
        raise OrreryError(f"The word vectors must be one of {', '.join(vectors)}.")
    return member.get()
