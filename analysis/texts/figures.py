"""Many draws in figures: what came first, how different the texts are, how probable."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

LEAST = 5.0
"""A cell of a chi-square test expects so many at least (truth: R38)."""


@dataclass(frozen=True)
class ChiSquare:
    """How far counts are from what was expected, as one number."""

    statistic: float
    freedom: int
    """Cells less one; 0 where all is one cell and nothing can differ."""
    p: float
    """Probability of a statistic as large or larger, were the expectation right."""


def chi_square(observed: NDArray[np.int64], shares: NDArray[np.float64]) -> ChiSquare:
    """Pearson's test of counts against shares that sum to 1; both (cells,).

    The least probable cells are pooled until the pool, and with it every cell, expects `LEAST`.
    """
    expected = shares * observed.sum()
    order = np.argsort(-expected, kind="stable")
    expected, observed = expected[order], observed[order]
    single = int((expected >= LEAST).sum())
    while 0 < single < len(expected) and expected[single:].sum() < LEAST:
        single -= 1
    pooled = [
        np.r_[part[:single], part[single:].sum()] if single < len(part) else part
        for part in (expected, observed)
    ]
    there = pooled[0] > 0
    statistic = float(((pooled[1] - pooled[0])[there] ** 2 / pooled[0][there]).sum())
    freedom = max(0, int(there.sum()) - 1)
    return ChiSquare(statistic, freedom, beyond(statistic, freedom))


def beyond(statistic: float, freedom: int) -> float:
    """Probability that a chi-square variable exceeds a number.

    The regularised incomplete gamma function Q(freedom / 2, statistic / 2): a series below, a
    continued fraction above (Abramowitz and Stegun 1964, 6.5.29 and 6.5.31).
    """
    if freedom == 0 or statistic <= 0:
        return 1.0
    a, x = freedom / 2, statistic / 2
    scale = math.exp(a * math.log(x) - x - math.lgamma(a))
    if x < a + 1:
        term = total = 1 / a
        n = a
        while term > total * 1e-16:
            n += 1
            term *= x / n
            total += term
        return max(0.0, 1 - scale * total)
    b = x + 1 - a
    c, d = 1e300, 1 / b
    fraction = d
    for i in range(1, 10_000):
        b += 2
        d = 1 / (-i * (i - a) * d + b)
        c = b - i * (i - a) / c
        fraction *= c * d
        if abs(c * d - 1) < 1e-15:
            break
    return min(1.0, scale * fraction)


def by_chance(draws: int, share: float, within: float = 0.95) -> tuple[int, int]:
    """Between which counts of so many draws an event of this share lies, so probably at least.

    The central interval of the binomial distribution: (least, most).
    """
    if not 0 < share < 1:
        count = draws if share >= 1 else 0
        return count, count
    counts = np.arange(draws + 1)
    ways = np.array([math.lgamma(n + 1) for n in counts])
    logs = ways[-1] - ways - ways[::-1] + counts * math.log(share)
    logs += (draws - counts) * math.log1p(-share)
    below = np.exp(logs).cumsum()
    tail = (1 - within) / 2
    least = int(np.searchsorted(below, tail, side="right"))
    most = int(np.searchsorted(below, 1 - tail, side="left"))
    return min(least, draws), min(most, draws)


def grams(text: Sequence[int], n: int) -> list[tuple[int, ...]]:
    """All n-grams of a text, in order."""
    return [tuple(text[i : i + n]) for i in range(len(text) - n + 1)]


def distinct(texts: Sequence[Sequence[int]], n: int) -> float:
    """Different n-grams among all of them; nan where there is none.

    Li et al. 2016, arXiv 1510.03055. It falls with the number of texts and with their length, so
    only equal ones compare (truth: R39).
    """
    found = [gram for text in texts for gram in grams(text, n)]
    return len(set(found)) / len(found) if found else math.nan


def repeated(texts: Sequence[Sequence[int]], n: int) -> float:
    """Share of a text's n-grams that stood in it before, on average over those that have some.

    Welleck et al. 2020, arXiv 1908.04319 (seq-rep-n).
    """
    shares = [1 - len(set(found)) / len(found) for text in texts if (found := grams(text, n))]
    return sum(shares) / len(shares) if shares else math.nan
