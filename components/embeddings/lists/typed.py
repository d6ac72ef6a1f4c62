"""A list of words as somebody types it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from components.embeddings.models import looked_up, notes
from inference.errors import OrreryError, TooLong
from inference.words import Word, WordVectors

if TYPE_CHECKING:
    from inference.service import Service

APART = re.compile(r"[\s,;]+")
NAMED = 12  # missing words that are named


@dataclass(frozen=True)
class Listed:
    """Words that a vocabulary holds, each once, and those it lacks."""

    words: tuple[Word, ...]
    missing: tuple[str, ...]

    @property
    def note(self) -> str:
        """What was left out, of the words and of the list."""
        return " ".join(filter(None, (notes(self.words), absent(self.missing))))


def absent(missing: tuple[str, ...]) -> str:
    """Which words were left out, in a sentence; empty for none."""
    if not missing:
        return ""
    more = f" and {len(missing) - NAMED} more" if len(missing) > NAMED else ""
    return f"Not in this vocabulary, and left out: {', '.join(missing[:NAMED])}{more}."


def known(service: Service, vectors: WordVectors, typed: str, most: int, least: int = 1) -> Listed:
    """The words of a list, apart by spaces, commas, semicolons or lines.

    Raises TooLong beyond `most` words, UnknownWord where none is known, and OrreryError where fewer
    than `least` are.
    """
    pieces = [piece for piece in APART.split(typed) if piece]
    if len(pieces) > most:
        raise TooLong("list of words", most, len(pieces), "words")
    found: dict[str, Word] = {}
    missing: dict[str, None] = {}
    for piece in pieces:
        cleaned = service.word(piece)
        word = vectors.look_up(cleaned)
        if word is None:
            missing[cleaned] = None
        else:
            found.setdefault(word.text, word)
    if not found and missing:
        looked_up(vectors, next(iter(missing)))  # raises, with spellings that are near
    if len(found) < least:
        few = {0: "is no word", 1: "is one word"}.get(len(found), f"are {len(found)} words")
        wanted = "a word" if least == 1 else f"at least {least} different words"
        raise OrreryError(f"There {few} to work with. Type {wanted}.")
    return Listed(tuple(found.values()), tuple(missing))


def known_by_line(
    service: Service, vectors: WordVectors, typed: str, most: int, least: int = 1
) -> tuple[Listed, tuple[int, ...]]:
    """The same, and of every word the number of the line on which it stands first.

    Lines without a word count nothing.
    """
    listed = known(service, vectors, typed, most, least)
    line: dict[str, int] = {}
    for number, one in enumerate(filter(str.strip, typed.splitlines())):
        for piece in filter(None, APART.split(one)):
            word = vectors.look_up(service.word(piece))
            if word is not None:
                line.setdefault(word.text, number)
    return listed, tuple(line[word.text] for word in listed.words)
