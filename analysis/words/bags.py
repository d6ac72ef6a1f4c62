"""Sentences as vectors from their words alone: counted, weighted, averaged."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

SIF = 1e-3
"""The constant of Arora et al. 2017: a word of this frequency counts half."""
_WORD = re.compile(r"[^\W_]+(?:'[^\W_]+)*")

Floats = NDArray[np.float64]


def words_of(text: str) -> tuple[str, ...]:
    """The words of a text in lower case, as the vectors were trained: without a final 's."""
    lower = unicodedata.normalize("NFC", text).lower().replace("\u2019", "'")
    return tuple(word.removesuffix("'s") for word in _WORD.findall(lower))


def counts(sentences: Sequence[Sequence[str]]) -> tuple[tuple[str, ...], Floats]:
    """All words, each once, in alphabetical order, and (sentences, words) how often each occurs."""
    vocabulary = tuple(sorted({word for words in sentences for word in words}))
    column = {word: i for i, word in enumerate(vocabulary)}
    found = np.zeros((len(sentences), len(vocabulary)))
    for row, words in enumerate(sentences):
        for word in words:
            found[row, column[word]] += 1
    return vocabulary, found


def inverse_frequency(counted: Floats) -> Floats:
    """(words,) ln((1 + n) / (1 + d)) + 1, of n sentences of which d hold the word.

    The smoothed form of scikit-learn: as if one more sentence held every word once, so that no word
    counts nothing.
    """
    holding = (counted > 0).sum(axis=0)
    found: Floats = np.log((1 + len(counted)) / (1 + holding)) + 1
    return found


def tf_idf(counted: Floats) -> Floats:
    """(sentences, words): how often a word occurs, times its inverse frequency."""
    return counted * inverse_frequency(counted)


def sif_weights(frequencies: NDArray[np.floating]) -> Floats:
    """a / (a + p) for words of relative frequency p (Arora et al. 2017, equation 4)."""
    found: Floats = SIF / (SIF + np.asarray(frequencies, dtype=np.float64))
    return found


def mean(vectors: NDArray[np.floating], weights: Floats | None = None) -> Floats:
    """(width,) the weighted sum of the vectors of a sentence's words over their number.

    vectors: (words, width). Zeros where there is no word.
    """
    if not len(vectors):
        return np.zeros(vectors.shape[1])
    used = np.ones(len(vectors)) if weights is None else weights
    found: Floats = used @ vectors.astype(np.float64) / len(vectors)
    return found


def without_first(sentences: Floats) -> Floats:
    """What is left of (sentences, width) vectors without their first singular direction.

    The second step of SIF: it takes out what all sentences have in common (Arora et al. 2017,
    algorithm 1), as far as there are enough of them to tell.
    """
    _, _, directions = np.linalg.svd(sentences, full_matrices=False)
    first = directions[0]
    found: Floats = sentences - np.outer(sentences @ first, first)
    return found
