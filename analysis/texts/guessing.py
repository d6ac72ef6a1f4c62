"""How guesses become bits: bounds on the entropy of a text, from how often one had to guess.

Shannon 1951, Prediction and Entropy of Printed English (Bell System Technical Journal 30:1).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

GIVEN_UP = -1
"""Stands among guesses for asking to be told."""


class Bounds(NamedTuple):
    """Bits a letter, between which the entropy lies that such guesses leave."""

    lower: float
    upper: float


def bounds(ranks: Sequence[int], vocabulary: int = 1) -> Bounds:
    """From the rank of each letter among the guesses: 1 where the first was right, 0 where it was
    given up.

    With q_i the share of letters that took i guesses, the upper one is the entropy of q, and the
    lower one the sum of i (q_i - q_(i+1)) log2 i, q in falling order as with an ideal guesser
    (Shannon 1951, equation 17). Over few letters both come out too low. Giving up counts as one
    more guess; what came is then named among `vocabulary`, which the upper bound pays for.
    """
    if not ranks:
        return Bounds(0.0, 0.0)
    counts = np.sort(np.bincount(ranks))[::-1]
    share = counts[counts > 0] / len(ranks)
    place = np.arange(1, len(share) + 1)
    falls = share - np.append(share[1:], 0.0)
    lower = float((place * falls * np.log2(place)).sum())
    named = ranks.count(0) / len(ranks) * np.log2(vocabulary)
    return Bounds(lower, float(named - (share * np.log2(share)).sum()) + 0.0)


def replayed(guesses: Sequence[int], symbols: Sequence[int]) -> list[int]:
    """The ranks of the letters that these guesses, in their order, have found.

    A letter is guessed until it is right; a guess that was made for it before does not count. The
    rank of one that was given up is 0.
    """
    found: list[int] = []
    tried: set[int] = set()
    for guess in guesses:
        if len(found) == len(symbols):
            break
        tried.add(guess)
        if guess in (symbols[len(found)], GIVEN_UP):
            found.append(0 if guess == GIVEN_UP else len(tried))
            tried = set()
    return found


def ranks(chances: NDArray[np.float64], symbols: Sequence[int]) -> list[int]:
    """The rank of every symbol that came among the bets (letters, symbols); ties by their order."""
    order = np.argsort(-chances, axis=1, kind="stable")
    return [
        int(np.flatnonzero(row == came)[0]) + 1 for row, came in zip(order, symbols, strict=True)
    ]


def bits(chances: NDArray[np.float64], symbols: Sequence[int]) -> NDArray[np.float64]:
    """Of every symbol that came, (letters,)."""
    found: NDArray[np.float64] = -np.log2(chances[np.arange(len(symbols)), list(symbols)])
    return found
