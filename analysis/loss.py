"""One prediction and one right answer: softmax, cross-entropy, its gradient, and one step.

In natural logarithms, as in training; a nat is 1.44 bits.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True)
class Prediction:
    """Scores, the probabilities that softmax makes of them, and what the right answer costs."""

    scores: NDArray[np.float64]
    chances: NDArray[np.float64]
    """They sum to 1."""
    nats: float
    """-ln p of the right answer."""

    @property
    def bits(self) -> float:
        return self.nats / math.log(2)

    @property
    def perplexity(self) -> float:
        """e to the loss: an even choice among so many costs the same. Of one prediction, 1 / p."""
        return math.exp(self.nats)


@dataclass(frozen=True)
class Learned:
    """A prediction before and after one step of gradient descent on its scores."""

    right: int
    before: Prediction
    gradient: NDArray[np.float64]
    """Of the loss by each score: p - y, where y is 1 for the right answer; it sums to 0."""
    after: Prediction


def predict(scores: NDArray[np.float64], right: int) -> Prediction:
    """Softmax of finite scores and the loss of one answer; no sum overflows, and no p is taken
    the logarithm of: log p = z - log of the sum of e^z."""
    raised = scores - scores.max()
    total = np.exp(raised).sum()
    nats = float(np.log(total) - raised[right])
    return Prediction(scores, np.exp(raised) / total, nats)


def learn(scores: NDArray[np.float64], right: int, rate: float) -> Learned:
    """One step against the gradient: every score moves by -rate (p - y)."""
    before = predict(scores, right)
    gradient = before.chances.copy()
    gradient[right] -= 1
    return Learned(right, before, gradient, predict(scores - rate * gradient, right))
