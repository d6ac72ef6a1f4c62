"""Many texts of one prompt. Texts that are the same so far are read once.

Text i is what a lane alone writes with the seed `seed + i`: it takes one number a step from its own
dice (truth: R25).
"""

from __future__ import annotations

import copy
from collections.abc import Generator, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray

from inference.decoding import sampling
from inference.decoding.chain import chain
from inference.decoding.many.rows import draw
from inference.errors import NumericalFault
from inference.types.options import LaneOptions
from models.contract import C, LanguageModel

ROWS = 200
"""Texts that are drawn together: it bounds a forward pass, and the memory of the cache."""
NONE = -1
"""Stands where a text has ended."""


@dataclass(frozen=True)
class Texts:
    """What was drawn so far."""

    tokens: NDArray[np.int64]
    """(texts, steps), `NONE` after the token that ends a text."""
    logs: NDArray[np.float64]
    """(texts, steps) natural log of the model's own probability of each; 0 after the end."""


@dataclass(frozen=True)
class Plan:
    """Which texts are to be drawn."""

    options: LaneOptions
    texts: int
    steps: int
    seed: int
    ends: frozenset[int]

    def numbers(self, first: int, count: int) -> NDArray[np.float64]:
        """(count, steps) the dice of some texts, each with its own generator."""
        seeds = range(self.seed + first, self.seed + first + count)
        return np.stack([np.random.default_rng(seed).random(self.steps) for seed in seeds])


@torch.inference_mode()
def prefilled(
    model: LanguageModel[C], prompt: Sequence[int], device: str = "cpu"
) -> tuple[C, torch.Tensor]:
    """A cache of one row that holds the prompt, and the logits after it, (1, vocabulary)."""
    cache = model.new_cache(rows=1)
    logits = model.forward(torch.tensor([list(prompt)], device=device), cache)[:, -1]
    return cache, _checked(logits, 1)


def first_shares(
    logits: torch.Tensor, options: LaneOptions
) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """Tokens that can come first, most probable first, and their probabilities, which sum to 1."""
    given = sampling.ranked(logits[0].numpy())
    for _, process in chain(options, (), ()):
        given = process(given)
    count = given.survivors if options.sample else 1
    weights = given.weights[:count]
    return given.tokens[:count], weights / weights.sum()


@torch.inference_mode()
def batches(
    model: LanguageModel[C], read: tuple[C, torch.Tensor], plan: Plan, device: str = "cpu"
) -> Generator[Texts | None, None, None]:
    """Draw texts, `ROWS` at a time: None after every step, and after a batch what it has drawn.

    read: what `prefilled` gives; it stays as it is. Raises NumericalFault.
    """
    for first in range(0, plan.texts, ROWS):
        count = min(ROWS, plan.texts - first)
        numbers = plan.numbers(first, count)
        tokens = np.full((count, plan.steps), NONE, dtype=np.int64)
        logs = np.zeros((count, plan.steps))
        cache, logits = copy.deepcopy(read[0]), read[1]
        cache.expand(count)  # once: a cache that grows row by row copies itself every time
        running, rows = np.arange(count), np.zeros(count, dtype=np.int64)
        for step in range(plan.steps):
            drawn = draw(logits, plan.options, rows, numbers[running, step])
            tokens[running, step], logs[running, step] = drawn
            goes_on = ~np.isin(drawn.tokens, list(plan.ends))
            running = running[goes_on]
            if step + 1 == plan.steps or not len(running):
                break
            parents, ids, rows = merged(rows[goes_on], drawn.tokens[goes_on])
            cache.reorder(torch.from_numpy(parents))
            column = torch.from_numpy(ids)[:, None].to(device)
            logits = _checked(model.forward(column, cache)[:, -1], step + 2)
            yield None
        yield Texts(tokens, logs)


def merged(
    rows: NDArray[np.int64], tokens: NDArray[np.int64]
) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]:
    """Of texts, each a row and the token after it, the rows that are to be read next.

    Returns parents and tokens of those, (next rows,), and where each text is among them, (texts,).
    A row keeps its place where it can, since a cache copies what moves.
    """
    width = int(tokens.max()) + 1
    codes, places = np.unique(rows * width + tokens, return_inverse=True)
    parents, count = codes // width, len(codes)
    stays = np.r_[True, parents[1:] != parents[:-1]] & (parents < count)
    slots = np.empty(count, dtype=np.int64)
    slots[stays] = parents[stays]
    slots[~stays] = np.setdiff1d(np.arange(count), parents[stays])
    order = np.argsort(slots)
    return parents[order], codes[order] % width, slots[places]


def _checked(logits: torch.Tensor, step: int) -> torch.Tensor:
    """On the CPU in float32. Raises NumericalFault where one is no number."""
    found = logits.float().cpu()
    if not torch.isfinite(torch.stack(torch.aminmax(found))).all():
        raise NumericalFault(step)
    return found
