"""Two small classifiers of sentences, trained while somebody waits: on counts, and on meaning."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
HIDDEN, STEPS, RATE, DECAY = 16, 400, 0.01, 1e-3  # of the averaging network


@dataclass(frozen=True)
class Linear:
    """A weight for every feature and class."""

    weights: Floats
    """(classes, features); of one feature they sum to 0."""
    bias: Floats
    """(classes,)"""

    def probabilities(self, features: Floats) -> Floats:
        """(rows, classes)"""
        return softmax(features @ self.weights.T + self.bias)


@dataclass(frozen=True)
class Averaging:
    """A layer of hidden units over the mean of word vectors (Iyyer et al. 2015, P15-1162)."""

    first: Floats
    """(hidden, width)"""
    first_bias: Floats
    second: Floats
    """(classes, hidden)"""
    second_bias: Floats

    def probabilities(self, means: Floats) -> Floats:
        """(rows, classes)"""
        return softmax(np.tanh(means @ self.first.T + self.first_bias) @ self.second.T
                       + self.second_bias)  # fmt: skip


def softmax(scores: Floats) -> Floats:
    """Along the last dimension."""
    powers = np.exp(scores - scores.max(axis=-1, keepdims=True))
    found: Floats = powers / powers.sum(axis=-1, keepdims=True)
    return found


def fit_linear(features: Floats, labels: NDArray[np.int64], classes: int) -> Linear:
    """Softmax regression: the summed cross-entropy plus half the squared weights, at its minimum.

    That is scikit-learn's LogisticRegression with C = 1, or 2 for two classes, of which it keeps
    the difference alone; the bias is free. Gradient descent with Nesterov's momentum.
    """
    wanted = np.eye(classes)[labels]
    extended = np.c_[features, np.ones(len(features))]
    held = np.r_[np.ones(features.shape[1]), 0.0]  # the penalty leaves the bias alone
    rate = 1 / (0.5 * float(np.linalg.norm(extended, 2)) ** 2 + 1)
    weights = ahead = np.zeros((classes, extended.shape[1]))
    for step in range(3000):
        wrong = softmax(extended @ ahead.T) - wanted
        before, weights = weights, ahead - rate * (wrong.T @ extended + held * ahead)
        ahead = weights + step / (step + 3) * (weights - before)
        if float(np.abs(weights - before).max()) < 1e-10:
            break
    return Linear(weights[:, :-1], weights[:, -1] - weights[:, -1].mean())


def fit_averaging(
    means: Floats, labels: NDArray[np.int64], classes: int, seed: int = 1
) -> Averaging:
    """The mean cross-entropy by Adam, all lines at every step, with weight decay in the loss."""
    random = np.random.default_rng(seed)
    width = means.shape[1]
    parts = [
        random.normal(size=(HIDDEN, width)) / np.sqrt(width),
        np.zeros(HIDDEN),
        random.normal(size=(classes, HIDDEN)) / np.sqrt(HIDDEN),
        np.zeros(classes),
    ]
    first, second = ([np.zeros_like(one) for one in parts] for _ in range(2))
    for step in range(1, STEPS + 1):
        slopes = gradient(Averaging(*parts), means, labels)
        for i, slope in enumerate(slopes):
            first[i] = 0.9 * first[i] + 0.1 * slope
            second[i] = 0.999 * second[i] + 0.001 * slope**2
            sized = np.sqrt(second[i] / (1 - 0.999**step)) + 1e-8
            parts[i] = parts[i] - RATE * first[i] / (1 - 0.9**step) / sized
    return Averaging(*parts)


def gradient(
    network: Averaging, means: Floats, labels: NDArray[np.int64]
) -> tuple[Floats, Floats, Floats, Floats]:
    """Of the mean cross-entropy plus `DECAY` times half the squared matrices, by part."""
    hidden = np.tanh(means @ network.first.T + network.first_bias)
    wrong = network.probabilities(means)
    wrong[np.arange(len(labels)), labels] -= 1
    wrong /= len(labels)
    below = wrong @ network.second * (1 - hidden**2)
    return (
        below.T @ means + DECAY * network.first,
        below.sum(axis=0),
        wrong.T @ hidden + DECAY * network.second,
        wrong.sum(axis=0),
    )
