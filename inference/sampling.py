"""Turning one row of logits into one token: pure functions on numpy arrays.

The order is temperature, then top-k, then top-p (that of the transformers library; truth: R21).
Comparisons that decide membership are made in float64, and every tie goes to the lower id.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
TOLERANCE = 1e-9  # 0.4 + 0.3 + 0.2 is 0.8999999999999999 in float64


@dataclass(frozen=True)
class Distribution:
    """The whole vocabulary at one step, most probable first; nothing is ever left out."""

    tokens: NDArray[np.int64]
    """(vocabulary,) ids by falling logit, ties by lower id."""
    logits: Floats
    """(vocabulary,) in the same order; -inf is forbidden outright."""
    kept: NDArray[np.bool_]
    """(vocabulary,) False for what a filter has cut off."""

    @cached_property
    def probabilities(self) -> Floats:
        """softmax over the whole vocabulary, cut or not (truth: R18)."""
        return softmax(self.logits)

    @cached_property
    def kept_probabilities(self) -> Floats:
        """What is drawn from: softmax over the survivors, 0 for everything else."""
        return softmax(np.where(self.kept, self.logits, -np.inf))


Processor = Callable[[Distribution], Distribution]
Chooser = Callable[[Distribution], int]


def softmax(logits: Floats) -> Floats:
    """exp(x) / sum(exp(x)), shifted so that nothing overflows."""
    exponentials = np.exp(logits - logits.max())
    probabilities: Floats = exponentials / exponentials.sum()
    return probabilities


def log_softmax(logits: Floats) -> Floats:
    """log of softmax, finite even where the probability itself is too small for a float."""
    shifted = logits - logits.max()
    normalised: Floats = shifted - np.log(np.exp(shifted).sum())
    return normalised


def ranked(logits: NDArray[np.float32]) -> Distribution:
    """Order one row of logits, (vocabulary,) float32, ties by lower id.

    The sort key is the float's bits, mapped so that larger floats are smaller integers, with the
    id in the low half: one integer sort, which is many times faster than a stable argsort.
    """
    row = np.ascontiguousarray(logits, dtype=np.float32) + np.float32(0.0)  # -0.0 becomes 0.0
    bits = row.view(np.int32).astype(np.int64)
    falling = np.where(bits >= 0, -1 - bits, bits & 0x7FFFFFFF)  # fits 32 bits, signed
    tokens = np.sort(falling << 32 | np.arange(len(row))) & 0xFFFFFFFF
    return Distribution(tokens, row[tokens].astype(np.float64), np.ones(len(row), dtype=np.bool_))


def temperature(value: float) -> Processor:
    """Divide the logits: below 1 sharpens, above 1 flattens (truth: R18)."""
    if not value > 0:
        raise ValueError(f"temperature must be above 0, not {value}; greedy is its limit at 0.")
    return lambda given: replace(given, logits=given.logits / value)


def top_k(k: int) -> Processor:
    """Keep exactly the k most probable survivors, ties by lower id (truth: R20)."""
    if k < 1:
        raise ValueError(f"k must be at least 1, not {k}.")
    return lambda given: replace(given, kept=given.kept & (np.cumsum(given.kept) <= k))


def top_p(p: float) -> Processor:
    """Keep the nucleus: the smallest set of survivors with probability p or more.

    Holtzman et al. 2020, arXiv 1904.09751. A token stays while the sum before it is below p, so
    the one that crosses p stays too, and at least one always does (truth: R19).
    """
    if not 0 < p <= 1:
        raise ValueError(f"p must be above 0 and at most 1, not {p}.")

    def keep(given: Distribution) -> Distribution:
        if p == 1:  # the last ones may be too improbable for the tolerance
            return given
        probabilities = given.kept_probabilities
        before = np.cumsum(probabilities) - probabilities
        inside = (before < p - TOLERANCE) | (before == 0)
        return replace(given, kept=given.kept & inside)

    return keep


def forbid(token: int) -> Processor:
    """Give one token no probability at all."""

    def without(given: Distribution) -> Distribution:
        logits = np.where(given.tokens == token, -np.inf, given.logits)
        return replace(given, logits=logits, kept=given.kept & (given.tokens != token))

    return without


def most_probable(given: Distribution) -> int:
    """Greedy: the first survivor."""
    return int(given.tokens[np.argmax(given.kept)])


def dice(generator: np.random.Generator) -> Chooser:
    """Inverse of the cumulative distribution at exactly one uniform number a step.

    The most probable tokens come first, so lanes that share a seed turn the same roll into the
    same place in their rankings, and part only where their filters differ (truth: R25).
    """

    def roll(given: Distribution) -> int:
        cumulative = np.cumsum(given.kept_probabilities)
        place = np.searchsorted(cumulative, generator.random() * cumulative[-1], side="right")
        last = int(np.flatnonzero(given.kept)[-1])  # rounding must not step past the survivors
        return int(given.tokens[min(int(place), last)])

    return roll
