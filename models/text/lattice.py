"""All ways of cutting a word into the pieces of a Unigram model, and the best of them.

Kudo 2018, arXiv 1804.10959. The probability of a cut is the product of those of its pieces.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from models.text.rules import PieceScores

BEST = 5


class Arc(NamedTuple):
    """A piece at its place in a word."""

    start: int
    end: int
    """Characters."""
    token: int
    score: float
    """Natural log-probability; of an unknown character, a penalty."""


class Path(NamedTuple):
    """One cut of the whole word."""

    arcs: tuple[int, ...]
    """Numbers of the arcs."""
    score: float
    """The sum of their scores."""


@dataclass(frozen=True)
class Lattice:
    """All pieces that stand somewhere in a word."""

    arcs: tuple[Arc, ...]
    """By their start, then their end."""
    paths: tuple[Path, ...]
    """The best cuts, the best first: what encoding takes."""
    total: float
    """Natural log of the sum of the probabilities of all cuts."""
    cuts: int
    """How many ways there are."""


def lattice(written: str, rules: PieceScores, best: int = BEST) -> Lattice:
    """The lattice of a word, with its best cuts."""
    arcs = _arcs(written, rules)
    after: list[list[int]] = [[] for _ in range(len(written) + 1)]  # arcs by where they end
    for number, arc in enumerate(arcs):
        after[arc.end].append(number)
    kept: list[list[Path]] = [[Path((), 0.0)]]
    sums, counts = [0.0], [1]
    for end in range(1, len(written) + 1):
        ways = [
            Path((*path.arcs, number), path.score + arcs[number].score)
            for number in after[end]
            for path in kept[arcs[number].start]
        ]
        kept.append(sorted(ways, key=lambda one: -one.score)[:best])  # stable: first of equals
        sums.append(_log_sum([sums[arcs[n].start] + arcs[n].score for n in after[end]]))
        counts.append(sum(counts[arcs[n].start] for n in after[end]))
    return Lattice(tuple(arcs), tuple(kept[-1]), sums[-1], counts[-1])


def sampled(found: Lattice, length: int, draws: int, alpha: float, seed: int) -> list[Path]:
    """Cuts drawn with probability to the power of alpha: subword regularisation.

    length: characters of the word. Forward filtering, backward sampling.
    """
    dice = np.random.default_rng(seed)
    sums = [0.0]
    for end in range(1, length + 1):
        arcs = [arc for arc in found.arcs if arc.end == end]
        sums.append(_log_sum([sums[arc.start] + alpha * arc.score for arc in arcs]))
    paths = []
    for _ in range(draws):
        at, taken = length, list[int]()
        while at:
            here = [n for n, arc in enumerate(found.arcs) if arc.end == at]
            ways = [sums[found.arcs[n].start] + alpha * found.arcs[n].score for n in here]
            weights = np.exp(np.array(ways) - sums[at])
            taken.append(here[int(dice.choice(len(here), p=weights / weights.sum()))])
            at = found.arcs[taken[-1]].start
        numbers = tuple(reversed(taken))
        paths.append(Path(numbers, sum(found.arcs[n].score for n in numbers)))
    return paths


def _arcs(written: str, rules: PieceScores) -> list[Arc]:
    longest = max(map(len, rules.pieces), default=1)
    found = []
    for start in range(len(written)):
        here = []
        for end in range(start + 1, min(len(written), start + longest) + 1):
            known = rules.pieces.get(written[start:end])
            if known is not None:
                here.append(Arc(start, end, *known))
        if not any(arc.end == start + 1 for arc in here):
            here.insert(0, Arc(start, start + 1, rules.unknown, rules.penalty))
        found += here
    return found


def _log_sum(values: Sequence[float]) -> float:
    highest = max(values)
    return highest + math.log(sum(math.exp(value - highest) for value in values))
