"""A transformer that reads to both sides and fills in masked tokens.

The architecture of BERT (Devlin et al. 2019, arXiv 1810.04805): learned positions, normalisation
after each addition to the residual stream, and an output tied to the embedding.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import nn

from models.contract import Trace
from models.transformer.model import mix_in_sight


@dataclass(frozen=True)
class BidirectionalConfig:
    """The shape; the defaults are those of the collection's model."""

    vocabulary: int = 4097
    mask: int = 4096
    """The id that stands for a token to be filled in."""
    context: int = 128
    layers: int = 5
    heads: int = 4
    width: int = 256
    feed_forward: int = 1024
    norm_epsilon: float = 1e-12

    def __post_init__(self) -> None:
        if self.width % self.heads:
            raise ValueError(f"width {self.width} must be a multiple of heads {self.heads}.")
        if not 0 <= self.mask < self.vocabulary:
            raise ValueError(f"mask {self.mask} must be an id of the {self.vocabulary} there are.")


class Layer(nn.Module):
    """Attention to all positions, then a feed-forward with GELU."""

    def __init__(self, config: BidirectionalConfig, layer: int, dropout: float) -> None:
        super().__init__()
        self.layer, self.heads = layer, config.heads
        self.query = nn.Linear(config.width, config.width)
        self.key = nn.Linear(config.width, config.width)
        self.value = nn.Linear(config.width, config.width)
        self.output = nn.Linear(config.width, config.width)
        self.attention_norm = nn.LayerNorm(config.width, config.norm_epsilon)
        self.up = nn.Linear(config.width, config.feed_forward)
        self.down = nn.Linear(config.feed_forward, config.width)
        self.feed_forward_norm = nn.LayerNorm(config.width, config.norm_epsilon)
        self.dropout = nn.Dropout(dropout)

    def forward(self, x: torch.Tensor, mask: torch.Tensor, trace: Trace | None) -> torch.Tensor:
        rows, count, width = x.shape
        query, key, value = (
            part(x).view(rows, count, self.heads, -1).transpose(1, 2)
            for part in (self.query, self.key, self.value)
        )  # (rows, heads, count, head) each
        if trace is None:
            mixed = F.scaled_dot_product_attention(query, key, value, attn_mask=mask)
        else:
            mixed = mix_in_sight(query, key, value, mask, self.layer, [0] * rows, trace)
        attended = self.output(mixed.transpose(1, 2).reshape(rows, count, width))
        x = self.attention_norm(x + self.dropout(attended))
        thought = self.down(F.gelu(self.up(x)))
        residual: torch.Tensor = self.feed_forward_norm(x + self.dropout(thought))
        return residual


class Bidirectional(nn.Module):
    """Scores every token at every position, from what stands on both sides of it."""

    def __init__(self, config: BidirectionalConfig, dropout: float = 0.0) -> None:
        super().__init__()
        self.config = config
        self.vocabulary, self.context = config.vocabulary, config.context
        self.embedding = nn.Embedding(config.vocabulary, config.width)
        self.position = nn.Embedding(config.context, config.width)
        self.embedding_norm = nn.LayerNorm(config.width, config.norm_epsilon)
        self.layers = nn.ModuleList(Layer(config, i, dropout) for i in range(config.layers))
        self.transform = nn.Linear(config.width, config.width)
        self.transform_norm = nn.LayerNorm(config.width, config.norm_epsilon)
        self.bias = nn.Parameter(torch.zeros(config.vocabulary))
        for weight in self.parameters():
            if weight.dim() > 1:
                nn.init.normal_(weight, std=0.02)
        look_at_neighbours(self)

    def forward(
        self,
        ids: torch.Tensor,
        present: torch.Tensor | None = None,
        trace: Trace | None = None,
    ) -> torch.Tensor:
        """The logits, (rows, positions, vocabulary), of `ids` as for `hidden`."""
        return self.scores(self.hidden(ids, present, trace))

    def hidden(
        self,
        ids: torch.Tensor,
        present: torch.Tensor | None = None,
        trace: Trace | None = None,
    ) -> torch.Tensor:
        """The states after the last layer, (rows, positions, width).

        ids: (rows, positions) int64. present: (rows, positions) bool, False for padding, which no
        position attends to. Raises ValueError where the text exceeds the context.
        """
        rows, count = ids.shape
        if count > self.context:
            raise ValueError(f"{count} tokens do not fit: there is room for {self.context}.")
        if present is None:
            present = torch.ones_like(ids, dtype=torch.bool)
        mask = present[:, None, None].expand(rows, 1, count, count)  # queries see all keys
        x: torch.Tensor = self.embedding(ids) + self.position.weight[:count]
        x = self.embedding_norm(x)
        if trace is not None:
            trace.interventions.check(rows, self.config.layers, self.config.heads)
            trace.hidden.append(x)
        for layer in self.layers:
            x = layer(x, mask, trace)
            if trace is not None:
                trace.hidden.append(x)
        return x

    def scores(self, hidden: torch.Tensor) -> torch.Tensor:
        """The logits of states of the last layer, over the vocabulary in the last dimension."""
        x = self.transform_norm(F.gelu(self.transform(hidden)))
        return F.linear(x, self.embedding.weight, self.bias)


OFFSETS = (-1, 1, -2, 2)  # from a token to those that the heads of the first layer begin with
SHARPNESS = 1.2


@torch.no_grad()
def look_at_neighbours(model: Bidirectional) -> None:
    """Begin with first-layer heads that attend to one neighbour each; training changes all of it.

    A mask has nothing of its own to go by: until some head has found its neighbours, the loss
    stays where that of the commonest tokens is, for a long time with normalisation after the
    additions (docs/experiments.md). Positions begin as waves of evenly spaced frequencies, of which
    a rotation makes those of a neighbour; a head's key reads some of the waves, its query the same
    ones, rotated. Weights that begin as training would leave them: Trockman & Kolter 2023, arXiv
    2305.09828.
    """
    config = model.config
    layers = [layer for layer in model.layers if isinstance(layer, Layer)]
    first = layers[0]
    waves = config.width // 2
    frequencies = torch.pi * (torch.arange(waves) + 0.5) / waves
    angles = torch.arange(config.context)[:, None] * frequencies
    pairs = torch.stack([angles.sin(), angles.cos()], -1)  # (context, waves, 2)
    model.position.weight.copy_(pairs.flatten(1) * 0.02 * 2**0.5)  # as large as the embedding
    for layer in layers:
        nn.init.normal_(layer.value.weight, std=config.width**-0.5)
        nn.init.normal_(layer.output.weight, std=config.width**-0.5)
    size = config.width // config.heads
    for head in range(config.heads):
        turn = frequencies * OFFSETS[head % len(OFFSETS)]
        for place, wave in enumerate(range(head, waves, config.heads)[: size // 2]):
            row, sine, cosine = head * size + 2 * place, 2 * wave, 2 * wave + 1
            c, s = SHARPNESS * turn[wave].cos(), SHARPNESS * turn[wave].sin()
            first.key.weight[row, sine] += SHARPNESS
            first.key.weight[row + 1, cosine] += SHARPNESS
            first.query.weight[row, sine] += c
            first.query.weight[row, cosine] += s
            first.query.weight[row + 1, sine] -= s
            first.query.weight[row + 1, cosine] += c
