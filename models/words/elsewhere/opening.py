"""Opens vectors from elsewhere: a file of word2vec, or safetensors with a vocabulary beside it."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import tempfile
from pathlib import Path

import numpy as np

from models import files
from models.words.elsewhere import stored, word2vec
from models.words.vectors import WordVectors

CACHE = Path(".cache") / "orrery" / "vectors"
"""In the person's own folder: where files of word2vec are laid out so that they can be mapped."""


def open_vectors(reference: str | Path, cache: Path | None = None) -> WordVectors:
    """The vectors of a file, left where they are: memory holds the words and a number each.

    A file of word2vec is laid out anew once, in `cache`, which is kept for the next start. Raises
    ValueError, with a sentence that names the file and what is wrong, for whatever cannot be used.
    """
    path = Path(reference).expanduser()
    files.check_readable(path)
    try:
        ours = path.suffix != ".safetensors"
        words, counts, rows = stored.read(laid_out(path, cache) if ours else path, checked=ours)
    except ValueError as error:
        raise ValueError(f"{Path(reference).name} cannot be used: {error}") from error
    except OSError as error:
        why = error.strerror or "it cannot be read."
        raise ValueError(f"{Path(reference).name} cannot be used: {why}") from error
    known = np.zeros(len(words), dtype=np.int64) if counts is None else counts
    vectors = WordVectors(words, known, rows, lengths=rows.lengths, counted=counts is not None)
    len(vectors.index)  # made now, and not when the first word is asked for
    return vectors


def laid_out(path: Path, cache: Path | None = None) -> Path:
    """A file of word2vec as safetensors in the cache: made now, or by an earlier start."""
    form = word2vec.described(path)
    about = path.stat()
    source = str(path.resolve())
    told = f"{source} {about.st_size} {about.st_mtime_ns}"
    folder = _writable(cache) / hashlib.sha256(told.encode()).hexdigest()[:24]
    found = folder / f"{stored.TENSOR}.safetensors"
    if not found.is_file():
        _forget(folder.parent, source)
        aside = Path(tempfile.mkdtemp(prefix="partial-", dir=folder.parent))
        try:
            _lay_out(path, form, aside)
            files.write_json(aside / "source.json", {"source": source})
            os.replace(aside, folder)
        finally:
            shutil.rmtree(aside, ignore_errors=True)
    return found


def _lay_out(path: Path, form: word2vec.Format, folder: Path) -> None:
    with stored.writing(folder, form.words, form.width) as rows:
        words = word2vec.copy(path, form, rows)
    stored.check(words)
    content = json.dumps({"words": words}, ensure_ascii=False)
    files.write_text(folder / stored.VOCABULARY, content)


def _forget(cache: Path, source: str) -> None:
    """Drop what an earlier version of the same file became."""
    for known in cache.glob("*/source.json"):
        if files.read_json(known).get("source") == source:
            shutil.rmtree(known.parent, ignore_errors=True)


def _writable(cache: Path | None) -> Path:
    """The cache, or a folder of this start alone where it cannot be written."""
    try:
        folder = cache or Path.home() / CACHE
        folder.mkdir(parents=True, exist_ok=True)
        if os.access(folder, os.W_OK):
            return folder
    except (OSError, RuntimeError):
        pass
    return Path(tempfile.mkdtemp(prefix="orrery-vectors-"))
