"""Surprisal of tokens gathered into words, and into the repetitions of a phrase."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import regex
from numpy.typing import NDArray

WORD = regex.compile(r"\s*([\p{L}\p{N}][\p{L}\p{N}\p{M}]*(?:['\u2019-][\p{L}\p{N}\p{M}]+)*)")


@dataclass(frozen=True)
class Word:
    """One word of a text."""

    text: str
    start: int
    """Where its letters start, in bytes."""
    bits: float
    """Of its tokens together, that of the space before it included."""


def words(text: str, ends: NDArray[np.int64], bits: NDArray[np.float64]) -> list[Word]:
    """The words of a text, the most surprising first; a token belongs where its last byte is.

    ends: (tokens,) where each ends in the text, in bytes. bits: (tokens,) its surprisal.
    """
    found = list(WORD.finditer(text))
    if not found:
        return []
    at = np.cumsum([0, *(len(character.encode()) for character in text)])
    starts, stops = (at[[getattr(one, side)() for one in found]] for side in ("start", "end"))
    place = np.searchsorted(stops, ends)
    inside = place < len(found)
    inside[inside] = ends[inside] > starts[place[inside]]
    sums = np.bincount(place[inside], weights=bits[inside], minlength=len(found))
    listed = [Word(one[1], int(at[one.start(1)]), float(sums[i])) for i, one in enumerate(found)]
    return sorted(listed, key=lambda word: (-word.bits, word.start))


@dataclass(frozen=True)
class Repetition:
    """A phrase that stands in a text once more."""

    probability: float | None
    """Geometric mean over its tokens: 2 to the minus mean surprisal; None where none ends in it."""
    greedy: int
    """How many of its tokens were the most probable ones, which greedy decoding writes."""
    tokens: int


def repetitions(
    ends: NDArray[np.int64], bits: NDArray[np.float64], ranks: NDArray[np.int64], times: int
) -> list[Repetition]:
    """Each time that a phrase stands in a text of nothing else, with a space in between.

    ends, bits, ranks: (tokens,) where each token ends in bytes, its surprisal, its rank from 1. A
    space belongs to the phrase after it.
    """
    period = (int(ends[-1]) + 1) / times  # bytes of a phrase and a space
    place = np.minimum(ends // period, times - 1)
    found = []
    for one in range(times):
        own = place == one
        mean = 2 ** -float(bits[own].mean()) if own.any() else None
        found.append(Repetition(mean, int((ranks[own] == 1).sum()), int(own.sum())))
    return found
