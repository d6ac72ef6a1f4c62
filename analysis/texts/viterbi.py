"""The most probable text of a bigram model, by exact search (truth: R46)."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True)
class Best:
    """A text of its length than which none is more probable."""

    ids: tuple[int, ...]
    log_probability: float
    """Natural, of the whole text."""


def best_texts(
    transitions: NDArray[np.float64], start: int, longest: int, ends: Collection[int] = ()
) -> list[Best]:
    """The best text of exactly 1, 2, ... `longest` tokens that go on from `start`.

    transitions: (vocabulary, vocabulary) log-probabilities of the column after the row. ends:
    tokens that stand in none of the texts. Viterbi 1967, IEEE Transactions on Information Theory
    13:2: of all texts that end in the same token only the best can be the beginning of a best one.
    Ties go to lower ids, from the last one back. Raises ValueError without a length or a token.
    """
    allowed = np.setdiff1d(np.arange(len(transitions)), np.array(list(ends), dtype=np.int64))
    if longest < 1 or not len(allowed):
        raise ValueError("An exact search needs a length and a token that ends no text.")
    sums, parents, found = transitions[start, allowed], [], []
    for length in range(1, longest + 1):
        if length > 1:
            reached = sums[:, None] + transitions[np.ix_(allowed, allowed)]
            parents.append(reached.argmax(axis=0))
            sums = reached.max(axis=0)
        place = int(sums.argmax())
        places = [place]
        for row in reversed(parents):
            places.append(int(row[places[-1]]))
        found.append(Best(tuple(allowed[places[::-1]].tolist()), float(sums[place])))
    return found
