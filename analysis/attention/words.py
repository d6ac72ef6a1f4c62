"""Which tokens are pieces of one word, and which are punctuation."""

from __future__ import annotations

from collections.abc import Sequence

import regex

WORD = regex.compile(r"[\p{L}\p{M}\p{N}]+(?:['\N{RIGHT SINGLE QUOTATION MARK}][\p{L}\p{M}]+)*")
MARKS = regex.compile(r"[\s\p{P}\p{S}]*[\p{P}\p{S}][\s\p{P}\p{S}]*")


def words(pieces: Sequence[bytes], gaps: Sequence[bytes] = ()) -> list[int]:
    """The number of the word that each token is part of, -1 where it is part of none.

    pieces: the bytes of the text that every token covers. gaps: what stands before every token and
    after the last; () for nothing. Of a token that reaches into two words it is the first.
    """
    between = gaps or [b""] * (len(pieces) + 1)
    spans, held = [], b""
    for gap, piece in zip(between, pieces, strict=False):
        spans.append((len(held) + len(gap), len(held) + len(gap) + len(piece)))
        held += gap + piece
    owners = _owners(held)
    return [next((one for one in owners[start:end] if one >= 0), -1) for start, end in spans]


def _owners(held: bytes) -> list[int]:
    """The number of the word that every byte of a text is part of, or -1."""
    text = held.decode("utf-8", errors="surrogateescape")
    found, start = [-1] * len(text), 0
    for number, match in enumerate(WORD.finditer(text)):
        start, end = match.span()
        found[start:end] = [number] * (end - start)
    return [
        owner
        for owner, character in zip(found, text, strict=True)
        for _ in character.encode("utf-8", errors="surrogateescape")
    ]


def punctuation(pieces: Sequence[bytes]) -> list[bool]:
    """Whether a token is nothing but marks, such as a comma or a closing quote: one a token."""
    texts = [piece.decode("utf-8", errors="replace") for piece in pieces]
    return [
        MARKS.fullmatch(one) is not None and "\N{REPLACEMENT CHARACTER}" not in one for one in texts
    ]
