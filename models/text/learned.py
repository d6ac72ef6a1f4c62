"""A small tokenizer as one line of text, which a page keeps and sends along with every question.

The line comes from a browser: nothing in it is trusted, and what is built of it is bounded.
"""

from __future__ import annotations

import json
import re
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Sequence
from struct import Struct, error
from typing import Literal, NamedTuple, cast

import tokenizers

from models.text.merges import Merge, Origin, PieceScore
from models.text.symbols import (
    END_OF_WORD,
    INSIDE,
    Symbols,
    joined,
    tokenizer_file,
    unmarked,
)
from models.text.tokenizer import ALPHABET, END_OF_TEXT, UNKNOWN, Tokenizer
from models.text.unigram import ScoredPieces, built, packed, unpacked

Kind = Symbols | Literal["unigram"]
"""How a tokenizer was trained."""

LINE = re.compile(r"(bytes|characters|wordpiece|unigram)\.([\w-]*)\.([\w-]*)\.([\w-]+)", re.ASCII)
"""What a word begins as, the characters without a mark, those with one, and the merges; of Unigram
the pieces, nothing, and their scores."""
LONGEST = 64_000  # characters of a line
MERGE = Struct(">HHI")  # left, right, and how often they stood side by side
MERGES = 1_000
LETTERS = 200_000  # of all tokens together: each merge may double the longest


class Pair(NamedTuple):
    """One merge by the numbers of its tokens."""

    left: int
    right: int
    times: int
    """How often the pair stood in the training text just before."""


class Line(NamedTuple):
    """What a line says before anything is built of it."""

    kind: Kind
    letters: tuple[str, ...]
    pairs: tuple[Pair, ...]
    scored: ScoredPieces | None = None

    @property
    def title(self) -> str:
        """What it is called on the page."""
        return titled(self.kind, len(self.scored.pieces if self.scored else self.pairs))


class Read(NamedTuple):
    """A tokenizer, and for each token that a merge made the first such merge and its parts."""

    tokenizer: Tokenizer
    origins: dict[int, Origin]
    parts: dict[int, tuple[int, int]]


def titled(kind: Kind, merges: int) -> str:
    """What a tokenizer that was trained here is called. merges: of Unigram, its pieces."""
    if kind == "unigram":
        return f"Trained here, Unigram of {merges:,} pieces"
    made = f"{merges:,} merges"
    return f"Trained here, {f'WordPiece of {made}' if kind == 'wordpiece' else f'{made} of {kind}'}"


def line_of(kind: Symbols, letters: Sequence[str], pairs: Sequence[Pair]) -> str:
    """The line of a tokenizer that began with these letters; "" where that is too long to keep."""
    plain = [one for one in letters if len(one) == 1]
    marked = [unmarked(one, kind) for one in letters if len(one) > 1]
    texts = ("", "") if kind == "bytes" else ("".join(plain), "".join(marked))
    try:
        packed = b"".join(MERGE.pack(*one) for one in pairs)
        line = ".".join((kind, *(coded(one.encode()) for one in texts), coded(packed)))
        read(line)
    except (ValueError, error):
        return ""
    return line


def scored_line(scored: ScoredPieces) -> str:
    """The line of a Unigram model; "" where that is too long to keep."""
    try:
        pieces, scores = map(coded, packed(scored))
        line = f"unigram.{pieces}..{scores}"
        read(line)
    except (ValueError, error):
        return ""
    return line


def coded(content: bytes) -> str:
    return urlsafe_b64encode(content).decode().rstrip("=")


def decoded(part: str) -> bytes:
    """Raises ValueError."""
    return urlsafe_b64decode(part + "=" * (-len(part) % 4))


def parsed(line: str) -> Line:
    """The parts of a line. Raises ValueError, with a clause that says what is wrong with it."""
    if len(line) > LONGEST:
        raise ValueError(f"it has {len(line):,} characters, of at most {LONGEST:,}")
    found = LINE.fullmatch(line)
    if found is None:
        raise ValueError("a part of it is missing")
    if found[1] == "unigram":
        return Line("unigram", (), (), scored_of(found[2], found[4]))
    kind = cast(Symbols, found[1])
    try:
        plain, marked = (decoded(part).decode() for part in found.group(2, 3))
        packed = decoded(found[4])
    except ValueError as error:
        raise ValueError("a part of it is cut off") from error
    count, rest = divmod(len(packed), MERGE.size)
    if rest or not 1 <= count <= MERGES:
        raise ValueError(f"it has no whole number of merges from 1 to {MERGES:,}")
    front, back = (INSIDE, "") if kind == "wordpiece" else ("", END_OF_WORD)
    letters = {*plain, *(f"{front}{letter}{back}" for letter in marked)}
    every = sorted(ALPHABET if kind == "bytes" else letters)
    return Line(kind, tuple(every), tuple(map(Pair._make, MERGE.iter_unpack(packed))))


def scored_of(pieces: str, scores: str) -> ScoredPieces:
    """The parts of a Unigram model. Raises ValueError."""
    try:
        parts = decoded(pieces), decoded(scores)
        parts[0].decode()
    except ValueError as error:
        raise ValueError("a part of it is cut off") from error
    try:
        return unpacked(*parts)
    except (json.JSONDecodeError, RecursionError) as error:
        raise ValueError("a part of it is cut off") from error


def read(line: str) -> Read:
    """The tokenizer of a line. Raises ValueError, with a clause that says what is wrong with it."""
    kind, letters, pairs, scored = parsed(line)
    if scored:  # which has no merges
        return Read(built(scored), dict(enumerate(map(PieceScore, scored.scores))), {})
    assert kind != "unigram"
    symbols = list(letters)
    ids = {symbol: token for token, symbol in enumerate(symbols)}
    origins: dict[int, Origin] = {}
    parts: dict[int, tuple[int, int]] = {}
    seen: set[tuple[int, int]] = set()
    length = 0
    for rank, (left, right, times) in enumerate(pairs, start=1):
        if max(left, right) >= len(symbols) or (left, right) in seen:
            raise ValueError(f"merge {rank:,} joins tokens that are not there")
        made = joined(symbols[left], symbols[right], kind)
        length += len(made)
        if length > LETTERS or made in (END_OF_TEXT, UNKNOWN):
            raise ValueError(f"merge {rank:,} makes a token that none can be")
        seen.add((left, right))
        if made not in ids:
            ids[made] = len(symbols)
            symbols.append(made)
        origins.setdefault(ids[made], Merge(rank, times))
        parts.setdefault(ids[made], (left, right))
    file = tokenizer_file(symbols, [one[:2] for one in pairs], kind)
    return Read(Tokenizer(tokenizers.Tokenizer.from_str(json.dumps(file))), origins, parts)
