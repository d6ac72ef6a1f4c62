"""Vectors as safetensors with their vocabulary beside: what is mapped, and what others become."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
from numpy.typing import NDArray

from models import files
from models.words.elsewhere.mapped import Mapped, mapped

VOCABULARY = "vocabulary.json"
TENSOR = "vectors"
HEADER = 1_000_000  # bytes that a header may have; ours has 100
BUFFER = 1 << 20  # bytes
LETTERS = 200  # characters of a word at most


def read(
    path: Path, checked: bool = False
) -> tuple[tuple[str, ...], NDArray[np.int64] | None, Mapped]:
    """Words, how often each was seen where that is known, and the matrix of a safetensors file.

    checked: whether the words were looked at when the file was written, which takes a second.
    Raises ValueError, with a sentence, where something is not as it should be.
    """
    offset, shape = located(path)
    words, counts = vocabulary(path)
    if not checked:
        check(words)
    if len(words) != shape[0]:
        raise ValueError(f"{len(words):,} words lie beside it, but it has {shape[0]:,} rows.")
    return words, counts, mapped(path, offset, shape)


def located(path: Path) -> tuple[int, tuple[int, int]]:
    """Where its matrix begins in bytes, and its shape, by its header and its size alone."""
    size = path.stat().st_size
    with path.open("rb") as stored:
        length = int.from_bytes(stored.read(8), "little")
        if not 2 <= length <= min(HEADER, size - 8):
            raise ValueError("it is no safetensors file: its header is missing.")
        try:
            header = json.loads(stored.read(length))
            tensors = {k: v for k, v in header.items() if k != "__metadata__"}
            shaped = {k: v for k, v in tensors.items() if len(v["shape"]) == 2}
            found = shaped[TENSOR] if TENSOR in shaped else _only(shaped)
            kind, shape = str(found["dtype"]), tuple(map(int, found["shape"]))
            start, end = map(int, found["data_offsets"])
        except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
            raise ValueError(f"its header cannot be read: {error}") from error
    if kind != "F32":
        raise ValueError(f"its matrix is {kind}; write it as float32 (F32), which can be mapped.")
    if min(shape) < 1 or start < 0 or end - start != 4 * shape[0] * shape[1]:
        raise ValueError("its header contradicts itself about the size of the matrix.")
    if 8 + length + end > size:
        raise ValueError(f"it is truncated: {8 + length + end - size:,} bytes are missing.")
    return 8 + length + start, (shape[0], shape[1])


def _only(shaped: dict[str, Any]) -> Any:
    if len(shaped) != 1:
        raise ValueError(f"it holds {len(shaped)} matrices, and none is called {TENSOR}.")
    return next(iter(shaped.values()))


def vocabulary(path: Path) -> tuple[tuple[str, ...], NDArray[np.int64] | None]:
    """From `vocabulary.json` beside a file, or a text of the file's name with a word a line."""
    listed = path.with_suffix(".txt")
    if listed.is_file():
        return tuple(listed.read_text(encoding="utf-8").removesuffix("\n").split("\n")), None
    if not (path.parent / VOCABULARY).is_file():
        raise ValueError(f"neither {VOCABULARY} nor {listed.name} lies beside it with its words.")
    stored = files.read_json(path.parent / VOCABULARY)
    try:
        counts = stored.get("counts")
        given = None if counts is None else np.asarray(counts, dtype=np.int64)
        words = tuple(stored["words"])
    except (KeyError, TypeError, ValueError, AttributeError, OverflowError) as error:
        raise ValueError(f"{VOCABULARY} beside it holds no list of words.") from error
    if given is not None and given.shape != (len(words),):
        raise ValueError(f"{VOCABULARY} beside it has {len(words):,} words but not as many counts.")
    return words, given


def check(words: Sequence[Any]) -> None:
    """Raise ValueError where one is no word, or stands there twice."""
    for place, word in enumerate(words, start=1):
        if not isinstance(word, str) or not word.strip() or len(word) > LETTERS:
            raise ValueError(f"entry {place:,} of its vocabulary is no word.")
    if len(set(words)) == len(words):
        return
    last = {word: place for place, word in enumerate(words, start=1)}
    first, word = next((i, word) for i, word in enumerate(words, start=1) if last[word] != i)
    raise ValueError(f"the word {word[:40]!r} stands there twice, as {first:,} and {last[word]:,}.")


@contextmanager
def writing(folder: Path, words: int, width: int) -> Iterator[BinaryIO]:
    """A file for the rows of a matrix, one after another: `vectors.safetensors` of the folder.

    It is there when the block ends. Written so, a full disk is an OSError, and no page has to be
    brought in first, which takes twice as long.
    """
    size = 4 * words * width
    entry = {"dtype": "F32", "shape": [words, width], "data_offsets": [0, size]}
    header = json.dumps({TENSOR: entry}).encode()
    header += b" " * (-len(header) % 8)
    whole = files.replacing(folder / f"{TENSOR}.safetensors")
    with whole as aside, aside.open("wb", buffering=BUFFER) as stored:
        stored.write(len(header).to_bytes(8, "little") + header)
        yield stored
