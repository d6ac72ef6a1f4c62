"""The cache of a translator: what it knows of the source, and what it remembers of the target."""

from __future__ import annotations

from typing import Any

import torch
import torch.nn.functional as F

END = 0  # closes a source, opens a target and ends it


class Source:
    """What the encoder made of every row's source, once for the whole translation."""

    def __init__(self, memory: torch.Tensor) -> None:
        self.memory = memory
        """(rows, ..., positions, width): at each position of the source, what the decoder reads."""
        self.lengths = torch.full((len(memory),), memory.shape[-2])  # on the host, as indices are

    def mask(self) -> torch.Tensor | None:
        """Which positions are of a row's own source, (rows, positions) bool; None where all are."""
        longest = self.memory.shape[-2]
        if bool((self.lengths == longest).all()):
            return None
        return (torch.arange(longest) < self.lengths[:, None]).to(self.memory.device)

    def reorder(self, rows: torch.Tensor) -> None:
        self.lengths = self.lengths[rows]
        longest = int(self.lengths.max()) if len(rows) else 0  # a long row that is gone takes none
        self.memory = self.memory[rows.to(self.memory.device), ..., :longest, :]

    def join(self, other: Source) -> None:
        longest = max(self.memory.shape[-2], other.memory.shape[-2])
        both = [F.pad(m, (0, 0, 0, longest - m.shape[-2])) for m in (self.memory, other.memory)]
        self.memory = torch.cat(both)
        self.lengths = torch.cat([self.lengths, other.lengths])


class SourceCache:
    """A cache of the target text, and the source beside it; its lengths are those of the text."""

    def __init__(self, text: Any, source: Source) -> None:
        """text: a `Cache` of as many rows as `source` has."""
        self.text = text
        self.source = source

    @property
    def lengths(self) -> torch.Tensor:
        lengths: torch.Tensor = self.text.lengths
        return lengths

    def expand(self, copies: int) -> None:
        self.reorder(torch.arange(len(self.lengths)).repeat_interleave(copies))

    def reorder(self, rows: torch.Tensor) -> None:
        self.text.reorder(rows)
        self.source.reorder(rows)

    def drop(self, rows: torch.Tensor) -> None:
        keep = torch.ones(len(self.lengths), dtype=torch.bool)
        keep[rows] = False
        self.reorder(keep.nonzero()[:, 0])

    def join(self, other: SourceCache) -> None:
        self.text.join(other.text)
        self.source.join(other.source)


def check_source(source: torch.Tensor | None, rows: int, context: int) -> torch.Tensor:
    """The source, (rows, positions). Raises ValueError where it is missing or does not fit."""
    if source is None or len(source) != rows:
        raise ValueError(f"A translator needs a source text for each of {rows} rows.")
    if not 0 < source.shape[1] <= context:
        raise ValueError(f"A source has from 1 to {context} tokens, not {source.shape[1]}.")
    return source


def check_cache(cache: SourceCache | None) -> SourceCache:
    """The cache. Raises ValueError where there is none."""
    if cache is None:
        raise ValueError("Make a cache from the source text first: new_cache(rows, source=ids).")
    return cache
