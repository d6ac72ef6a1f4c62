"""A text and its tokens."""

from __future__ import annotations

from dataclasses import dataclass

from models.text.merges import Merge as Merge
from models.text.merges import Origin as Origin
from models.text.merges import PieceScore as PieceScore


@dataclass(frozen=True)
class Detail:
    """What is known about a token beside its number."""

    piece: str
    """As a vocabulary with marks for the place in a word writes it; empty without such marks."""
    unknown: bool
    """The text here is no token of the vocabulary; the model sees only that something stood."""
    origin: Origin | None
    special: bool = False
    """It marks something, such as the end of a text, and stands for no text."""
    changed: str = ""
    """What the model reads here, where that differs from the text and is not unknown."""


@dataclass(frozen=True)
class Tokenized:
    """A text and its tokens; pieces and gaps in turn, joined, are the bytes of the text."""

    text: str
    ids: tuple[int, ...]
    pieces: tuple[bytes, ...]
    """The bytes of the text that each token covers."""
    note: str = ""
    gaps: tuple[bytes, ...] = ()
    """What no token holds, before every token and after the last; () where that is nothing."""
    details: tuple[Detail, ...] = ()
    """Of every token, where more than its bytes is known."""

    @property
    def opened(self) -> int:
        """How many tokens stand before the text and hold none of it, such as an end-of-text."""
        around = [d.special and not p for p, d in zip(self.pieces, self.details, strict=False)]
        return next((i for i, one in enumerate(around) if not one), len(around))
