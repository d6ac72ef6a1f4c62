"""What the tests of decoding share: a slow obvious decoder, and models that are no transformers."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import torch

from inference.decoding import lanes
from inference.decoding.lanes import Lane
from inference.types.generation import LaneState
from inference.types.options import LaneOptions
from models.contract import Cache, Trace

END = 0
PROMPT = [5, 17, 40, 2, 33]


class Lengths:
    """All that a bigram remembers: how many ids each row has seen."""

    def __init__(self, rows: int) -> None:
        self.lengths = torch.zeros(rows, dtype=torch.int64)

    def expand(self, copies: int) -> None:
        self.lengths = self.lengths.repeat_interleave(copies)

    def reorder(self, rows: torch.Tensor) -> None:
        self.lengths = self.lengths[rows]

    def drop(self, rows: torch.Tensor) -> None:
        self.lengths = self.lengths[[i for i in range(len(self.lengths)) if i not in rows]]

    def join(self, other: Cache) -> None:
        self.lengths = torch.cat([self.lengths, other.lengths])


class Bigram:
    """A language model that is no transformer, nor a module: a table of logits by last id."""

    def __init__(self, table: torch.Tensor) -> None:
        self.table = table
        self.vocabulary = len(table)
        self.context = 1_000

    def new_cache(self, rows: int) -> Lengths:
        return Lengths(rows)

    def forward(
        self, ids: torch.Tensor, cache: Any = None, trace: Trace | None = None
    ) -> torch.Tensor:
        if cache is not None:
            cache.lengths += ids.shape[1]
        return self.table[ids]


class Watched:
    """Any model, with the shape of every forward pass written down."""

    def __init__(self, model: Any) -> None:
        self.model = model
        self.vocabulary, self.context = model.vocabulary, model.context
        self.shapes: list[tuple[int, ...]] = []

    def new_cache(self, rows: int) -> Cache:
        return self.model.new_cache(rows)

    def forward(
        self, ids: torch.Tensor, cache: Any = None, trace: Trace | None = None
    ) -> torch.Tensor:
        self.shapes.append(tuple(ids.shape))
        return self.model.forward(ids, cache, trace)


def build(
    options: Sequence[LaneOptions], seed: int = 7, end: int = END, min_new_tokens: int = 0
) -> list[Lane]:
    return [lanes.build(lane, seed, end, min_new_tokens) for lane in options]


@torch.inference_mode()
def slow(
    model: Any, options: LaneOptions, steps: int, prompt: Sequence[int] = PROMPT, **more: Any
) -> LaneState:
    """One lane alone, the whole text computed afresh every step: no cache, no batch."""
    (lane,) = build([options], **more)
    texts = [list(prompt)]
    for step in range(1, steps + 1):
        logits = [model.forward(torch.tensor([text]))[0, -1].numpy() for text in texts]
        chosen = lane.advance(np.stack(logits), steps - step)
        pairs = zip(chosen.parents, chosen.ids, strict=True)
        texts = [[*texts[parent], int(token)] for parent, token in pairs]
        if not texts:
            break
    return lane.state


def ids(state: LaneState) -> list[int]:
    return [step.token for step in state.steps]
