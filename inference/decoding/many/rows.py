"""Choosing for many rows at once: what a lane's chain and its dice do, on a table of logits.

Only the head of each row is put in order. A row whose filters or whose dice look beyond it goes
through the chain by itself.
"""

from __future__ import annotations

from collections.abc import Sequence
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
HEADS = (32, HEAD)
"""How many of a row's tokens are put in order, and how many where those do not tell."""
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
    """(rows, size) by falling logit, ties by lower id."""
    weights: Floats
    """(rows, size) after temperature; that of the first is 1."""
    sums: Floats
    """(rows, size) their running sums."""
    total: Floats
    """(rows,) of all weights of the row."""
    clear: Ints
    """(rows,) how many of the tokens are surely the first ones: none outside ties with them."""


def draw(logits: torch.Tensor, options: LaneOptions, rows: Ints, numbers: Floats) -> Drawn:
    """A token for each of the numbers in [0, 1), from the row that it names; (draws,) both.

    logits: (rows, vocabulary) float32 on the CPU. What is drawn is what `sampling.drawn` draws
    from the same row, but for rounding in 32 bit where a number falls on a border.
    """
    table = logits.numpy()
    if not options.sample and not options.filters:
        tokens, total = table.argmax(axis=1)[rows], _total(logits, 1)
    else:
        total = _total(logits, options.temperature)
        tokens = _chosen(logits, total, options, rows, numbers, _sizes(options))
    own = total if not options.sample or options.temperature == 1 else _total(logits, 1)
    logs = table[rows, tokens].astype(np.float64) - (table.max(axis=1) + np.log(own))[rows]
    return Drawn(tokens, logs)


def alone(row: NDArray[np.float32], options: LaneOptions, number: float) -> int:
    """What a lane draws from one row, (vocabulary,)."""
    given = sampling.ranked(row)
    for _, process in chain(options, (), ()):
        given = process(given)
    return sampling.drawn(given, number) if options.sample else sampling.most_probable(given)


def _total(logits: torch.Tensor, temperature: float) -> Floats:
    """Of every row the sum of all weights, that of the first being 1: (rows,)."""
    shifted = logits - logits.amax(dim=1, keepdim=True)
    shifted = shifted if temperature == 1 else shifted.div_(temperature)
    total: Floats = shifted.exp_().sum(dim=1).double().numpy()
    return total


def _sizes(options: LaneOptions) -> list[int]:
    """Of the heads that are looked at one after another; none where only the chain will do."""
    in_order = [name for name in FILTERS if name in options.filters] == list(options.filters)
    if not options.sample or not in_order or not set(options.filters) <= set(TOGETHER):
        return []
    return sorted({max(size, (options.top_k or 0) + 1) for size in HEADS})


def _chosen(
    logits: torch.Tensor,
    total: Floats,
    options: LaneOptions,
    rows: Ints,
    numbers: Floats,
    sizes: Sequence[int],
) -> Ints:
    """The tokens: from the first of the heads that tells, or from the chain."""
    if not sizes:
        drawn = [
            alone(logits[row].numpy(), options, one)
            for row, one in zip(rows, numbers.tolist(), strict=True)
        ]
        return np.array(drawn, dtype=np.int64)
    tokens, known = _from_heads(
        _head(logits, total, options.temperature, sizes[0]), options, rows, numbers
    )
    left = np.flatnonzero(~known)
    if len(left):
        some, places = np.unique(rows[left], return_inverse=True)
        tokens[left] = _chosen(logits[some], total[some], options, places, numbers[left], sizes[1:])
    return tokens


def _from_heads(
    head: _Head, options: LaneOptions, rows: Ints, numbers: Floats
) -> tuple[Ints, NDArray[np.bool_]]:
    """Tokens, and which of them are right: the others lie beyond a head, or on its border."""
    size = head.sums.shape[1]
    mass, survivors, known = _filtered(head, options)
    thresholds = numbers * mass[rows]
    ranks = (head.sums[rows] <= thresholds[:, None]).sum(axis=1)
    inside = (ranks < size) | (survivors[rows] <= size)
    ranks = np.minimum(ranks, np.minimum(survivors[rows], size) - 1)
    return head.tokens[rows, ranks], known[rows] & inside & (ranks < head.clear[rows])


def _head(logits: torch.Tensor, total: Floats, temperature: float, size: int) -> _Head:
    best, places = logits.topk(min(size, logits.shape[1]), dim=1)
    order = np.lexsort((places.numpy(), -best.numpy()))  # ties by the lower id
    tokens = np.take_along_axis(places.numpy(), order, axis=1)
    found = best.numpy().astype(np.float64)  # in falling order already
    weights = np.exp((found - found[:, :1]) / temperature)
    sums = weights.cumsum(axis=1)
    whole = found.shape[1] == logits.shape[1]
    clear = np.where(whole, found.shape[1], (found > found[:, -1:]).sum(axis=1))
    return _Head(tokens, weights, sums, np.maximum(total, sums[:, -1]), clear)


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
