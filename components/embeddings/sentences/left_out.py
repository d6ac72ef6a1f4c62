"""Which word of a line a classifier's verdict hangs on most: each is left out in turn."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

LEAST = 0.01
"""Of 1: a probability that moves less is said to stay."""


class LeftOut(NamedTuple):
    """A word of a line, and the probability of the line's verdict without it."""

    word: str
    probability: float


def summed_without(vectors: Floats, counts: Floats) -> Floats:
    """(words, width) The sum of a line's vectors, each time without one of its words.

    vectors: (words, width), zeros where a word has none. counts: how often each stands there.
    """
    found: Floats = counts @ vectors - counts[:, None] * vectors
    return found


def most(
    words: Sequence[str],
    vectors: Mapping[str, NDArray[np.floating]],
    judge: Callable[[Floats], Floats],
    whole: Floats,
    average: bool = False,
) -> LeftOut | None:
    """The word that moves the verdict most, wherever it stands in the line; None where none does.

    vectors: of the words that have one; of others nothing is left out. judge: from (rows, width) to
    probabilities. whole: (classes,) those of the line. average: of the vectors, not their sum.
    """
    held = Counter(word for word in words if word in vectors)
    if not held or len(set(words)) < 2:
        return None
    counts = np.array(list(held.values()), dtype=np.float64)
    sums = summed_without(np.stack([vectors[word] for word in held]).astype(np.float64), counts)
    left = np.maximum(counts.sum() - counts, 1) if average else np.ones(len(counts))
    found = judge(sums / left[:, None])[:, int(whole.argmax())]
    strongest = int(np.abs(found - whole.max()).argmax())
    if abs(found[strongest] - whole.max()) < LEAST:
        return None
    return LeftOut(list(held)[strongest], float(found[strongest]))
