"""Truncated backpropagation through time: a recurrent network that reads on where it stopped."""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import nn

from models.ladder.recurrent import Recurrent


class TruncatedBPTT(nn.Module):
    """A network and the state that each row of the batch has reached.

    The state is empty again after `pieces` batches, when the rows go elsewhere in the stream. It
    is part of what a run saves, so that a resumed run reads on from it.
    """

    def __init__(self, model: Recurrent, rows: int, pieces: int) -> None:
        super().__init__()
        self.model = model
        self.pieces = pieces
        self.state: torch.Tensor
        self.register_buffer("state", model.new_cache(rows).state)
        self.batches: torch.Tensor
        self.register_buffer("batches", torch.zeros(1, dtype=torch.int64))

    def loss(self, ids: torch.Tensor) -> torch.Tensor:
        """Mean nats of the next ids, each row read on from its state; gradients end there."""
        cache = self.model.new_cache(len(ids))
        if int(self.batches) % self.pieces:
            cache.state = self.state.clone()
        logits = self.model(ids[:, :-1], cache)  # (rows, positions, vocabulary)
        self.state.copy_(cache.state.detach())
        self.batches += 1
        return F.cross_entropy(logits.flatten(0, 1).float(), ids[:, 1:].flatten())
