"""What is measured of every tokenizer that is trained here, and within which bounds."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from inference.text.cleaning import clean

if TYPE_CHECKING:
    from models.text.protocol import TextTokenizer

MERGES = (1, 1_000)  # or pieces beside the letters
UNSEEN = 600  # characters of another text
SHOWN = 600  # bytes of a text in which words begin that are cut on the page
AHEAD = 6  # pairs, or pieces, that are told before every step


@dataclass(frozen=True)
class Measured:
    """How long a text is, and how many tokens the tokenizer of the collection makes of it.

    Words are what whitespace parts.
    """

    size: int
    """Bytes."""
    words: int
    ours: int


@dataclass(frozen=True)
class Unseen:
    """Another text in the tokenizer that was learned."""

    measured: Measured
    tokens: tuple[int, ...]
    """With no merge, with the first, and so on."""
    unknown: int
    """Letters that the text which was learned from has not; in WordPiece, words that hold one."""


def text_beside(typed: object) -> str:
    """A text to be compared on; "" where there is none. Raises OrreryError where it is unfit."""
    if isinstance(typed, str) and not typed.strip():
        return ""
    return clean(typed, UNSEEN, "other text").text


def measured(text: str, ours: TextTokenizer) -> Measured:
    return Measured(len(text.encode()), len(text.split()), len(ours.encode(text)))
