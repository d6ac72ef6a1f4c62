"""Lines with a label before a colon, as somebody types them."""

from __future__ import annotations

from dataclasses import dataclass

from analysis.words.bags import words_of
from inference.errors import EmptyText, OrreryError, TooLong
from inference.text.cleaning import clean

CHARACTERS = 6_000


@dataclass(frozen=True)
class Line:
    """A sentence, and its label; "" for none."""

    label: str
    text: str
    words: tuple[str, ...]


def parsed(typed: object, most: int, what: str) -> tuple[Line, ...]:
    """One line each; what stands before the first colon is the label, in lower case.

    Raises EmptyText, TooLong, or OrreryError for a line without a word.
    """
    text = clean(typed, CHARACTERS, f"list of {what}").text
    found = []
    for one in filter(str.strip, text.splitlines()):
        before, colon, after = one.partition(":")
        label, sentence = (before.strip().lower(), after.strip()) if colon else ("", one.strip())
        words = words_of(sentence)
        if not words:
            raise OrreryError(f"'{one.strip()[:40]}' holds no word. Write some, or take it out.")
        found.append(Line(label[:40], sentence, words))
    if not found:
        raise EmptyText(f"list of {what}")
    if len(found) > most:
        raise TooLong(f"list of {what}", most, len(found), "lines")
    return tuple(found)
