"""Unigram: pieces with probabilities, learned by EM and thinned out (Kudo 2018, arXiv 1804.10959).

The probability of a word is the sum over all its cuts of the product of those of their pieces. What
differs from SentencePiece: the likelihood is maximised as it is (there, digamma makes rare pieces
rarer, and those expected less than 0.5 times go), and a piece's loss is that of all cuts without it
(there, of the best cut, in which the next best of the piece takes its place).
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Generator, Iterator, Mapping
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from learning.lattices import Lattices
from models.text.unigram import LONGEST

SEEDS = 4_000  # pieces to begin with, beyond the letters
STEPS = 2  # of EM before every pruning
KEPT = 0.75  # of the pieces after it
LAST = 4  # steps of EM when all are pruned
PART = 100  # characters that are summed over at once: the work grows with their square
DIGITS = 9  # of a loss: what differs by less is a tie on every machine
LEAST = -700.0  # e to this is about the smallest that a double can hold


Scores = Mapping[str, float]
"""Of every piece its natural log-probability."""


class Round(NamedTuple):
    """The pieces between two prunings."""

    scores: Scores
    likelihoods: tuple[float, ...]
    """Natural log of the probability of all words, before each step of EM and after the last."""
    pruned: tuple[tuple[str, float], ...]
    """What is left out next, and what the likelihood loses by each, the least first; none in the
    last round."""


def learn(words: Mapping[str, int], pieces: int) -> Iterator[Round | None]:
    """Rounds of EM, and of pruning what is missed least, until so many pieces are left.

    words: with their counts. pieces: beyond the single letters, which always stay. Yields None
    where a slice of the work ends, and a round when it is there. Raises ValueError where there is
    no word.
    """
    letters = {letter for word in words for letter in word}
    counts = seeds(words)
    if not counts:
        raise ValueError("There is no word to learn from.")
    yield None
    lattices = Lattices(words, list(counts))
    scores = normalised(np.array(list(counts.values())))
    while True:
        longer = len(scores) - len(letters)
        steps = STEPS if longer > pieces else LAST
        scores, likelihoods = yield from improved(lattices, scores, steps)
        lost: list[float] = []
        if longer > pieces:
            lost = yield from losses(lattices, scores)
        named = list(zip(lost, lattices.pieces, strict=False))
        ahead = sorted((round(loss, DIGITS), one) for loss, one in named if one not in letters)
        gone = ahead[: longer - max(pieces, math.floor(KEPT * longer))]
        told = dict(zip(lattices.pieces, scores.tolist(), strict=True))
        yield Round(told, likelihoods, tuple((piece, loss) for loss, piece in gone))
        if not gone:
            return
        left = ~np.isin(np.arange(len(scores)), [lattices.ids[piece] for _, piece in gone])
        scores = normalised(np.exp(scores[left]))
        lattices = lattices.of(left)


def parted(words: Mapping[str, int]) -> dict[str, int]:
    """The words with their counts, those of more than `PART` characters in parts."""
    found: Counter[str] = Counter()
    for word, count in words.items():
        for start in range(0, len(word), PART):
            found[word[start : start + PART]] += count
    return dict(found)


def seeds(words: Mapping[str, int]) -> dict[str, float]:
    """Every letter, and of all that stands twice or more what covers most, with their counts."""
    found: Counter[str] = Counter()
    for word, count in words.items():
        for start in range(len(word)):
            for end in range(start + 1, min(len(word), start + LONGEST) + 1):
                found[word[start:end]] += count
    longer = [piece for piece, count in found.items() if len(piece) > 1 and count > 1]
    longer.sort(key=lambda piece: (-found[piece] * len(piece), piece))
    letters = sorted(piece for piece in found if len(piece) == 1)
    return {piece: float(found[piece]) for piece in [*letters, *longer[:SEEDS]]}


def normalised(counts: NDArray[np.float64]) -> NDArray[np.float64]:
    """Log-probabilities in proportion to counts; a letter that no cut needs keeps a least one."""
    with np.errstate(divide="ignore"):
        found = np.log(counts) - math.log(counts.sum())
    return np.where(counts > 0, found, LEAST)


def improved(
    lattices: Lattices, scores: NDArray[np.float64], steps: int
) -> Generator[None, None, tuple[NDArray[np.float64], tuple[float, ...]]]:
    """So many steps of EM, none of which lowers the likelihood, and the likelihoods on the way."""
    likelihoods = []
    for _ in range(steps):
        counts, likelihood = lattices.expected(scores)
        likelihoods.append(likelihood)
        scores = normalised(counts)
        yield
    return scores, (*likelihoods, lattices.likelihood(scores))


def losses(lattices: Lattices, scores: NDArray[np.float64]) -> Generator[None, None, list[float]]:
    """How much the log-likelihood falls when all cuts with a piece are gone, of every piece; of a
    letter, which stays, this means nothing."""
    lost = np.zeros(len(scores))
    for part in lattices.losses(scores):
        lost += part
        yield
    found: list[float] = np.maximum(lost, 0).tolist()
    return found
