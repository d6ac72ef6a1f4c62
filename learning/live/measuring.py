"""What is measured of a model while it trains: losses, gradients, and what it writes."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

import numpy as np
import torch
import torch.nn.functional as F
from numpy.typing import NDArray
from torch import nn

from learning.live.texts import Corpus
from models.contract import LanguageModel

CHARACTERS = 2_000  # that a loss is measured on
DROP = 4  # of a window so much, one in so many, is read only, so that the rest has some context
LETTERS = (2, 12)  # of a name that looks right


def finite(value: float) -> float | None:
    """The number, or None for what no JSON can hold."""
    return value if math.isfinite(value) else None


def windows_of(stream: NDArray[np.int64], length: int) -> tuple[torch.Tensor, torch.Tensor]:
    """The first characters of a text as (rows, length + 1) windows, and which of the last `length`
    of each are counted: every character of the text but the first is counted once."""
    stream = stream[: CHARACTERS + 1]
    length = min(length, len(stream) - 1)
    drop = length // DROP
    last = len(stream) - 1 - length
    starts = np.unique(np.r_[np.arange(0, last, length - drop), last])
    rows = stream[starts[:, None] + np.arange(length + 1)]
    places = starts[:, None] + np.arange(length)  # of the characters before those predicted
    counted = np.ones_like(places, dtype=bool)
    counted[1:] = places[1:] >= (starts[:-1] + length)[:, None]
    return torch.from_numpy(rows), torch.from_numpy(counted)


@contextmanager
def evaluating(model: nn.Module) -> Iterator[None]:
    """Without dropout, and afterwards as it was."""
    training = model.training
    model.eval()
    try:
        yield
    finally:
        model.train(training)


@torch.inference_mode()
def bits(model: nn.Module, windows: tuple[torch.Tensor, torch.Tensor]) -> float:
    """Bits per character, without dropout; nan or inf where the model is broken."""
    ids, counted = windows
    with evaluating(model):
        logits = model(ids[:, :-1])
    losses = F.cross_entropy(logits.flatten(0, 1), ids[:, 1:].flatten(), reduction="none")
    return float(losses[counted.flatten()].double().mean()) / math.log(2)


def norms(layers: Mapping[str, Sequence[nn.Parameter]], scale: float) -> tuple[float | None, ...]:
    """The norm of each layer's gradients, times `scale`."""
    totals = (
        sum(float(p.grad.double().square().sum()) for p in weights if p.grad is not None)
        for weights in layers.values()
    )
    return tuple(finite(scale * math.sqrt(total)) for total in totals)


@torch.inference_mode()
def write(
    model: LanguageModel[Any], start: int, rows: int, most: int, seed: int, end: int | None
) -> list[list[int]]:
    """`rows` texts of up to `most` ids, each by dice of its own, that stop before the id `end`.

    A row draws one number in [0, 1) a step; the id over which it falls, all of them laid end to end
    in their order, is taken. Where the context is full, its older half is let go.
    """
    dice = np.stack([np.random.default_rng((seed, row)).random(most) for row in range(rows)])
    text = torch.full((rows, 1), start)
    cache, held, fresh = model.new_cache(rows), 0, 1
    for step in range(most):
        if held + fresh > model.context:
            cache, held, fresh = model.new_cache(rows), 0, max(1, model.context // 2)
        logits = model.forward(text[:, -fresh:], cache)[:, -1].double()
        held, fresh = held + fresh, 1
        sums = logits.softmax(-1).nan_to_num().cumsum(-1)
        drawn = torch.searchsorted(sums, torch.from_numpy(dice[:, [step]]), right=True)
        text = torch.cat([text, drawn.clamp(max=model.vocabulary - 1)], dim=1)
    found: list[list[int]] = text[:, 1:].tolist()
    return [row[: row.index(end)] if end in row else row for row in found]


def trigrams(lines: Iterable[str]) -> frozenset[str]:
    """Every three letters in a row."""
    return frozenset(line[i : i + 3] for line in lines for i in range(len(line) - 2))


def familiar(written: Sequence[str], known: frozenset[str]) -> float:
    """The share of names of 2 to 12 letters whose every three letters in a row are known."""
    low, high = LETTERS
    right = [low <= len(one) <= high and trigrams([one]) <= known for one in written]
    return sum(right) / len(right)


@torch.inference_mode()
def recalled(model: Any, corpus: Corpus) -> float:
    """The share of held-out lines whose last letter was the most probable one."""
    lines = [f"\n{line}" for line in corpus.lines[1]]
    ids = torch.tensor([[corpus.alphabet.index(one) for one in line] for line in lines])
    with evaluating(model):
        found = model(ids[:, -1 - model.context : -1])[:, -1].argmax(-1)
    return float((found == ids[:, -1]).double().mean())
