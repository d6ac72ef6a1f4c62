"""Tokens as they are shown: grouped into whole characters, never a stray �.

A byte-level token may hold half a character, and a character as people count them (a grapheme)
may take several code points. So tokens are grouped until their bytes form whole graphemes, and
what is no whole character is written as hexadecimal bytes (truth: R1, R2).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from analysis.characters import Span, graphemes, visible

EMPTY = (Span("no text", symbol=True),)


@dataclass(frozen=True)
class Chip:
    """One token as it is shown."""

    token: int
    piece: bytes
    label: tuple[Span, ...]

    @property
    def spelled(self) -> str:
        """The label as plain text, for titles and screen readers."""
        return "".join(span.text for span in self.label)

    @property
    def hexadecimal(self) -> str:
        return self.piece.hex(" ").upper()


@dataclass(frozen=True)
class Group:
    """The fewest tokens in a row that begin and end on a grapheme's border."""

    text: str
    chips: tuple[Chip, ...]
    """Empty where no token holds the text."""


@dataclass(frozen=True)
class Counts:
    """How long a text is, in four units."""

    graphemes: int
    code_points: int
    bytes: int
    tokens: int


def label(piece: bytes, spaces: bool = True) -> tuple[Span, ...]:
    """How one token reads by itself; bytes that form no character become hexadecimal."""
    if not piece:
        return EMPTY
    try:
        return visible(piece.decode("utf-8"), spaces)
    except UnicodeDecodeError:
        return (Span(piece.hex(" ").upper(), symbol=True),)


def spelled(piece: bytes) -> str:
    """The label of one token as plain text."""
    return "".join(span.text for span in label(piece))


def groups(ids: Sequence[int], pieces: Sequence[bytes], gaps: Sequence[bytes] = ()) -> list[Group]:
    """Tokens, grouped so that every group's bytes are whole graphemes.

    A byte that is not valid UTF-8 (a model may write such) stands for itself. gaps: what no token
    holds, before every token and after the last; each that is not empty is a group of its own, and
    a grapheme that it tears apart stays apart.
    """
    grouped: list[Group] = []
    gaps = gaps or (b"",) * (len(ids) + 1)
    labels = {piece: label(piece) for piece in set(pieces)}
    row: list[Chip] = []
    for token, piece, gap in zip(ids, pieces, gaps[:-1], strict=True):
        if gap:
            grouped += [*_whole(row), Group(_text(gap), ())]
            row = []
        row.append(Chip(token, piece, labels[piece]))
    grouped += _whole(row)
    return [*grouped, Group(_text(gaps[-1]), ())] if gaps[-1] else grouped


def _whole(row: Sequence[Chip]) -> list[Group]:
    """Tokens in a row without a gap, parted at the borders of graphemes."""
    grouped: list[Group] = []
    waiting: list[Chip] = []
    end, borders = 0, _borders(b"".join(chip.piece for chip in row))
    for chip in row:
        waiting.append(chip)
        end += len(chip.piece)
        if end in borders:  # the end of the row is always one
            grouped.append(Group(_text(b"".join(one.piece for one in waiting)), tuple(waiting)))
            waiting = []
    return grouped


def _text(held: bytes) -> str:
    return held.decode("utf-8", errors="replace")


def _borders(text: bytes) -> set[int]:
    """The byte offsets at which a grapheme ends."""
    borders, offset = set(), 0
    # surrogateescape keeps one code point for every invalid byte, so that offsets stay true
    for grapheme in graphemes(text.decode("utf-8", errors="surrogateescape")):
        offset += len(grapheme.encode("utf-8", errors="surrogateescape"))
        borders.add(offset)
    return borders


def counts(text: str, ids: Sequence[int]) -> Counts:
    """Measure `text`, which must be valid Unicode."""
    return Counts(len(graphemes(text)), len(text), len(text.encode("utf-8")), len(ids))


def longest(pieces: Iterable[bytes]) -> str:
    """The token with most characters, without its spaces; the first of those.

    A token that holds a part of a character is none of them; "" where there is no other.
    """
    texts: list[str] = []
    for piece in pieces:
        try:
            text = piece.decode("utf-8")
        except UnicodeDecodeError:
            continue
        texts.append(text.strip() or text)
    return max(texts, key=lambda text: len(graphemes(text)), default="")
