"""Unigram: pieces with probabilities, learned by EM and thinned out (Kudo 2018, arXiv 1804.10959).

The probability of a word is the sum over all its cuts of the product of those of their pieces. What
differs from SentencePiece: the likelihood is maximised as it is (there, digamma makes rare pieces
rarer, and those expected less than 0.5 times go), and a piece's loss is that of all cuts without it
(there, of the best cut, in which the next best of the piece takes its place).
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator, Mapping
from typing import NamedTuple

from models.text.unigram import LONGEST

SEEDS = 4_000  # pieces to begin with, beyond the letters
STEPS = 2  # of EM before every pruning
KEPT = 0.75  # of the pieces after it
LAST = 4  # steps of EM when all are pruned
IMPOSSIBLE = -math.inf

Scores = Mapping[str, float]
"""Of every piece its natural log-probability."""


class Round(NamedTuple):
    """The pieces between two prunings."""

    scores: dict[str, float]
    likelihoods: tuple[float, ...]
    """Natural log of the probability of all words, before each step of EM and after the last."""
    pruned: tuple[tuple[str, float], ...]
    """What is left out next, and what the likelihood loses by each, the least first; none in the
    last round."""


def learn(words: Mapping[str, int], pieces: int) -> Iterator[Round]:
    """Rounds of EM, and of pruning what is missed least, until so many pieces are left.

    words: with their counts. pieces: beyond the single letters, which always stay. Raises
    ValueError where there is no word.
    """
    letters = {letter for word in words for letter in word}
    counts = seeds(words)
    if not counts:
        raise ValueError("There is no word to learn from.")
    scores = normalised(counts)
    while True:
        longer = len(scores) - len(letters)
        scores, likelihoods = improved(words, scores, STEPS if longer > pieces else LAST)
        lost = losses(words, scores) if longer > pieces else {}
        ahead = sorted((loss, piece) for piece, loss in lost.items() if piece not in letters)
        gone = ahead[: longer - max(pieces, math.floor(KEPT * longer))]
        yield Round(scores, likelihoods, tuple((piece, loss) for loss, piece in gone))
        if not gone:
            return
        left = {piece: math.exp(score) for piece, score in scores.items()}
        for _, piece in gone:
            del left[piece]
        scores = normalised(left)


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


def normalised(counts: Mapping[str, float]) -> dict[str, float]:
    """Log-probabilities in proportion to counts; a letter that no cut needs keeps a least one."""
    whole = math.log(sum(counts.values()))
    least = -700.0  # e to this is the smallest that a double can hold
    return {one: math.log(count) - whole if count else least for one, count in counts.items()}


def improved(
    words: Mapping[str, int], scores: dict[str, float], steps: int
) -> tuple[dict[str, float], tuple[float, ...]]:
    """So many steps of EM, none of which lowers the likelihood, and the likelihoods on the way."""
    likelihoods = []
    for _ in range(steps):
        counts, likelihood = expected(words, scores)
        likelihoods.append(likelihood)
        scores = normalised(counts)
    return scores, (*likelihoods, expected(words, scores)[1])


def expected(words: Mapping[str, int], scores: Scores) -> tuple[dict[str, float], float]:
    """How often each piece stands in all cuts, weighted by their probabilities; and the likelihood.

    Forward and backward sums over the cuts of every word, in logarithms.
    """
    counts = dict.fromkeys(scores, 0.0)
    likelihood = 0.0
    for word, times in words.items():
        found = arcs(word, scores)
        before, after = sums(found, len(word), scores), sums_back(found, len(word), scores)
        likelihood += times * before[-1]
        for start, end, piece in found:
            share = before[start] + scores[piece] + after[end] - before[-1]
            counts[piece] += times * math.exp(share)
    return counts, likelihood


def losses(words: Mapping[str, int], scores: Scores) -> dict[str, float]:
    """How much the log-likelihood falls when all cuts with a piece are gone, of every longer piece.

    Where it stands once in a word, the others' share is one less its own; else they are summed.
    """
    lost = {piece: 0.0 for piece in scores if len(piece) > 1}
    for word, times in words.items():
        found = arcs(word, scores)
        before, after = sums(found, len(word), scores), sums_back(found, len(word), scores)
        standing = Counter(piece for _, _, piece in found)
        for start, end, piece in found:
            if len(piece) == 1 or not standing[piece]:
                continue
            share = math.exp(before[start] + scores[piece] + after[end] - before[-1])
            if standing[piece] == 1 and share < 0.9:
                lost[piece] -= times * math.log1p(-share)
            else:
                others = [arc for arc in found if arc[2] != piece]
                lost[piece] += times * (before[-1] - sums(others, len(word), scores)[-1])
                standing[piece] = 0  # once for all places
    return lost


Arc = tuple[int, int, str]
"""Where a piece starts and ends in a word."""


def arcs(word: str, scores: Scores) -> list[Arc]:
    """All pieces that stand somewhere in a word, by their start."""
    return [
        (start, end, word[start:end])
        for start in range(len(word))
        for end in range(start + 1, min(len(word), start + LONGEST) + 1)
        if word[start:end] in scores
    ]


def sums(found: list[Arc], length: int, scores: Scores) -> list[float]:
    """Of every place the log of the sum over all ways there from the start."""
    total = [0.0, *[IMPOSSIBLE] * length]
    for start, end, piece in found:
        total[end] = log_sum(total[end], total[start] + scores[piece])
    return total


def sums_back(found: list[Arc], length: int, scores: Scores) -> list[float]:
    """The same of all ways from there to the end."""
    total = [*[IMPOSSIBLE] * length, 0.0]
    for start, end, piece in reversed(found):
        total[start] = log_sum(total[start], total[end] + scores[piece])
    return total


def log_sum(one: float, other: float) -> float:
    """log(exp(one) + exp(other))."""
    low, high = sorted((one, other))
    return high if low == IMPOSSIBLE else high + math.log1p(math.exp(low - high))
