"""Choosing for many rows at once: what a lane's chain and its dice do, on a table of logits.

Only the head of each row is put in order. A row whose filters or whose dice look beyond it goes
through the chain by itself.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray

from inference.decoding import sampling
from inference.decoding.chain import chain
from inference.decoding.sampling import HEAD, TOLERANCE
from inference.types.options import FILTERS, LaneOptions

TOGETHER = ("temperature", "top_k", "top_p", "min_p")
"""The filters that are computed for all rows at once, in this order."""
Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


class Drawn(NamedTuple):
    """One token for every number."""

    tokens: Ints
    logs: Floats
    """Natural log of the probability that the model itself gives it."""


class _Head(NamedTuple):
    """The most probable tokens of every row, and what they weigh."""

    tokens: Ints
    """(rows, HEAD) by falling logit, ties by lower id."""
    weights: Floats
    """(rows, HEAD) after temperature; that of the first is 1."""
    sums: Floats
    """(rows, HEAD) their running sums."""
    total: Floats
    """(rows,) of all weights of the row."""


def draw(logits: torch.Tensor, options: LaneOptions, rows: Ints, numbers: Floats) -> Drawn:
    """A token for each of the numbers in [0, 1), from the row that it names; (draws,) both.

    logits: (rows, vocabulary) float32 on the CPU. What is drawn is what `sampling.drawn` draws
    from the same row, but for rounding in 32 bit where a number falls on a border.
    """
    table = logits.numpy()
    if not options.sample and not options.filters:
        tokens = table.argmax(axis=1)[rows]
    else:
        tokens, known = _from_heads(logits, options, rows, numbers)
        for one in np.flatnonzero(~known):
            tokens[one] = alone(table[rows[one]], options, float(numbers[one]))
    logs = table[rows, tokens].astype(np.float64) - torch.logsumexp(logits, 1).numpy()[rows]
    return Drawn(tokens, logs)


def alone(row: NDArray[np.float32], options: LaneOptions, number: float) -> int:
    """What a lane draws from one row, (vocabulary,)."""
    given = sampling.ranked(row)
    for _, process in chain(options, (), ()):
        given = process(given)
    return sampling.drawn(given, number) if options.sample else sampling.most_probable(given)


def _from_heads(
    logits: torch.Tensor, options: LaneOptions, rows: Ints, numbers: Floats
) -> tuple[Ints, NDArray[np.bool_]]:
    """Tokens, and which of them are right: the others lie beyond a head."""
    in_order = [name for name in FILTERS if name in options.filters] == list(options.filters)
    if not options.sample or not in_order or not set(options.filters) <= set(TOGETHER):
        return np.zeros(len(rows), dtype=np.int64), np.zeros(len(rows), dtype=np.bool_)
    head = _head(logits, options.temperature)
    mass, survivors, known = _filtered(head, options)
    thresholds = numbers * mass[rows]
    ranks = (head.sums[rows] <= thresholds[:, None]).sum(axis=1)
    inside = (ranks < head.sums.shape[1]) | (survivors[rows] <= head.sums.shape[1])
    ranks = np.minimum(ranks, np.minimum(survivors[rows], head.sums.shape[1]) - 1)
    return head.tokens[rows, ranks], known[rows] & inside


def _head(logits: torch.Tensor, temperature: float) -> _Head:
    table = logits.numpy()
    size = min(HEAD, table.shape[1])
    places = np.argpartition(table, -size, axis=1)[:, -size:]
    places.sort(axis=1)  # so that the stable sort below breaks ties by the lower id
    found = np.take_along_axis(table, places, axis=1)
    order = np.argsort(-found, axis=1, kind="stable")
    tokens = np.take_along_axis(places, order, axis=1)
    best = np.take_along_axis(found, order, axis=1).astype(np.float64)
    weights = np.exp((best - best[:, :1]) / temperature)
    sums = weights.cumsum(axis=1)
    shifted = logits - torch.from_numpy(best[:, :1].astype(np.float32))
    shifted = shifted if temperature == 1 else shifted.div_(temperature)
    total = shifted.exp_().sum(dim=1, dtype=torch.float64).numpy()
    return _Head(tokens, weights, sums, np.maximum(total, sums[:, -1]))


def _filtered(head: _Head, options: LaneOptions) -> tuple[Floats, Ints, NDArray[np.bool_]]:
    """Of every row: the weight of all survivors, their number, and whether both are known."""
    count, size = len(head.total), head.sums.shape[1]
    mass, known = head.total.copy(), np.ones(count, dtype=np.bool_)
    survivors = np.full(count, np.iinfo(np.int64).max)
    every = np.arange(count)
    if options.top_k is not None:
        survivors[:] = options.top_k
        known &= options.top_k <= size
        mass = head.sums[:, min(options.top_k, size) - 1].copy()
    if options.top_p is not None and options.top_p < 1:
        threshold = (options.top_p - TOLERANCE) * mass
        reached = (head.sums < threshold[:, None]).sum(axis=1) + 1
        known &= (reached <= size) | (survivors <= size)
        survivors = np.minimum(survivors, reached)
        mass = head.sums[every, np.minimum(survivors, size) - 1]
    if options.min_p is not None:
        alive = (head.weights >= options.min_p).sum(axis=1)
        known &= (alive < size) | (survivors <= size)
        survivors = np.minimum(survivors, np.maximum(alive, 1))
        mass = head.sums[every, np.minimum(survivors, size) - 1]
    return mass, survivors, known
