"""Word vectors: one row of numbers a word, read with numpy alone.

Several models share one vocabulary in one folder.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from models import files
from models.words import usage as word_usage
from models.words.contexts import Contexts
from models.words.lookup import Word, readings
from models.words.ngrams import NGrams
from models.words.quantized import numbers
from models.words.usage import Usage

VOCABULARY = "vocabulary.json"
NEAREST = 10
"""As many neighbours are looked at to tell a hub."""
NAMES = (
    "skip-gram-1", "skip-gram-2", "skip-gram-3", "cbow", "fasttext", "glove", "ppmi-svd", "ppmi",
)  # fmt: skip


class Rows(Protocol):
    """What is asked of a matrix, dense or sparse."""

    def __len__(self) -> int: ...

    @property
    def size(self) -> int: ...

    def __getitem__(self, rows: Any, /) -> NDArray[np.float32]: ...

    def __matmul__(self, target: Any, /) -> Any: ...


@dataclass(frozen=True)
class WordVectors:
    """A vocabulary, most frequent word first, and its vectors in one model."""

    words: tuple[str, ...]
    counts: NDArray[np.int64]
    """(words,) how often each occurs in the training text; 0 for one that was put in by name."""
    unit: Rows
    """(words, width), every row of length 1, so that a product is a cosine."""
    ngrams: NGrams | None = None
    """What unknown words are made from, where the model can."""
    contexts: Contexts | None = None
    """The counts behind the vectors, where they are nothing but counts."""
    hubness: NDArray[np.int64] | None = None
    """(words,) among the `NEAREST` nearest of how many others each is, where that was counted."""
    lengths: NDArray[np.float32] | None = None
    """(words,) of the vectors as they were learned, where they are known."""
    counted: bool = True
    """Whether `counts` are known; else they are 0."""
    usage: Usage | None = None
    """How the text they are from uses each word, where it is known."""

    @cached_property
    def index(self) -> dict[str, int]:
        """The row of every word."""
        return {word: row for row, word in enumerate(self.words)}

    def look_up(self, typed: str) -> Word | None:
        """The word that somebody typed, or one made from its n-grams where the model can.

        None where it is neither known nor can be made.
        """
        word, note = typed, ""
        for word, note in readings(typed):
            row = self.index.get(word)
            if row is not None:
                length = 1.0 if self.lengths is None else float(self.lengths[row])
                return Word(word, row, self.unit[row], length=length, note=note)
        vector = self.ngrams.vector(word) if self.ngrams else np.zeros(1, dtype=np.float32)
        if self.ngrams is None or not vector.any():
            return None
        unit = unit_rows(vector[None])[0]
        length = float(np.linalg.norm(vector))
        return Word(word, None, unit, tuple(self.ngrams.of(word)), length, note)


def load(folder: Path, name: str) -> WordVectors:
    """Read one of `NAMES`. Raises ValueError that names the damaged file."""
    words, counts = load_vocabulary(folder)
    arrays = files.load(folder, name)
    try:
        if "totals" in arrays:
            usage = word_usage.load(folder, len(words), len(words))
            return _counted(words, counts, arrays, usage)
        vectors = numbers("vectors", arrays)
        hubness = arrays["hubness"].astype(np.int64) if "hubness" in arrays else None
        ngrams = None
        if "buckets" in arrays:
            shortest, longest = arrays["ngram_lengths"].tolist()
            ngrams = NGrams(numbers("buckets", arrays), shortest, longest)
    except (KeyError, TypeError, ValueError) as error:
        raise ValueError(f"The vectors {name} in {folder.name} are damaged: {error}") from error
    if len(vectors) > len(words):
        raise ValueError(f"{folder.name} has {len(words)} words but {len(vectors)} vectors.")
    kept = len(vectors)  # a second training may be stored for the commonest words alone
    if hubness is not None and hubness.shape != (kept,):
        raise ValueError(f"{folder.name} has {kept} vectors but a hubness of {len(hubness)} words.")
    lengths = np.linalg.norm(vectors, axis=1)
    unit = unit_rows(vectors)
    usage = word_usage.load(folder, len(words), kept)
    return WordVectors(
        words[:kept], counts[:kept], unit, ngrams, None, hubness, lengths, usage=usage
    )


def _counted(
    words: tuple[str, ...],
    counts: NDArray[np.int64],
    arrays: files.Arrays,
    usage: Usage | None,
) -> WordVectors:
    if any(array.dtype.kind not in "iu" for array in arrays.values()):
        raise ValueError("the counts are not whole numbers.")
    lengths = arrays["lengths"].astype(np.int64)
    pairs, columns = (arrays[key].astype(np.int32) for key in ("counts", "columns"))
    totals = arrays["totals"].astype(np.int64)
    if not len(words) == len(lengths) == len(totals) or not lengths.sum() == len(pairs):
        raise ValueError(f"{len(words)} words, but the table has {len(lengths)} rows.")
    starts = np.concatenate([[0], np.cumsum(lengths)])
    contexts = Contexts.of(starts, columns, pairs, totals, int(arrays["window"][0]))
    return WordVectors(words, counts, contexts.unit, contexts=contexts, usage=usage)


def words_in(folder: Path) -> int:
    """How many words the vocabulary of a folder has. Raises ValueError."""
    return len(load_vocabulary(folder)[0])


def load_vocabulary(folder: Path) -> tuple[tuple[str, ...], NDArray[np.int64]]:
    """The words of every model of a folder and their counts, commonest first. Raises ValueError."""
    stored = files.read_json(folder / VOCABULARY)
    try:
        words, counts = tuple(stored["words"]), np.asarray(stored["counts"], dtype=np.int64)
    except (KeyError, TypeError, ValueError, OverflowError) as error:
        files.damaged(folder / VOCABULARY, error)
    if len(words) != len(counts):
        raise ValueError(f"{VOCABULARY} in {folder.name} is damaged: words and counts differ.")
    return words, counts


def unit_rows(vectors: NDArray[np.float32]) -> NDArray[np.float32]:
    """Rows of length 1; a row of zeros stays one."""
    lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
    scaled: NDArray[np.float32] = vectors / np.maximum(lengths, np.float32(1e-12))
    return scaled


def save_vocabulary(folder: Path, words: Sequence[str], counts: Sequence[int]) -> None:
    """Write the words of every model of a folder, most frequent first, and how often each is."""
    content = json.dumps({"words": list(words), "counts": list(counts)}, ensure_ascii=False)
    files.write_text(folder / VOCABULARY, content + "\n")


def save(
    folder: Path, name: str, vectors: NDArray[np.float32], ngrams: NGrams | None = None
) -> None:
    """Write the vectors of a model in 16 bit, in the order of the vocabulary."""
    arrays: files.Arrays = {"vectors": vectors.astype(np.float16)}
    if ngrams is not None:
        arrays["buckets"] = ngrams.buckets.astype(np.float16)
        arrays["ngram_lengths"] = np.array([ngrams.shortest, ngrams.longest], dtype=np.uint8)
    files.save(folder, name, arrays)


def save_contexts(folder: Path, name: str, contexts: Contexts) -> None:
    """Write a table of counts; the weights are worked out anew when it is read."""
    arrays: files.Arrays = {
        "lengths": np.diff(contexts.ppmi.starts).astype(np.uint16),
        "columns": contexts.ppmi.columns.astype(np.uint16),
        "counts": contexts.counts.astype(np.uint16),
        "totals": contexts.totals.astype(np.int64),
        "window": np.array([contexts.window], dtype=np.uint8),
    }
    files.save(folder, name, arrays)
