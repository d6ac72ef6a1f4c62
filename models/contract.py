"""The contract that every model which predicts a next token fulfils.

One engine decodes all of them, because a model shows nothing but these methods: a bigram's cache
is its last ids, a recurrent network's is its state, a transformer's is its keys and values.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import NamedTuple, Protocol, Self, TypeVar

import torch
from torch import nn

from models.interventions import Interventions


class Cache(Protocol):
    """What a model remembers of each row, so that a step costs one position and not the text."""

    @property
    def lengths(self) -> torch.Tensor:
        """Positions already seen, one number a row: (rows,) int64."""

    def expand(self, copies: int) -> None:
        """Repeat every row `copies` times, copies of one row side by side."""

    def reorder(self, rows: torch.Tensor) -> None:
        """Make row i what row `rows[i]` was; also narrows or repeats, by the length of `rows`.

        rows: int64 on the CPU, here and in `drop`, wherever the model lives.
        """

    def drop(self, rows: torch.Tensor) -> None:
        """Forget these rows and close the gaps."""

    def join(self, other: Self) -> None:
        """Append the rows of `other`, which may have different lengths."""


C = TypeVar("C", bound=Cache)


@dataclass
class Trace:
    """Asks a forward pass to record what happens inside, and to change it, for this call alone.

    A model fills the lists that it has something for, one entry a layer from the bottom up.
    """

    interventions: Interventions = field(default_factory=Interventions)
    inside: bool = True
    """False where `hidden` alone is looked at, from which gradients are taken: a recurrent layer
    then runs in its fused kernel, which is ten times as fast and has no gates to record."""
    attention: list[torch.Tensor] = field(default_factory=list)
    """(rows, heads, queries, keys) each, as used; every row of a query sums to 1.

    Rows of different length end together: the keys before a shorter row's beginning have weight 0.
    """
    cross_attention: list[torch.Tensor] = field(default_factory=list)
    """(rows, heads, queries, source positions) each, where there is a source text."""
    heads: list[torch.Tensor] = field(default_factory=list)
    """(rows, heads, queries, head_width) each: what goes into the output projection."""
    hidden: list[torch.Tensor] = field(default_factory=list)
    """(rows, queries, width) each: the residual stream after the embedding, then every block. Of a
    ladder's network the embeddings alone; of one with a window (rows, queries, window, width)."""
    gates: list[dict[str, torch.Tensor]] = field(default_factory=list)
    """Of a recurrent layer, by their names in its paper: (rows, positions, width) from 0 to 1."""
    states: list[torch.Tensor] = field(default_factory=list)
    """(rows, positions, states, width) each: what a recurrent layer carries on from a position; of
    an LSTM the output and the memory cell."""


class LanguageModel(Protocol[C]):
    """A distribution over the next token, given the ids so far."""

    vocabulary: int
    context: int
    """The longest text in tokens that the model accepts."""

    def new_cache(self, rows: int) -> C:
        """An empty cache for `rows` rows; it grows with what they read, up to the context."""

    def forward(
        self, ids: torch.Tensor, cache: C | None = None, trace: Trace | None = None
    ) -> torch.Tensor:
        """Score every next token.

        ids: (rows, positions) int64, the positions that follow what `cache` already holds.
        Returns the logits, (rows, positions, vocabulary) float32. Raises ValueError where the
        text would outgrow the context, or where `trace` carries interventions for what the model
        does not have; a pass that raises leaves the cache as it was.
        """


class EncoderDecoder(LanguageModel[C], Protocol[C]):
    """A language model of a target text; its cache begins with the source that it has read."""

    start: int
    """The token that a target text starts with."""

    def new_cache(self, rows: int, source: torch.Tensor | None = None) -> C:
        """source: (rows, positions) int64. Raises ValueError where it is missing or too long."""


class LayerValues(NamedTuple):
    """What the heads of a layer mix in one text, and the module that adds it to the stream."""

    values: torch.Tensor
    """(heads, tokens, head_width)"""
    output: nn.Module

    @property
    def by_head(self) -> torch.Tensor:
        """(heads, head_width, width): the matrix that each head's values go through, no bias."""
        heads, _, head_width = self.values.shape
        every = torch.eye(heads * head_width).to(next(self.output.parameters()))
        made: torch.Tensor = self.output(every) - self.output(torch.zeros_like(every[:1]))
        return made.float().view(heads, head_width, -1)
