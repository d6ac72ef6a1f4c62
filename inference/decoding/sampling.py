"""Turning one row of logits into one token: pure functions on numpy arrays.

`chain.py` puts filters in their order (truth: R21); those that mind the text are in `penalties.py`.
Comparisons that decide membership are made in float64, and every tie goes to the lower id.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
HEAD = 256
TOLERANCE = 1e-9  # 0.4 + 0.3 + 0.2 is 0.8999999999999999 in float64


@dataclass(frozen=True)
class Distribution:
    """The whole vocabulary at one step: those no filter has cut, then the others.

    Both most probable first, so that nearly always the whole is. Nothing is ever left out.
    """

    tokens: NDArray[np.int64]
    """(vocabulary,) ids by falling logit, ties by lower id, survivors before the others."""
    logits: Floats
    """(vocabulary,) in the same order; -inf is forbidden outright."""
    weights: Floats
    """(vocabulary,) what probabilities are proportional to; 1 for the first."""
    total: float
    """Of all weights, cut or not: probabilities are over the whole vocabulary (truth: R18)."""
    survivors: int
    """How many of the first ones no filter has cut off."""

    @classmethod
    def of(cls, tokens: NDArray[np.int64], logits: Floats, survivors: int) -> Distribution:
        weights = np.exp(logits - logits[0])
        return cls(tokens, logits, weights, float(weights.sum()), survivors)

    @property
    def probabilities(self) -> Floats:
        """(vocabulary,) softmax over the whole vocabulary, cut or not."""
        return self.weights / self.total

    @property
    def mass(self) -> float:
        """Probability of all survivors together."""
        return float(self.weights[: self.survivors].sum()) / self.total

    def most_probable(self, count: int) -> list[int]:
        """Ranks of the `count` most probable tokens, cut or not, most probable first."""
        count = min(count, len(self.tokens))
        if self.survivors == len(self.tokens) or (
            self.logits[self.survivors] <= self.logits[self.survivors - 1]
        ):
            return list(range(count))
        ranks: list[int] = np.lexsort((self.tokens, -self.logits))[:count].tolist()
        return ranks

    def rank(self, token: int) -> int:
        """Where a token stands in the order, from 0."""
        return int(np.flatnonzero(self.tokens == token)[0])


LogitsProcessor = Callable[[Distribution], Distribution]
"""One step of a lane's chain: top-k, top-p and their kind, as `LogitsProcessor` in transformers."""


def softmax(logits: Floats) -> Floats:
    """exp(x) / sum(exp(x)) along the last axis, shifted so that nothing overflows."""
    exponentials = np.exp(logits - logits.max(axis=-1, keepdims=True))
    probabilities: Floats = exponentials / exponentials.sum(axis=-1, keepdims=True)
    return probabilities


def log_softmax(logits: Floats) -> Floats:
    """log of softmax, finite even where the probability itself is too small for a float."""
    shifted = logits - logits.max(axis=-1, keepdims=True)
    normalised: Floats = shifted - np.log(np.exp(shifted).sum(axis=-1, keepdims=True))
    return normalised


def ranked(logits: NDArray[np.float32]) -> Distribution:
    """Order one row of logits, (vocabulary,) float32, ties by lower id.

    The sort keys are the float's bits, mapped so that larger floats are smaller integers: the low
    half, then the high one. numpy sorts 16 bits by radix, in half the time of one sort of both.
    """
    row = logits + np.float32(0.0)  # -0.0 becomes 0.0
    bits = row.view(np.int32)
    falling = bits ^ (~(bits >> 31) & np.int32(2**31 - 1))
    order = falling.astype(np.uint16).argsort(kind="stable")
    tokens = order[(falling[order] >> 16).astype(np.uint16).argsort(kind="stable")]
    return Distribution.of(tokens, row[tokens].astype(np.float64), len(row))


def temperature(value: float) -> LogitsProcessor:
    """Divide the logits: below 1 sharpens, above 1 flattens (truth: R18)."""
    if not value > 0:
        raise ValueError(f"temperature must be above 0, not {value}; greedy is its limit at 0.")
    return lambda given: Distribution.of(given.tokens, given.logits / value, given.survivors)


def top_k(k: int) -> LogitsProcessor:
    """Keep exactly the k most probable survivors, ties by lower id (truth: R20)."""
    if k < 1:
        raise ValueError(f"k must be at least 1, not {k}.")
    return lambda given: replace(given, survivors=min(given.survivors, k))


def top_p(p: float) -> LogitsProcessor:
    """Keep the nucleus: the smallest set of survivors with probability p or more.

    Holtzman et al. 2020, arXiv 1904.09751. A token stays while the sum before it is below p, so
    the one that crosses p stays too, and at least one always does (truth: R19).
    """
    if not 0 < p <= 1:
        raise ValueError(f"p must be above 0 and at most 1, not {p}.")

    def keep(given: Distribution) -> Distribution:
        if p == 1:  # the last ones may be too improbable for the tolerance
            return given
        weights = given.weights[: given.survivors]
        reached = crossing(weights, (p - TOLERANCE) * float(weights.sum()), "left")
        return replace(given, survivors=min(reached + 1, given.survivors))

    return keep


def min_p(least: float) -> LogitsProcessor:
    """Keep the survivors at least `least` times as probable as the most probable one.

    Nguyen et al. 2024, arXiv 2407.01082.
    """
    if not 0 <= least <= 1:
        raise ValueError(f"min-p must be from 0 to 1, not {least}.")

    def keep(given: Distribution) -> Distribution:
        weights = given.weights[: given.survivors]
        return replace(given, survivors=int(np.count_nonzero(weights >= least * weights[0])))

    return keep


def typical_p(p: float) -> LogitsProcessor:
    """Keep the survivors whose surprisal is nearest to the entropy, up to probability p.

    Meister et al. 2023, arXiv 2202.00666; the one that crosses p stays, as in the nucleus, and a
    tie goes to the lower id. The most probable token may well go.
    """
    if not 0 < p <= 1:
        raise ValueError(f"p must be above 0 and at most 1, not {p}.")

    def keep(given: Distribution) -> Distribution:
        if p == 1:
            return given
        tokens, logits = given.tokens[: given.survivors], given.logits[: given.survivors]
        surprisal = -log_softmax(logits)
        shares = np.exp(-surprisal)
        expected = np.where(shares > 0, shares * surprisal, 0.0)
        away = np.abs(surprisal - expected.sum())
        nearest = np.lexsort((tokens, away))
        count = min(crossing(shares[nearest], p - TOLERANCE, "left") + 1, given.survivors)
        kept = np.zeros(len(given.tokens), dtype=bool)
        kept[nearest[:count]] = True
        order = np.argsort(~kept, kind="stable")
        return Distribution.of(given.tokens[order], given.logits[order], count)

    return keep


def forbid(token: int) -> LogitsProcessor:
    """Give one token no probability at all, and the last place."""

    def without(given: Distribution) -> Distribution:
        rank = given.rank(token)
        tokens, logits = given.tokens.copy(), given.logits.copy()
        tokens[rank:-1], logits[rank:-1] = given.tokens[rank + 1 :], given.logits[rank + 1 :]
        tokens[-1], logits[-1] = token, -np.inf
        return Distribution.of(tokens, logits, min(given.survivors, len(tokens) - 1))

    return without


def most_probable(given: Distribution) -> int:
    """Greedy: the first survivor."""
    return int(given.tokens[0])


def drawn(given: Distribution, number: float) -> int:
    """Inverse of the cumulative distribution of the survivors at a number in [0, 1).

    The most probable tokens come first, so lanes that share a seed turn the same number into the
    same place in their rankings, and part only where their filters differ (truth: R25).
    """
    weights = given.weights[: given.survivors]
    rank = crossing(weights, number * float(weights.sum()), "right")
    return int(given.tokens[min(rank, given.survivors - 1)])  # rounding must not step past it


def crossing(weights: Floats, threshold: float, side: Literal["left", "right"]) -> int:
    """How many of the running sums of `weights` are below `threshold` ("right": or equal to it).

    Nearly always the first few hundred tokens reach it, and the others need not be added up.
    """
    for part in (weights[:HEAD], weights):
        sums = np.cumsum(part)
        if sums[-1] > threshold:
            break
    return int(np.searchsorted(sums, threshold, side=side))
