"""Which words a map between two texts links, and how far that is from known links.

Attention is not an alignment (truth: R33); these numbers say how well it can be read as one.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

WORD = re.compile(r"[^\W_]+['\u2019]?|[^\w\s]")
Link = tuple[int, int]
"""A written word and the word that it is linked to, both counted from 0."""


@dataclass(frozen=True)
class Known:
    """A sentence, its translation, and the links between them that somebody wrote down."""

    source: str
    target: str
    sure: frozenset[Link]
    possible: frozenset[Link]
    """All that may be linked, the sure ones among them."""

    @classmethod
    def of(cls, source: str, target: str, links: str) -> Known:
        """links: for every word of the target, in order, the numbers of its source words with
        commas between; a question mark after one that is only possible, a dash for none.

        Raises ValueError where that does not fit the two texts.
        """
        written = links.split()
        rows, columns = (len(spans(text)) for text in (target, source))
        if len(written) != rows:
            raise ValueError(f"{len(written)} links for {rows} words: {target}")
        pairs = [
            (row, int(one.rstrip("?")), one.endswith("?"))
            for row, all_of_it in enumerate(written)
            if all_of_it != "-"
            for one in all_of_it.split(",")
        ]
        if any(column >= columns for _, column, _ in pairs):
            raise ValueError(f"A link beyond the {columns} words of: {source}")
        sure = frozenset((row, column) for row, column, maybe in pairs if not maybe)
        return cls(source, target, sure, frozenset((row, column) for row, column, _ in pairs))


def spans(text: str) -> list[tuple[int, int]]:
    """Where the words of a text begin and end, in bytes; a sign is a word, "l'" is one too."""
    return [
        (len(text[: found.start()].encode()), len(text[: found.end()].encode()))
        for found in WORD.finditer(text)
    ]


def words_of(pieces: Sequence[bytes], text: str) -> NDArray[np.float64]:
    """(words, tokens): 1 where a token holds part of a word; a token without bytes holds none."""
    ends = np.cumsum([len(piece) for piece in pieces])
    starts = ends - [len(piece) for piece in pieces]
    return np.array(
        [(starts < end) & (ends > start) for start, end in spans(text)], dtype=np.float64
    )


def linked(
    weights: NDArray[np.float32], written: NDArray[np.float64], read: NDArray[np.float64]
) -> frozenset[Link]:
    """Every written word with the word of the source that gets most of its weight.

    weights: (target tokens, source tokens) of one head. written, read: `words_of` both texts.
    Weights of the tokens of a source word are added, those of a target word averaged. A word that
    looks most at what is no word, such as the end of the text, is linked to nothing.
    """
    by_row = written @ weights / written.sum(axis=1, keepdims=True)
    by_word = by_row @ read.T
    elsewhere = by_row[:, read.sum(axis=0) == 0].max(axis=1, initial=0)
    best = by_word.argmax(axis=1)
    return frozenset(
        (row, int(column))
        for row, column in enumerate(best)
        if by_word[row, column] > elsewhere[row]
    )


def error_rate(found: Iterable[tuple[frozenset[Link], Known]]) -> float:
    """The alignment error rate over several sentences, from 0 for none to 1.

    1 - (|A and S| + |A and P|) / (|A| + |S|), of the links found, A, the sure ones, S, and the
    possible ones, P: Och and Ney 2003, "A systematic comparison of various statistical alignment
    models", equation 19.
    """
    right, all_of_them = 0, 0
    for links, known in found:
        right += len(links & known.sure) + len(links & known.possible)
        all_of_them += len(links) + len(known.sure)
    return 1 - right / all_of_them


def in_order(known: Known) -> frozenset[Link]:
    """What somebody links who knows no word: each to the one at the same place of the sentence."""
    rows, columns = (len(spans(text)) for text in (known.target, known.source))
    return frozenset((row, row * columns // rows) for row in range(rows))
