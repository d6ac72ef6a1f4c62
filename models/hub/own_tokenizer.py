"""Opens a tokenizer.json from elsewhere that no model here belongs to."""

from __future__ import annotations

import json
from pathlib import Path

from models.files import check_readable
from models.hub.policy import TEXTS
from models.hub.tokenizer import HubTokenizer, named
from models.text.protocol import TextTokenizer

NAME = "tokenizer.json"
TRIAL = "a"


def open_tokenizer(reference: str | Path) -> TextTokenizer:
    """The tokenizer of a file, or of a folder that has a tokenizer.json; read whole, at once.

    Raises ValueError, with a sentence that names the file and what is wrong, for whatever cannot be
    used.
    """
    path = Path(reference).expanduser()
    path = path / NAME if path.is_dir() else path
    check_readable(path)
    if path.stat().st_size > TEXTS[NAME]:
        raise ValueError(f"{path.name} has more than {TEXTS[NAME] / 1e6:.0f} MB.")
    with named(f"{path.name} is no {NAME} that can be used"):
        check_kind(path)
        tokenizer = HubTokenizer.read(path)
        if not tokenizer.vocabulary:
            raise ValueError("its vocabulary is empty")
        tokenizer.segment(TRIAL)
    return tokenizer


def check_kind(path: Path) -> None:
    """Raise ValueError in plain words where a file is none of the library's: it says so in its own.

    A sentencepiece.model and a vocab.txt are no JSON, a config.json has no model with a vocabulary.
    """
    try:
        content = json.loads(path.read_bytes())
    except ValueError as error:
        raise ValueError(
            "it is not JSON, so the `tokenizers` library has not written it"
        ) from error
    model = content.get("model") if isinstance(content, dict) else None
    if not isinstance(model, dict) or "vocab" not in model:
        raise ValueError(
            "it has no model with a vocabulary, as the `tokenizers` library writes one"
        )
