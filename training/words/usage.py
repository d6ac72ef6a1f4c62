"""How the training text uses each word: with a capital, and in how much more than one document.

The vectors are of words in lower case, so that this is counted once and stored beside them.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from models.words.usage import Usage
from training.data import corpus, pairs, sentences

OPENING = frozenset(".!?:;\"'()[]-\u2013\u2014*_\u2018\u201c\u201d")
"""What may stand before the first word of a sentence; a word behind any of them is not counted."""


def measure(data: Path, words: Sequence[str], counts: NDArray[np.int64]) -> Usage:
    """Of every word of a vocabulary, with how often it occurs in the whole training text."""
    return Usage(capitals(texts(data), words), largest(texts(data), words, counts))


def texts(data: Path) -> Iterator[str]:
    """The documents that the vectors were trained on, as written; without the generated facts."""
    for name in sentences.CORPORA:
        yield from (one.text for one in corpus.read(data / name) if one.split == "train")
    yield from (one.english for one in pairs.read(data / pairs.FILE) if one.split == "train")


def capitals(texts: Iterable[str], words: Sequence[str]) -> NDArray[np.uint8]:
    """(words,) percent of the times inside a sentence with a capital: names have one, and months.

    0 where a word is never inside a sentence.
    """
    inside, capital = Counter[str](), Counter[str]()
    for text in texts:
        for line in text.replace("\u2019", "'").splitlines():
            end = 0
            for found in sentences.WORD.finditer(line):
                between, first = line[end : found.start()], not end
                end = found.end()
                if first or not OPENING.isdisjoint(between):
                    continue
                word = found[0].lower().removesuffix("'s")
                inside[word] += 1
                capital[word] += found[0][0].isupper()
    shares = [100 * capital[word] / max(inside[word], 1) for word in words]
    return np.array(shares).round().astype(np.uint8)


def largest(
    texts: Iterable[str], words: Sequence[str], counts: NDArray[np.int64]
) -> NDArray[np.uint8]:
    """(words,) percent of `counts` in the one text that has a word most often: its book's people.

    A word of which the generated facts speak as well is not one of a single book, so that `counts`
    are of them too. Sentences that the training text has once may be read twice here: 100 at most.
    """
    most = Counter[str]()
    for text in texts:
        for word, count in Counter(sentences.words_of(text)).items():
            most[word] = max(most[word], count)
    shares = 100 * np.array([most[word] for word in words]) / np.maximum(counts, 1)
    return np.minimum(shares, 100).round().astype(np.uint8)
