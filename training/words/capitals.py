"""How often a word is written with a capital where no sentence begins: names are, and months.

The vectors are of words in lower case, so that this is counted once and stored beside them.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from training.data import corpus, pairs, sentences

OPENING = frozenset(".!?:;\"'()[]-\u2013\u2014*_\u2018\u201c\u201d")
"""What may stand before the first word of a sentence; a word behind any of them is not counted."""


def texts(data: Path) -> Iterator[str]:
    """What the vectors were trained on, as it is written; without the generated facts."""
    for name in sentences.CORPORA:
        yield from (one.text for one in corpus.read(data / name) if one.split == "train")
    yield from (one.english for one in pairs.read(data / pairs.FILE) if one.split == "train")


def percent(texts: Iterable[str], words: Sequence[str]) -> NDArray[np.uint8]:
    """(words,) of all times inside sentences those with a capital; 0 where it is never inside."""
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
