"""Word vectors: one row of numbers a word, read with numpy alone."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from safetensors import SafetensorError
from safetensors.numpy import load_file, save_file

WEIGHTS = "vectors.safetensors"
VOCABULARY = "vocabulary.json"


@dataclass(frozen=True)
class WordVectors:
    """A vocabulary, most frequent word first, and its vectors."""

    words: tuple[str, ...]
    counts: NDArray[np.int64]
    """(words,) how often each occurs in the training text."""
    unit: NDArray[np.float32]
    """(words, width), every row of length 1, so that a product is a cosine."""

    @cached_property
    def index(self) -> dict[str, int]:
        """The row of every word."""
        return {word: row for row, word in enumerate(self.words)}


def load(folder: Path) -> WordVectors:
    """Read a folder that `save` wrote. Raises ValueError that names the damaged file."""
    try:
        stored = json.loads((folder / VOCABULARY).read_text(encoding="utf-8"))
        vectors = load_file(folder / WEIGHTS)["vectors"].astype(np.float32)
        words = tuple(stored["words"])
        counts = np.asarray(stored["counts"], dtype=np.int64)
    except FileNotFoundError as error:
        missing = Path(error.filename or WEIGHTS).name  # safetensors names no file
        raise ValueError(f"{missing} is missing from {folder.name}.") from error
    except (SafetensorError, KeyError, TypeError, ValueError) as error:
        raise ValueError(f"The vectors in {folder.name} are damaged: {error}") from error
    if not len(words) == len(counts) == len(vectors):
        raise ValueError(f"{folder.name} has {len(words)} words but {len(vectors)} vectors.")
    lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
    return WordVectors(words, counts, vectors / np.maximum(lengths, 1e-12))


def save(folder: Path, words: list[str], counts: list[int], vectors: NDArray[np.float32]) -> None:
    """Write vectors in 16 bit, vocabulary and counts."""
    folder.mkdir(parents=True, exist_ok=True)
    save_file({"vectors": vectors.astype(np.float16)}, folder / WEIGHTS)
    content = json.dumps({"words": words, "counts": counts}, ensure_ascii=False)
    (folder / VOCABULARY).write_text(content + "\n", encoding="utf-8")
