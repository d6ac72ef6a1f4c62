"""Sums of words as somebody types them: `king - man + woman`."""

from __future__ import annotations

import re
from typing import NamedTuple

MINUS = "-\N{MINUS SIGN}\N{EN DASH}\N{EM DASH}\N{HYPHEN}\N{NON-BREAKING HYPHEN}"
_SIGNS = re.escape(f"+{MINUS}")
_TOKEN = re.compile(rf"[{_SIGNS}]|[^{_SIGNS}]+")


class Term(NamedTuple):
    """A word of a sum."""

    sign: int
    """1 or -1."""
    word: str


def parsed(text: str) -> tuple[Term, ...]:
    """The words of a sum with their signs; the first may go without.

    Raises ValueError, with a sentence that says what is wrong, where there is no word, two words
    stand without a sign between them, or a sign has no word.
    """
    terms: list[Term] = []
    sign: int | None = 1
    for token in _TOKEN.findall(text):
        piece = token.strip()
        if piece == "+" or (len(piece) == 1 and piece in MINUS):
            if sign is not None and terms:
                raise ValueError("Two signs follow each other.")
            sign = 1 if piece == "+" else -1
        elif piece:
            first, *others = piece.split()
            if others:
                raise ValueError(f"There is no + or - between {first} and {others[0]}.")
            terms.append(Term(1 if sign is None else sign, piece))
            sign = None
    if not terms:
        raise ValueError("There is no word in it.")
    if sign is not None:
        raise ValueError("It ends with a sign, and no word follows.")
    return tuple(terms)
