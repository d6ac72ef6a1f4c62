"""Reads the corpora: one JSON document a line, xz-compressed, each marked train or heldout."""

from __future__ import annotations

import json
import lzma
import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from training.data.slurs import has_slur

Split = Literal["train", "heldout"]
NON_COMMERCIAL = re.compile(r"\bNC\b")
REQUIRED = ("title", "source", "text", "split")


@dataclass(frozen=True)
class Document:
    """One document of a corpus; `split` decides whether a model may train on it."""

    title: str
    source: str
    text: str
    split: Split
    author: str = ""
    """Empty where the source names none, as for many picture books."""


class CorpusError(ValueError):
    """A corpus file is missing, damaged or mislabelled; names the file and the line."""


def data_folder(given: str | None) -> Path:
    """The folder with the corpora: `--data`, else the environment variable ORRERY_DATA."""
    folder = given or os.environ.get("ORRERY_DATA")
    if not folder:
        raise CorpusError("No corpora: pass --data FOLDER or set ORRERY_DATA.")
    return Path(folder)


def read(path: Path) -> Iterator[Document]:
    """Every document of a `.jsonl.xz` file, in order. Raises CorpusError.

    Documents under a non-commercial licence are passed over: the weights are free for any use. So
    are paragraphs with a slur: what is not read is not learned.
    """
    number = 0
    try:
        with lzma.open(path, "rt", encoding="utf-8") as lines:
            for number, line in enumerate(lines, start=1):
                document = _document(line, f"{path.name}, line {number}")
                if not NON_COMMERCIAL.search(document.source):
                    yield document
    except FileNotFoundError as error:
        raise CorpusError(f"{path} does not exist; is --data the right folder?") from error
    except (lzma.LZMAError, EOFError, UnicodeDecodeError) as error:
        raise CorpusError(f"{path.name} is damaged after line {number}: {error}") from error


def _document(line: str, where: str) -> Document:
    try:
        fields = json.loads(line)
    except json.JSONDecodeError as error:
        raise CorpusError(f"{where}: not JSON ({error.msg}).") from error
    if not isinstance(fields, dict):
        raise CorpusError(f"{where}: not a JSON object.")
    missing = [name for name in REQUIRED if not isinstance(fields.get(name), str)]
    if missing:
        raise CorpusError(f"{where}: no text field named {', '.join(missing)}.")
    if fields["split"] not in ("train", "heldout"):
        raise CorpusError(f"{where}: split is {fields['split']!r}, not train or heldout.")
    named = {name: fields[name] for name in REQUIRED}
    decent = [line for line in named["text"].splitlines(keepends=True) if not has_slur(line)]
    return Document(**named | {"text": "".join(decent)}, author=fields.get("author") or "")
