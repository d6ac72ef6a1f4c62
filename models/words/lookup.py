"""From what a person typed to a word of a vocabulary."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from models.text.characters import invisible, named, quoted

POSSESSIVE = "'s"  # the training texts were read without it


@dataclass(frozen=True)
class Word:
    """A word, its vector, and what was left out of what was typed."""

    text: str
    row: int | None
    """Of the vocabulary; None for a word that was made from its n-grams."""
    vector: NDArray[np.float32]
    """(width,) of length 1."""
    ngrams: tuple[str, ...] = ()
    """What the vector was made from, where the word was never seen."""
    length: float = 1.0
    """That the model has learned, and `vector` has lost; 1 where it is not known."""
    note: str = ""
    """A sentence where more than capitals was left out."""


def readings(typed: str) -> Iterator[tuple[str, str]]:
    """Ever freer readings of a word, each with a sentence that says what it leaves out.

    As typed; composed (NFC), in lower case with straight apostrophes; without invisible
    characters; compatibility forms resolved (NFKC); without punctuation around it; without a final
    's.
    """
    word = typed.strip()
    yield word, ""
    word = unicodedata.normalize("NFC", word).lower().replace("\u2019", "'")
    yield word, ""
    left_out = [named(character) for character in dict.fromkeys(word) if invisible(character)]
    word = "".join(c for c in word if not invisible(c))
    word = unicodedata.normalize("NFC", word)  # what an invisible character kept apart
    yield word, _remark(word, left_out)
    word = unicodedata.normalize("NFKC", word).lower()
    yield word, _remark(word, left_out)
    bare = word[_edge(word) : len(word) - _edge(word[::-1])]
    around = word.replace(bare, "", 1) if bare else word
    left_out += [f"\u201c{named(character)}\u201d" for character in dict.fromkeys(around)]
    yield bare, _remark(bare, left_out)
    if bare.endswith(POSSESSIVE):
        bare = bare.removesuffix(POSSESSIVE)
        yield bare, _remark(bare, [*left_out, f"\u201c{POSSESSIVE}\u201d"])


def plain(typed: str) -> str:
    """The freest reading of a word."""
    *_, (word, _) = readings(typed)
    return word


def _edge(word: str) -> int:
    """How many characters before the first letter, digit or mark there are."""
    return next((i for i, c in enumerate(word) if unicodedata.category(c)[0] in "LNM"), len(word))


def _remark(word: str, left_out: list[str]) -> str:
    if not left_out:
        return ""
    return f"Read as \u201c{quoted(word)}\u201d; left out: {', '.join(left_out)}."
