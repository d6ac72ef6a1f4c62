"""The transformer of the collection: causal, with rotary positions.

Pre-norm blocks of attention and a gated feed-forward, RMS normalisation, no biases and tied
input and output embeddings: the architecture of Llama (Touvron et al. 2023, arXiv 2302.13971),
so that a checkpoint opens in any library that knows that layout.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import nn

from models.contract import Trace
from models.transformer.kv_cache import KVCache


@dataclass(frozen=True)
class TransformerConfig:
    """The shape of a transformer; the defaults are those of the storyteller."""

    vocabulary: int = 4096
    context: int = 512
    layers: int = 6
    heads: int = 4
    width: int = 256
    feed_forward: int = 704
    rotary_base: float = 10_000.0
    norm_epsilon: float = 1e-5

    def __post_init__(self) -> None:
        if self.width % (2 * self.heads):
            raise ValueError(
                f"width {self.width} must be an even multiple of heads {self.heads}: "
                "rotary positions turn pairs of numbers within a head."
            )

    @property
    def head_width(self) -> int:
        return self.width // self.heads


def rotary_table(config: TransformerConfig) -> torch.Tensor:
    """Cosines and sines by position: (2, context, head_width).

    Su et al. 2021, arXiv 2104.09864, equation 34, with the two halves of a head as the pairs.
    """
    half = torch.arange(0, config.head_width, 2, dtype=torch.float64) / config.head_width
    angles = torch.outer(
        torch.arange(config.context, dtype=torch.float64), config.rotary_base**-half
    )
    angles = torch.cat([angles, angles], dim=-1)  # (context, head_width)
    return torch.stack([angles.cos(), angles.sin()]).float()


def rotate(x: torch.Tensor, cosine: torch.Tensor, sine: torch.Tensor) -> torch.Tensor:
    """Turn every pair of `x` by its position's angle. x: (..., positions, head_width)."""
    first, second = x.chunk(2, dim=-1)
    return x * cosine + torch.cat([-second, first], dim=-1) * sine


class Attention(nn.Module):
    """Causal multi-head attention; Vaswani et al. 2017, arXiv 1706.03762, section 3.2."""

    def __init__(self, config: TransformerConfig, layer: int) -> None:
        super().__init__()
        self.layer = layer
        self.heads = config.heads
        self.query_key_value = nn.Linear(config.width, 3 * config.width, bias=False)
        self.output = nn.Linear(config.width, config.width, bias=False)

    def project(self, x: torch.Tensor) -> torch.Tensor:
        """Queries, keys and values before they are turned: (3, rows, heads, count, head)."""
        rows, count, width = x.shape
        projected: torch.Tensor = self.query_key_value(x)
        split = projected.view(rows, count, 3, self.heads, width // self.heads)
        return split.permute(2, 0, 3, 1, 4)

    def forward(
        self,
        x: torch.Tensor,
        rotary: torch.Tensor,
        mask: torch.Tensor | None,
        cache: KVCache | None,
        trace: Trace | None,
    ) -> torch.Tensor:
        rows, count, width = x.shape
        projected = self.project(x)
        query, key = rotate(projected[:2], rotary[0], rotary[1])
        value = projected[2]
        if cache is not None:
            key, value = cache.write(self.layer, key, value)  # (rows, heads, keys, head)
        if trace is None:
            mixed = F.scaled_dot_product_attention(
                query, key, value, attn_mask=mask, is_causal=cache is None
            )
        else:
            starts = [0] * rows if cache is None else cache.lengths.tolist()
            mixed = mix_in_sight(query, key, value, mask, self.layer, starts, trace)
        joined: torch.Tensor = self.output(mixed.transpose(1, 2).reshape(rows, count, width))
        return joined


def unmasked_scores(query: torch.Tensor, key: torch.Tensor) -> torch.Tensor:
    """QK / sqrt(d), (rows, heads, queries, keys)."""
    return query @ key.transpose(-1, -2) / math.sqrt(query.shape[-1])


def attention_scores(
    query: torch.Tensor, key: torch.Tensor, mask: torch.Tensor | None
) -> torch.Tensor:
    """QK / sqrt(d), -inf for what a query may not read: (rows, heads, queries, keys)."""
    scores = unmasked_scores(query, key)
    if mask is None and query.shape[-2] == key.shape[-2]:
        mask = torch.ones(scores.shape[-2:], dtype=torch.bool, device=scores.device).tril()
    return scores if mask is None else scores.masked_fill(~mask, -math.inf)


def mix_in_sight(
    query: torch.Tensor,
    key: torch.Tensor,
    value: torch.Tensor,
    mask: torch.Tensor | None,
    layer: int,
    starts: Sequence[int],
    trace: Trace,
) -> torch.Tensor:
    """Attention written out where somebody wants to see it or change it.

    Fused kernels never form the weights; a test holds the two paths together. starts: where in
    its text each row's first query stands.
    """
    scores = attention_scores(query, key, mask)
    scores = trace.interventions.rule(
        layer, scores, mask is not None, lambda: unmasked_scores(query, key)
    )
    scores = trace.interventions.edit(layer, scores, starts)
    weights = scores.softmax(dim=-1)  # (rows, heads, count, keys)
    mixed = trace.interventions.ablate(layer, weights @ value, starts)
    trace.attention.append(weights)
    trace.heads.append(mixed)
    return mixed


class FeedForward(nn.Module):
    """A gated feed-forward, SwiGLU; Shazeer 2020, arXiv 2002.05202, equation 6."""

    def __init__(self, config: TransformerConfig) -> None:
        super().__init__()
        self.gate_up = nn.Linear(config.width, 2 * config.feed_forward, bias=False)
        self.down = nn.Linear(config.feed_forward, config.width, bias=False)

    def neurons(self, x: torch.Tensor) -> torch.Tensor:
        """What every neuron says of a state, (..., feed_forward)."""
        gate, up = self.gate_up(x).chunk(2, dim=-1)
        said: torch.Tensor = F.silu(gate) * up
        return said

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        projected: torch.Tensor = self.down(self.neurons(x))
        return projected


class Block(nn.Module):
    """Attention, then the feed-forward, each added to the residual stream."""

    def __init__(self, config: TransformerConfig, layer: int, dropout: float) -> None:
        super().__init__()
        self.attention_norm = nn.RMSNorm(config.width, eps=config.norm_epsilon)
        self.attention = Attention(config, layer)
        self.feed_forward_norm = nn.RMSNorm(config.width, eps=config.norm_epsilon)
        self.feed_forward = FeedForward(config)
        self.dropout = nn.Dropout(dropout)  # in training, of what each adds

    def forward(
        self,
        x: torch.Tensor,
        rotary: torch.Tensor,
        mask: torch.Tensor | None,
        cache: KVCache | None,
        trace: Trace | None,
    ) -> torch.Tensor:
        x = x + self.dropout(self.attention(self.attention_norm(x), rotary, mask, cache, trace))
        residual: torch.Tensor = x + self.dropout(self.feed_forward(self.feed_forward_norm(x)))
        return residual


class Transformer(nn.Module):
    """A causal language model; fulfils `LanguageModel`."""

    def __init__(self, config: TransformerConfig, dropout: float = 0.0) -> None:
        super().__init__()
        self.config = config
        self.vocabulary = config.vocabulary
        self.context = config.context
        self.embedding = nn.Embedding(config.vocabulary, config.width)
        self.blocks = nn.ModuleList(Block(config, layer, dropout) for layer in range(config.layers))
        self.norm = nn.RMSNorm(config.width, eps=config.norm_epsilon)
        self.rotary: torch.Tensor
        self.register_buffer("rotary", rotary_table(config), persistent=False)
        self._initialise()

    def _initialise(self) -> None:
        """Small normal weights; what adds to the residual stream starts smaller (GPT-2)."""
        residual = 0.02 / math.sqrt(2 * self.config.layers)
        for name, weight in self.named_parameters():
            if weight.dim() > 1:
                ends_branch = name.endswith(("output.weight", "down.weight"))
                nn.init.normal_(weight, std=residual if ends_branch else 0.02)

    def new_cache(self, rows: int) -> KVCache:
        weight, config = self.embedding.weight, self.config
        return KVCache(
            config.layers, rows, config.heads, config.head_width, weight.device, weight.dtype
        )

    def forward(
        self,
        ids: torch.Tensor,
        cache: KVCache | None = None,
        trace: Trace | None = None,
    ) -> torch.Tensor:
        count = ids.shape[1]  # ids: (rows, count)
        room = self.context - (0 if cache is None else cache.longest)
        if count > room:
            raise ValueError(f"{count} more tokens do not fit: there is room for {room}.")
        if cache is None:
            rotary, mask = self.rotary[:, :count], None  # (2, count, head)
        else:
            cache.reserve(count)
            # (2, rows, 1, count, head): every row at its own position
            rotary, mask = self.rotary[:, cache.positions(count)].unsqueeze(2), cache.mask(count)
        x = self.embedding(ids)  # (rows, count, width)
        if trace is not None:
            trace.interventions.check(len(ids), self.config.layers, self.config.heads)
            trace.hidden.append(x)
        for block in self.blocks:
            x = block(x, rotary, mask, cache, trace)
            if trace is not None:
                trace.hidden.append(x)
        if cache is not None:
            cache.advance(count)
        return self.unembed(x)

    def embed(self, ids: torch.Tensor) -> torch.Tensor:
        """The vectors that a text begins as: (rows, count, width)."""
        embedded: torch.Tensor = self.embedding(ids)
        return embedded

    def after(self, embedded: torch.Tensor) -> torch.Tensor:
        """What follows a text that begins as these vectors, of tokens or not: where a gradient
        begins. embedded: (rows, count, width). Returns logits, (rows, vocabulary).
        """
        x, rotary = embedded, self.rotary[:, : embedded.shape[1]]
        for block in self.blocks:
            x = block(x, rotary, None, None, None)
        return self.unembed(x[:, -1])

    def unembed(self, x: torch.Tensor) -> torch.Tensor:
        """The residual stream, (..., width), as logits: (..., vocabulary)."""
        return F.linear(self.norm(x), self.embedding.weight)
