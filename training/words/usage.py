"""How the training text uses each word: with a capital, and whether in one story alone.

The vectors are of words in lower case, so that this is counted once and stored beside them.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from itertools import chain
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from models.words.usage import Usage
from training.data import corpus, pairs, sentences

OPENING = frozenset(".!?:;\"'()[]-\u2013\u2014*_\u2018\u201c\u201d")
"""What may stand before the first word of a sentence; a word behind any of them is not counted."""
STORIES = ("stories.jsonl.xz", "novels.jsonl.xz", "simple.jsonl.xz")
"""The corpora that invent people."""


def measure(data: Path, words: Sequence[str], counts: NDArray[np.int64]) -> Usage:
    """Of every word of a vocabulary, with how often it occurs in the whole training text."""
    everything = chain(texts(data, sentences.CORPORA), english(data))
    return Usage(capitals(everything, words), largest(texts(data, STORIES), words, counts))


def texts(data: Path, corpora: Sequence[str]) -> Iterator[str]:
    """The training documents of some corpora, as they are written."""
    for name in corpora:
        yield from (one.text for one in corpus.read(data / name) if one.split == "train")


def english(data: Path) -> Iterator[str]:
    """The English half of the training pairs, as it is written."""
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
    """(words,) percent of `counts` in the one text that has a word most often.

    counts: in the whole training text, so that a word that only one of the `texts` has, but
    textbooks and facts as well, is not one of a single story.
    """
    most = Counter[str]()
    for text in texts:
        for word, count in Counter(sentences.words_of(text)).items():
            most[word] = max(most[word], count)
    shares = 100 * np.array([most[word] for word in words]) / np.maximum(counts, 1)
    return shares.round().astype(np.uint8)
