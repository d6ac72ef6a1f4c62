"""Our cache contract over the keys and values that `transformers` models append to.

Those models put the new positions of all rows side by side, so rows of different length share
their right edge here, and what lies left of a row's beginning is masked.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from typing import Any

import torch
from transformers import DynamicCache


class Padded:
    """Keys and values of every layer, (rows, heads, longest, head_width) each, left-padded."""

    def __init__(self, rows: int, device: torch.device) -> None:
        self.lengths = torch.zeros(rows, dtype=torch.int64)  # on the host: no step waits for it
        self.longest = 0
        self.ragged = False
        self.stored = DynamicCache()
        self._device = device

    @contextlib.contextmanager
    def appending(self, count: int) -> Iterator[None]:
        """While a model appends `count` positions to every row; undone where it raises."""
        before = self.state()
        try:
            yield
        except BaseException:
            self.restore(before)
            raise
        self.lengths = self.lengths + count
        self.longest += count

    def positions(self, count: int) -> torch.Tensor:
        """Where the next `count` tokens of every row stand: (rows, count)."""
        return (self.lengths[:, None] + torch.arange(count)).to(self._device)

    def mask(self, count: int = 0) -> torch.Tensor:
        """1 where a row has text: (rows, longest + count) int64."""
        begun = torch.arange(self.longest + count) >= (self.longest - self.lengths)[:, None]
        return begun.long().to(self._device)

    def state(self) -> list[tuple[torch.Tensor, torch.Tensor]]:
        """Keys and values by layer; appending makes new ones, so these stay as they are."""
        layers: list[Any] = self.stored.layers
        return [(layer.keys, layer.values) for layer in layers]

    def restore(self, layers: list[tuple[torch.Tensor, torch.Tensor]]) -> None:
        """Hold these keys and values and no others."""
        self.stored = DynamicCache()
        for i, (keys, values) in enumerate(layers):
            self.stored.update(keys, values, i)

    def expand(self, copies: int) -> None:
        self.reorder(torch.arange(len(self.lengths)).repeat_interleave(copies))

    def reorder(self, rows: torch.Tensor) -> None:
        self.lengths = self.lengths[rows]
        longest = int(self.lengths.max()) if len(rows) else 0
        start = self.longest - longest  # a long row that is gone takes no room
        self.restore([(k[rows, :, start:], v[rows, :, start:]) for k, v in self.state()])
        self._measure()

    def drop(self, rows: torch.Tensor) -> None:
        keep = torch.ones(len(self.lengths), dtype=torch.bool)
        keep[rows] = False
        self.reorder(keep.nonzero()[:, 0])

    def join(self, other: Padded) -> None:
        longest = max(self.longest, other.longest)
        mine, theirs = self.state(), other.state()
        # what has read nothing yet holds no tensors: blank ones in the shape of the other's
        mine = mine or [(self._blank(k), self._blank(v)) for k, v in theirs]
        theirs = theirs or [(other._blank(k), other._blank(v)) for k, v in mine]
        self.restore(
            [
                (_stacked(k, other_k, longest), _stacked(v, other_v, longest))
                for (k, v), (other_k, other_v) in zip(mine, theirs, strict=True)
            ]
        )
        self.lengths = torch.cat([self.lengths, other.lengths])
        self._measure()

    def _blank(self, like: torch.Tensor) -> torch.Tensor:
        return like.new_zeros(len(self.lengths), like.shape[1], 0, like.shape[3])

    def _measure(self) -> None:
        self.longest = int(self.lengths.max()) if len(self.lengths) else 0
        self.ragged = bool((self.lengths != self.longest).any())


def _stacked(first: torch.Tensor, second: torch.Tensor, longest: int) -> torch.Tensor:
    """Rows of both, each padded on the left to `longest` positions."""
    padded = [
        torch.nn.functional.pad(part, (0, 0, longest - part.shape[2], 0))
        for part in (first, second)
    ]
    return torch.cat(padded)


class HubCache:
    """What a causal model remembers; with `source`, what an encoder-decoder model does."""

    def __init__(self, rows: int, device: torch.device, source: Padded | None = None) -> None:
        self.text = Padded(rows, device)
        self.source = source

    @property
    def lengths(self) -> torch.Tensor:
        return self.text.lengths

    def expand(self, copies: int) -> None:
        for part in self._parts():
            part.expand(copies)

    def reorder(self, rows: torch.Tensor) -> None:
        for part in self._parts():
            part.reorder(rows)

    def drop(self, rows: torch.Tensor) -> None:
        for part in self._parts():
            part.drop(rows)

    def join(self, other: HubCache) -> None:
        for mine, theirs in zip(self._parts(), other._parts(), strict=True):
            mine.join(theirs)

    def _parts(self) -> list[Padded]:
        return [self.text, *([self.source] if self.source else [])]
