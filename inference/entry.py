"""What is known of a model before it is loaded."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

TRAINED = "trained-"
"""How the names of models begin that were trained here; the rest of one, only a visitor knows."""
LEARNED = "learned-"
"""How the names of tokenizers begin that were trained here; the rest is the tokenizer itself."""
Capability = Literal[
    "write",
    "attend",
    "remove heads",
    "open a cell",
    "follow a token",
    "time attention",
    "keep a state",
    "count",
    "slide a window",
    "cut",
    "embed",
    "draw a map",
    "fill in",
    "translate",
]
Kind = Literal[
    "transformer",
    "translator",
    "ladder",
    "tokenizer",
    "own tokenizer",
    "learned",
    "word vectors",
    "own vectors",
    "elsewhere",
    "trained",
]


@dataclass(frozen=True)
class Entry:
    """One model, tokenizer or set of word vectors."""

    name: str
    """What a link, a request and the status line call it."""
    title: str
    kind: Kind
    can: frozenset[Capability]
    folder: str
    """Under the checkpoints; of a model from elsewhere, its path or its id on the Hub.

    Of one that was trained here, its path."""
    unit: str = "tokens"
    """What one token of it is."""
    about: str = ""
    """How it works, in a sentence."""
    read: str = ""
    """What it was trained on, in a sentence."""
    card: str = ""
    """Its model card: under the checkpoints, or an address of the Hub; empty where it has none."""
    opens: bool = False
    """Every text it was trained on began after an end-of-text; so does every text it reads here."""
    closes: bool = False
    """Likewise, every text is followed by an end-of-text."""
    listed: bool = True
    """False for one that may be asked but is not offered in every list."""

    @property
    def called(self) -> str:
        """What messages call it: a name that only one visitor may know is in none of them."""
        return self.title if self.kind in ("trained", "learned") else self.name
