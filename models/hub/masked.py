"""A masked model of `transformers`: fills gaps, both sides in view. No language model (R27)."""

from __future__ import annotations

from typing import Any

import torch
from torch import nn

from models.contract import Trace
from models.hub.inside import Heads, weights
from models.hub.positions import context_of


class MaskedModel(nn.Module):
    """What could stand at each position of a text whose other positions are all known.

    Its probabilities are of a token in its place, not of a next token; they multiply to no
    probability of a text, and are never compared with those of a `LanguageModel`.
    """

    def __init__(self, model: Any) -> None:
        super().__init__()
        self.model = model
        self.vocabulary: int = model.config.vocab_size
        self.context = context_of(model)
        self.heads = Heads(model)

    def forward(self, ids: torch.Tensor, trace: Trace | None = None) -> torch.Tensor:
        """Score what each position could hold.

        ids: (rows, positions) int64, with what opens and closes a text, and mask tokens where the
        model is to guess. Returns (rows, positions, vocabulary) float32. Raises ValueError beyond
        the context.
        """
        rows, count = ids.shape
        if not 0 < count <= self.context:
            raise ValueError(f"A text has from 1 to {self.context} tokens here, not {count}.")
        with self.heads.open(trace, rows, [0] * rows):
            result = self.model(input_ids=ids, output_attentions=trace is not None)
        if trace is not None:
            trace.attention += weights(result.attentions, rows, count, count)
        logits: torch.Tensor = result.logits.float()
        return logits
