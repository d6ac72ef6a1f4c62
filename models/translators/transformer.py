"""A transformer that translates: an encoder of the source, a decoder of the target.

The architecture of Vaswani et al. 2017 (arXiv 1706.03762), as Marian lays it out: sinusoidal
positions, normalisation after each addition to the residual stream, one embedding for source,
target and output.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import nn

from models.contract import Trace
from models.transformer.bidirectional import BidirectionalConfig, Layer
from models.transformer.kv_cache import KVCache
from models.transformer.model import attention_scores, mix_in_sight
from models.translators.source_cache import END, Source, SourceCache, check_cache, check_source

EPSILON = 1e-5  # of every normalisation: the layout has no word for it


@dataclass(frozen=True)
class TranslatorConfig:
    """The shape; the defaults are those of the collection's model."""

    vocabulary: int = 4096
    context: int = 128
    """The longest source, and the longest target, in tokens."""
    encoder_layers: int = 3
    decoder_layers: int = 2
    heads: int = 4
    width: int = 256
    feed_forward: int = 768

    def __post_init__(self) -> None:
        if self.width % (2 * self.heads):
            raise ValueError(f"width {self.width} must be an even multiple of heads {self.heads}.")

    @property
    def encoder(self) -> BidirectionalConfig:
        """The same shape, of the encoder alone."""
        sizes = (self.context, self.encoder_layers, self.heads, self.width, self.feed_forward)
        return BidirectionalConfig(self.vocabulary, 0, *sizes, EPSILON)


def sinusoids(context: int, width: int) -> torch.Tensor:
    """Positions, (context, width): the sines of all frequencies, then their cosines."""
    frequencies = 10_000.0 ** (-torch.arange(0, width, 2, dtype=torch.float64) / width)
    angles = torch.outer(torch.arange(context, dtype=torch.float64), frequencies)
    return torch.cat([angles.sin(), angles.cos()], dim=-1).float()


class Attention(nn.Module):
    """The four projections of multi-head attention."""

    def __init__(self, width: int, heads: int) -> None:
        super().__init__()
        self.heads = heads
        self.query = nn.Linear(width, width)
        self.key = nn.Linear(width, width)
        self.value = nn.Linear(width, width)
        self.output = nn.Linear(width, width)

    def split(self, x: torch.Tensor) -> torch.Tensor:
        """(rows, positions, width) as (rows, heads, positions, head_width)."""
        return x.view(*x.shape[:2], self.heads, -1).transpose(1, 2)

    def queries(self, x: torch.Tensor) -> torch.Tensor:
        return self.split(self.query(x))

    def keys_values(self, x: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        return self.split(self.key(x)), self.split(self.value(x))

    def join(self, mixed: torch.Tensor) -> torch.Tensor:
        """The heads' results side by side, projected: (rows, positions, width)."""
        joined: torch.Tensor = self.output(mixed.transpose(1, 2).flatten(2))
        return joined


class DecoderLayer(nn.Module):
    """Attention to the target so far, attention to the source, then a feed-forward with GELU."""

    def __init__(self, config: TranslatorConfig, layer: int, dropout: float) -> None:
        super().__init__()
        self.layer = layer
        self.attention = Attention(config.width, config.heads)
        self.attention_norm = nn.LayerNorm(config.width, EPSILON)
        self.cross = Attention(config.width, config.heads)
        self.cross_norm = nn.LayerNorm(config.width, EPSILON)
        self.up = nn.Linear(config.width, config.feed_forward)
        self.down = nn.Linear(config.feed_forward, config.width)
        self.feed_forward_norm = nn.LayerNorm(config.width, EPSILON)
        self.dropout = nn.Dropout(dropout)

    def forward(
        self,
        x: torch.Tensor,
        mask: torch.Tensor | None,
        text: KVCache | None,
        memory: torch.Tensor,
        source_mask: torch.Tensor | None,
        trace: Trace | None,
    ) -> torch.Tensor:
        """memory: keys and values of the source, (rows, 2, heads, positions, head_width)."""
        x = self.attention_norm(x + self.dropout(self._read_target(x, mask, text, trace)))
        x = self.cross_norm(x + self.dropout(self._read_source(x, memory, source_mask, trace)))
        thought = self.down(F.gelu(self.up(x)))
        residual: torch.Tensor = self.feed_forward_norm(x + self.dropout(thought))
        return residual

    def _read_target(
        self, x: torch.Tensor, mask: torch.Tensor | None, text: KVCache | None, trace: Trace | None
    ) -> torch.Tensor:
        query, (key, value) = self.attention.queries(x), self.attention.keys_values(x)
        starts = [0] * len(x) if text is None else text.lengths.tolist()
        if text is not None:
            key, value = text.write(self.layer, key, value)
        if trace is None:
            mixed = F.scaled_dot_product_attention(
                query, key, value, attn_mask=mask, is_causal=text is None
            )
        else:
            mixed = mix_in_sight(query, key, value, mask, self.layer, starts, trace)
        return self.attention.join(mixed)

    def _read_source(
        self,
        x: torch.Tensor,
        memory: torch.Tensor,
        mask: torch.Tensor | None,
        trace: Trace | None,
    ) -> torch.Tensor:
        query, (key, value) = self.cross.queries(x), memory.unbind(1)
        if trace is None:
            mixed = F.scaled_dot_product_attention(query, key, value, attn_mask=mask)
        else:
            seen = torch.ones(1, 1, 1, key.shape[2], dtype=torch.bool, device=x.device)
            weights = attention_scores(query, key, seen if mask is None else mask).softmax(-1)
            trace.cross_attention.append(weights)
            mixed = weights @ value
        return self.cross.join(mixed)


class Translator(nn.Module):
    """A language model of the target, given a source; fulfils `EncoderDecoder`.

    A source is closed by an end-of-text; a target begins after one, and ends with one.
    """

    def __init__(self, config: TranslatorConfig, dropout: float = 0.0) -> None:
        super().__init__()
        self.config = config
        self.vocabulary, self.context, self.start = config.vocabulary, config.context, END
        self.embedding = nn.Embedding(config.vocabulary, config.width)
        self.encoder = nn.ModuleList(
            Layer(config.encoder, i, dropout) for i in range(config.encoder_layers)
        )
        self.decoder: Sequence[DecoderLayer] = nn.ModuleList(  # type: ignore[assignment]
            DecoderLayer(config, i, dropout) for i in range(config.decoder_layers)
        )
        self.bias = nn.Parameter(torch.zeros(config.vocabulary))
        self.positions: torch.Tensor
        table = sinusoids(config.context, config.width)
        self.register_buffer("positions", table, persistent=False)
        self.dropout = nn.Dropout(dropout)
        nn.init.normal_(self.embedding.weight, std=config.width**-0.5)
        for name, weight in self.named_parameters():
            if weight.dim() > 1 and name != "embedding.weight":
                nn.init.xavier_uniform_(weight)

    def embed(self, ids: torch.Tensor, positions: torch.Tensor) -> torch.Tensor:
        """ids: (rows, count); positions: their (rows or 1, count, width)."""
        x = self.embedding(ids) * math.sqrt(self.config.width) + positions
        embedded: torch.Tensor = self.dropout(x)
        return embedded

    def encode(
        self, source: torch.Tensor, mask: torch.Tensor | None = None, trace: Trace | None = None
    ) -> torch.Tensor:
        """What the decoder reads of a source: (rows, layers, 2, heads, positions, head_width).

        source: (rows, positions) ids. mask: (rows, positions) bool, False for padding.
        """
        x = self.embed(source, self.positions[: source.shape[1]])
        seen = None if mask is None else mask[:, None, None]
        for layer in self.encoder:
            x = layer(x, seen, trace)
        both = [torch.stack(layer.cross.keys_values(x), 1) for layer in self.decoder]
        return torch.stack(both, 1)

    def source_attention(self, source: torch.Tensor) -> list[torch.Tensor]:
        """How the source attends to itself: one (rows, heads, positions, positions) a layer."""
        trace, everything = Trace(), torch.ones_like(source, dtype=torch.bool)
        self.encode(source, everything, trace)  # without a mask, looked at, it would be causal
        return trace.attention

    def new_cache(self, rows: int, source: torch.Tensor | None = None) -> SourceCache:
        source, config = check_source(source, rows, self.context), self.config
        memory = self.encode(source)
        sizes = (config.decoder_layers, rows, config.heads, config.width // config.heads)
        return SourceCache(KVCache(*sizes, memory.device, memory.dtype), Source(memory))

    def forward(
        self, ids: torch.Tensor, cache: SourceCache | None = None, trace: Trace | None = None
    ) -> torch.Tensor:
        cache, count = check_cache(cache), ids.shape[1]
        text: KVCache = cache.text
        room = self.context - text.longest
        if count > room:
            raise ValueError(f"{count} more tokens do not fit: there is room for {room}.")
        if trace is not None:
            trace.interventions.check(len(ids), self.config.decoder_layers, self.config.heads)
        text.reserve(count)
        x = self.embed(ids, self.positions[text.positions(count)])
        x = self._decode(x, text.mask(count), text, cache.source.memory, cache.source.mask(), trace)
        text.advance(count)
        return self.unembed(x)

    def teach(self, source: torch.Tensor, mask: torch.Tensor, target: torch.Tensor) -> torch.Tensor:
        """Logits of whole targets, (rows, positions, vocabulary), each shown the true ids before.

        source, mask: as for `encode`. target: (rows, positions), beginning with an end-of-text.
        """
        x = self.embed(target, self.positions[: target.shape[1]])
        return self.unembed(self._decode(x, None, None, self.encode(source, mask), mask, None))

    def _decode(
        self,
        x: torch.Tensor,
        mask: torch.Tensor | None,
        text: KVCache | None,
        memory: torch.Tensor,
        source_mask: torch.Tensor | None,
        trace: Trace | None,
    ) -> torch.Tensor:
        seen = None if source_mask is None else source_mask[:, None, None]
        if trace is not None:
            trace.hidden.append(x)
        for i, layer in enumerate(self.decoder):
            x = layer(x, mask, text, memory[:, i], seen, trace)
            if trace is not None:
                trace.hidden.append(x)
        return x

    def unembed(self, x: torch.Tensor) -> torch.Tensor:
        """(..., width) as logits: (..., vocabulary)."""
        return F.linear(x, self.embedding.weight, self.bias)
