"""A multi-layer perceptron over a fixed window of tokens; Bengio et al. 2003, JMLR 3.

The embeddings of the last tokens are laid side by side, in order, and hidden layers turn them
into scores of the next one. What lies before the window does not exist for it.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import nn

from models.contract import Trace
from models.ladder.state_cache import StateCache, check_room, windows


@dataclass(frozen=True)
class WindowConfig:
    """The shape of a perceptron over `window` tokens."""

    vocabulary: int
    window: int
    embedding: int
    hidden: int
    layers: int
    context: int = 1_000_000
    """The longest text that is accepted, of which `window` tokens are seen at a time."""


class Window(nn.Module):
    """A language model with a fixed window; fulfils `LanguageModel`. Its cache is its last ids."""

    def __init__(self, config: WindowConfig, dropout: float = 0.0) -> None:
        """dropout: in training, of what every layer hands on."""
        super().__init__()
        self.config = config
        self.vocabulary = config.vocabulary
        self.context = config.context
        # one row more: what stands before the first token of a text
        self.embedding = nn.Embedding(config.vocabulary + 1, config.embedding)
        self.first = nn.Linear(config.window * config.embedding, config.hidden)
        self.norms = nn.ModuleList(nn.LayerNorm(config.hidden) for _ in range(config.layers))
        self.hidden = nn.ModuleList(
            nn.Linear(config.hidden, config.hidden) for _ in range(config.layers - 1)
        )
        self.dropout = nn.Dropout(dropout)
        self.output = nn.Linear(config.hidden, config.vocabulary)
        nn.init.normal_(self.output.weight, std=0.02)
        nn.init.zeros_(self.output.bias)

    def new_cache(self, rows: int) -> StateCache:
        nothing = torch.full((rows, self.config.window), self.vocabulary)
        return StateCache(nothing.to(self.embedding.weight.device))

    def forward(
        self, ids: torch.Tensor, cache: StateCache | None = None, trace: Trace | None = None
    ) -> torch.Tensor:
        cache = self.new_cache(len(ids)) if cache is None else cache
        check_room(cache, self.context, ids.shape[1])
        if trace is not None:
            trace.interventions.check(len(ids), self.config.layers)
        seen, last = windows(cache.state, ids)  # (rows, positions, window)
        cache.advance(last, ids.shape[1])
        x = self.embedding(seen)  # (rows, positions, window, embedding)
        if trace is not None:
            trace.hidden.append(x)
        x = self.dropout(F.relu(self.norms[0](self.first(x.flatten(2)))))
        for layer, norm in zip(self.hidden, self.norms[1:], strict=True):
            x = x + self.dropout(F.relu(norm(layer(x))))  # (rows, positions, hidden)
        logits: torch.Tensor = self.output(x)  # (rows, positions, vocabulary)
        return logits
