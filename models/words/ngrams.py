"""Character n-grams of words, hashed into buckets that hold vectors: fastText's way to read
any word (Bojanowski et al. 2017, 1607.04606)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

FNV_PRIME, FNV_OFFSET, WORD_32 = 16_777_619, 2_166_136_261, 0xFFFFFFFF


@dataclass(frozen=True)
class NGrams:
    """Vectors of hashed n-grams; a word between < and > is the mean of its own."""

    buckets: NDArray[np.float32]
    """(buckets, width); n-grams that hash alike share a row."""
    shortest: int
    longest: int
    """In characters, the brackets counted."""

    def of(self, word: str) -> list[str]:
        """The n-grams of a word, at every place from left to right, shorter ones first."""
        return [ngram for _, ngram in self.places(word)]

    def places(self, word: str) -> list[tuple[int, str]]:
        """The same, each with where it begins in the word between < and >."""
        marked = f"<{word}>"
        return [
            (start, marked[start : start + length])
            for start in range(len(marked))
            for length in range(self.shortest, self.longest + 1)
            if start + length <= len(marked)
        ]

    def vector(self, word: str) -> NDArray[np.float32]:
        """(width,) the mean over the n-grams of a word; zeros where it is too short for any."""
        rows = self.vectors(self.of(word))
        if not len(rows):
            return np.zeros(self.buckets.shape[1], dtype=np.float32)
        mean: NDArray[np.float32] = rows.mean(axis=0, dtype=np.float32)
        return mean

    def vectors(self, ngrams: Sequence[str]) -> NDArray[np.float32]:
        """(n-grams, width) the vector of each; two that hash alike have the same."""
        rows = [bucket(ngram, len(self.buckets)) for ngram in ngrams]
        found: NDArray[np.float32] = self.buckets[np.array(rows, dtype=np.int64)]
        return found


def bucket(ngram: str, buckets: int) -> int:
    """The row of an n-gram: FNV-1a over its UTF-8 bytes, in 32 bits.

    fastText reads bytes as signed numbers, so those above 127 set all higher bits first; whoever
    leaves that out gets other rows for é than gensim and fastText do.
    """
    state = FNV_OFFSET
    for byte in ngram.encode("utf-8"):
        signed = byte if byte < 128 else byte | 0xFFFFFF00
        state = ((state ^ signed) * FNV_PRIME) & WORD_32
    return state % buckets
