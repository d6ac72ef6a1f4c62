"""How much more often a word stands near one word than near another, and how sure that is.

The ratio P(k | a) / P(k | b) that GloVe is made from (Pennington, Socher & Manning 2014, section 3,
doi 10.3115/v1/D14-1162).
"""

from __future__ import annotations

from dataclasses import dataclass
from math import inf, sqrt

SURE = 1.959964  # standard deviations: 95 %


@dataclass(frozen=True)
class Near:
    """How often a word stood near one other: at least and at most, the same where it is known."""

    least: int
    most: int
    total: int
    """Words that stood near the other, of any kind."""

    @property
    def known(self) -> bool:
        return self.least == self.most

    @property
    def share(self) -> float | None:
        """P(k | a); None where it is not known."""
        return self.least / max(self.total, 1) if self.known else None


@dataclass(frozen=True)
class Ratio:
    """Of two shares."""

    value: float | None
    """None where a count is not known or both are 0; infinite where the lower one is 0."""
    low: float
    high: float
    """What it may be in 95 of 100 cases."""

    @property
    def side(self) -> int:
        """1 for surely above 1, -1 for surely below, 0 where it may be either."""
        return int(self.low > 1) - int(self.high < 1)


def ratio(one: Near, other: Near) -> Ratio:
    """P(k | one) / P(k | other) with an interval, which is as wide as what is not known makes it.

    Of all times that k stood near either, a share near `one`: its interval is Wilson's (1927), and
    share / (1 - share) is the ratio of the counts. Every time counts as independent of the others.
    """
    scale = max(other.total, 1) / max(one.total, 1)
    value = None
    if one.known and other.known and one.least + other.least:
        value = scale * one.least / other.least if other.least else inf
    low, _ = wilson(one.least, one.least + other.most)
    _, high = wilson(one.most, one.most + other.least)
    return Ratio(value, scale * _odds(low), scale * _odds(high))


def wilson(hits: int, times: int) -> tuple[float, float]:
    """The 95 % interval of a share of which so many of so many were seen."""
    if not times:
        return 0.0, 1.0
    share, square = hits / times, SURE**2 / times
    middle = (share + square / 2) / (1 + square)
    half = SURE * sqrt(share * (1 - share) / times + square / (4 * times)) / (1 + square)
    return (0.0 if not hits else middle - half), (1.0 if hits == times else middle + half)


def _odds(share: float) -> float:
    return share / (1 - share) if share < 1 else inf
