"""A bigram model that learns: one row of scores for each token, whatever stood before it."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import nn

from models.contract import Trace
from models.ladder.state_cache import StateCache, check_room


@dataclass(frozen=True)
class TableConfig:
    """The shape of a table: a row and a column for every token."""

    vocabulary: int
    context: int = 1_000_000
    """The longest text that is accepted, of which one token is seen at a time."""


class Table(nn.Module):
    """Scores of the next token by the last one; fulfils `LanguageModel`. Its cache is empty.

    Trained by gradients it arrives at what counting pairs gives at once: the softmax of row i
    becomes the share of every token among those that followed token i.
    """

    def __init__(self, config: TableConfig) -> None:
        super().__init__()
        self.config = config
        self.vocabulary = config.vocabulary
        self.context = config.context
        self.embedding = nn.Embedding(config.vocabulary, config.vocabulary)
        nn.init.zeros_(self.embedding.weight)  # at first, every token is equally probable

    def new_cache(self, rows: int) -> StateCache:
        return StateCache(self.embedding.weight.new_zeros(rows, 0))

    def forward(
        self, ids: torch.Tensor, cache: StateCache | None = None, trace: Trace | None = None
    ) -> torch.Tensor:
        cache = self.new_cache(len(ids)) if cache is None else cache
        check_room(cache, self.context, ids.shape[1])
        if trace is not None:
            trace.interventions.check(len(ids), 0)
        cache.advance(cache.state, ids.shape[1])
        logits: torch.Tensor = self.embedding(ids)  # (rows, positions, vocabulary)
        return logits
