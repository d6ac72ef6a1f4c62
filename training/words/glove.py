"""GloVe: vectors whose products come near to the logarithms of counts.

Pennington, Socher & Manning 2014, doi 10.3115/v1/D14-1162: a weighted least-squares fit of
w_i . c_j + b_i + d_j to log X_ij over all pairs of words that were seen together, by AdaGrad, one
pair at a time. X_ij counts a pair that stands k words apart as 1/k.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

import numba
import numpy as np
from numpy.typing import NDArray

from training.words.counting import Pairs

Float = NDArray[np.float32]


@dataclass(frozen=True)
class Recipe:
    """How GloVe is trained."""

    window: int = 5
    """Words on either side."""
    least: float = 0.5
    """Pairs with a smaller X are left out: those that were seen once, three words apart or more."""
    width: int = 100
    epochs: int = 20
    rate: float = 0.1
    most: float = 10.0
    """X from which on a pair has the weight 1: 100 in the paper, whose text was a thousand times as
    long."""
    power: float = 0.75
    """A rarer pair has the weight (X / most) to this power."""
    removed: int = 0
    """Directions that are taken out afterwards, beside the mean: see `all_but_the_top`."""
    seed: int = 1

    @property
    def weights(self) -> tuple[int, ...]:
        """What a pair counts at each distance, in whole numbers: 60, 30, 20, 15, 12 are 1 to 1/5.

        The first is X = 1, so that sums stay exact however the text is cut.
        """
        one = math.lcm(*range(1, self.window + 1))
        return tuple(one // apart for apart in range(1, self.window + 1))


@dataclass(frozen=True)
class Entries:
    """The pairs to fit, each with its target and its weight, in random order."""

    rows: NDArray[np.int32]
    columns: NDArray[np.int32]
    logs: Float
    """log X"""
    weights: Float
    """f(X), from above 0 to 1."""


@dataclass(frozen=True)
class Parameters:
    """What is learned. The vectors of GloVe are the sums of both matrices."""

    words: Float
    """(words, width)"""
    contexts: Float
    """(words, width)"""
    word_biases: Float
    """(words,)"""
    context_biases: Float
    """(words,)"""

    @property
    def arrays(self) -> tuple[Float, Float, Float, Float]:
        return self.words, self.contexts, self.word_biases, self.context_biases

    @property
    def vectors(self) -> Float:
        """(words, width)"""
        return self.words + self.contexts


def entries(pairs: Pairs, recipe: Recipe) -> Entries:
    """The pairs of a table that was counted with the weights of the recipe."""
    counts = pairs.counts / recipe.weights[0]
    kept = np.flatnonzero(counts >= recipe.least)
    np.random.default_rng(recipe.seed).shuffle(kept)
    rows = np.repeat(np.arange(len(pairs.totals), dtype=np.int32), np.diff(pairs.starts))
    seen = counts[kept]
    weights = np.minimum(seen / recipe.most, 1) ** recipe.power
    logs = np.log(seen).astype(np.float32)
    return Entries(rows[kept], pairs.columns[kept], logs, weights.astype(np.float32))


def start(words: int, recipe: Recipe) -> Parameters:
    """Small random numbers, as in the authors' program."""
    random = np.random.default_rng(recipe.seed)
    shapes = ((words, recipe.width),) * 2 + ((words,),) * 2
    drawn = (random.uniform(-0.5, 0.5, shape) / recipe.width for shape in shapes)
    return Parameters(*(numbers.astype(np.float32) for numbers in drawn))


def train(parameters: Parameters, pairs: Pairs, recipe: Recipe) -> Iterator[float]:
    """Change the parameters in place; gives the mean cost of a pair after every epoch."""
    fitted = entries(pairs, recipe)
    squares = Parameters(*(np.ones_like(array) for array in parameters.arrays))
    fields = (fitted.rows, fitted.columns, fitted.logs, fitted.weights)
    rate = np.float32(recipe.rate)
    for _ in range(recipe.epochs):
        cost = epoch(*fields, *parameters.arrays, *squares.arrays, rate)
        yield cost / max(1, len(fitted.rows))


@numba.njit(fastmath=True)
def epoch(
    rows: NDArray[np.int32],
    columns: NDArray[np.int32],
    logs: Float,
    weights: Float,
    words: Float,
    contexts: Float,
    word_biases: Float,
    context_biases: Float,
    word_squares: Float,
    context_squares: Float,
    word_bias_squares: Float,
    context_bias_squares: Float,
    rate: np.float32,
) -> float:
    """One pass over all pairs; returns the cost, sum of f(X) (w . c + b + d - log X)^2 / 2."""
    cost = 0.0
    for entry in range(len(rows)):
        i, j = rows[entry], columns[entry]
        error = word_biases[i] + context_biases[j] - logs[entry]
        for n in range(words.shape[1]):
            error += words[i, n] * contexts[j, n]
        slope = weights[entry] * error  # of the cost by the product and by both biases
        cost += 0.5 * slope * error
        for n in range(words.shape[1]):
            by_word, by_context = slope * contexts[j, n], slope * words[i, n]
            words[i, n] -= rate * by_word / np.sqrt(word_squares[i, n])
            contexts[j, n] -= rate * by_context / np.sqrt(context_squares[j, n])
            word_squares[i, n] += by_word * by_word
            context_squares[j, n] += by_context * by_context
        word_biases[i] -= rate * slope / np.sqrt(word_bias_squares[i])
        context_biases[j] -= rate * slope / np.sqrt(context_bias_squares[j])
        word_bias_squares[i] += slope * slope
        context_bias_squares[j] += slope * slope
    return cost
