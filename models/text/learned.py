"""A small BPE as one line of text, which a page keeps and sends along with every question.

The line comes from a browser: nothing in it is trusted, and what is built of it is bounded.
"""

from __future__ import annotations

import json
import re
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Sequence
from struct import Struct, error
from typing import NamedTuple, cast

import tokenizers

from models.text.byte_pairs import END_OF_WORD, Symbols, tokenizer_file
from models.text.merges import Merge
from models.text.tokenizer import ALPHABET, END_OF_TEXT, UNKNOWN, Tokenizer

LINE = re.compile(r"(bytes|characters)\.([\w-]*)\.([\w-]*)\.([\w-]+)", re.ASCII)
"""What a word begins as, the characters inside words, those at their ends, and the merges."""
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

    kind: Symbols
    letters: tuple[str, ...]
    pairs: tuple[Pair, ...]


def line_of(kind: Symbols, letters: Sequence[str], pairs: Sequence[Pair]) -> str:
    """The line of a tokenizer that began with these letters; "" where that is too long to keep."""
    last = [one.removesuffix(END_OF_WORD) for one in letters if one.endswith(END_OF_WORD)]
    inside = [one for one in letters if not one.endswith(END_OF_WORD)]
    texts = ("", "") if kind == "bytes" else ("".join(inside), "".join(last))
    try:
        packed = b"".join(MERGE.pack(*one) for one in pairs)
        line = ".".join((kind, *(coded(one.encode()) for one in texts), coded(packed)))
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
    kind = cast(Symbols, found[1])
    try:
        inside, last = (decoded(part).decode() for part in found.group(2, 3))
        packed = decoded(found[4])
    except ValueError as error:
        raise ValueError("a part of it is cut off") from error
    count, rest = divmod(len(packed), MERGE.size)
    if rest or not 1 <= count <= MERGES:
        raise ValueError(f"it has no whole number of merges from 1 to {MERGES:,}")
    marked = {*inside, *(letter + END_OF_WORD for letter in last)}
    letters = sorted(ALPHABET if kind == "bytes" else marked)
    return Line(kind, tuple(letters), tuple(map(Pair._make, MERGE.iter_unpack(packed))))


def read(line: str) -> tuple[Tokenizer, dict[int, Merge]]:
    """The tokenizer of a line, and the merge that made each of its tokens.

    Raises ValueError, with a clause that says what is wrong with it.
    """
    kind, letters, pairs = parsed(line)
    symbols = list(letters)
    ids = {symbol: token for token, symbol in enumerate(symbols)}
    origins: dict[int, Merge] = {}
    seen: set[tuple[int, int]] = set()
    length = 0
    for rank, (left, right, times) in enumerate(pairs, start=1):
        if max(left, right) >= len(symbols) or (left, right) in seen:
            raise ValueError(f"merge {rank:,} joins tokens that are not there")
        made = symbols[left] + symbols[right]
        length += len(made)
        if length > LETTERS or made in (END_OF_TEXT, UNKNOWN):
            raise ValueError(f"merge {rank:,} makes a token that none can be")
        seen.add((left, right))
        if made not in ids:
            ids[made] = len(symbols)
            symbols.append(made)
        origins.setdefault(ids[made], Merge(rank, times))
    file = tokenizer_file(symbols, [one[:2] for one in pairs], kind)
    return Tokenizer(tokenizers.Tokenizer.from_str(json.dumps(file))), origins
