"""What one order of an n-gram model knows of a context: plain numbers, free of torch."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True)
class Order:
    """One order of the interpolation, for one context.

    p(w) = (count(w) - discount) / total + left p(w, one order below), and only the second part
    where the context was never counted. Of the longest n-grams the counts are how often each
    occurred; of shorter ones, how many different tokens came before each.
    """

    order: int
    """Tokens of its n-grams, of which the last is predicted."""
    counts: NDArray[np.int64]
    """(vocabulary,): of every token after this context."""
    discounts: tuple[float, float, float, float]
    """What is taken off a count of 0, 1, 2, and 3 or more."""
    kept: NDArray[np.float64]
    """(vocabulary,): (count - discount) / total."""
    left: float
    """The share that goes to the order below; 1 where the context was never counted."""
