"""The transformer again, laid out for speed: what a decoding step costs is mostly overhead.

It computes what `Transformer.forward` computes, which stays the readable version; the contract
suite runs on both, and tests hold their logits together. What differs: scales of norms are folded
into the weights behind them, the pairs that rotary positions turn lie side by side so that turning
is one complex product in place, and linear layers are packed.
"""

from __future__ import annotations

from typing import cast

import torch
import torch.nn.functional as F

from models.cache import KeyValueCache
from models.language_model import Trace
from models.packed_linear import PackedLinear
from models.transformer import Block, Transformer, TransformerConfig


class FastTransformer:
    """A transformer for inference on the CPU; fulfils `LanguageModel`.

    Its caches order a key's numbers in its own way: a cache of one is not for the other.
    """

    def __init__(self, model: Transformer, dtype: torch.dtype = torch.float32) -> None:
        """dtype: bfloat16 halves what a step reads, and rounds (docs/performance.md)."""
        self.config = model.config
        self.vocabulary, self.context = model.vocabulary, model.context
        self.new_cache = model.new_cache
        self._embedding = model.embedding.weight.detach()
        cosine, sine = model.rotary[..., : model.config.head_width // 2].unbind()
        self._turns = torch.complex(cosine, sine)  # (context, head_width / 2)
        blocks = cast("list[Block]", model.blocks)
        self._layers = [_Layer(block, model.config, dtype) for block in blocks]
        self._unembed = PackedLinear(self._embedding * model.norm.weight.detach(), dtype)

    @property
    def dtype(self) -> torch.dtype:
        """What the linear layers multiply in."""
        return self._unembed.dtype

    def forward(
        self,
        ids: torch.Tensor,
        cache: KeyValueCache | None = None,
        trace: Trace | None = None,
    ) -> torch.Tensor:
        if trace is not None:
            raise ValueError("The fast transformer hides its inside; trace the readable one.")
        rows, count = ids.shape
        if cache is None:
            cache = self.new_cache(rows)
        room = self.context - cache.longest
        if count > room:
            raise ValueError(f"{count} more tokens do not fit: there is room for {room}.")
        cache.reserve(count)
        turns = self._turns[cache.positions(count).flatten()].unsqueeze(1)  # (tokens, 1, pairs)
        mask = cache.mask(count)
        x = F.embedding(ids.flatten(), self._embedding)  # (tokens, width); tokens = rows * count
        for index, layer in enumerate(self._layers):
            layer.add_attention(x, turns, mask, cache, index)
            layer.add_feed_forward(x)
        cache.advance(count)
        logits = self._unembed(F.rms_norm(x, x.shape[1:], eps=self.config.norm_epsilon))
        return logits.view(rows, count, -1)


class _Layer:
    """One block. Both halves add to the residual stream in place."""

    def __init__(self, block: Block, config: TransformerConfig, dtype: torch.dtype) -> None:
        attention, feed_forward = block.attention, block.feed_forward
        self._heads, self._epsilon = config.heads, config.norm_epsilon
        scale = block.attention_norm.weight.detach()
        turned = pairs_together(attention.query_key_value.weight.detach(), config)
        self._query_key_value = PackedLinear(turned * scale, dtype)
        self._output = PackedLinear(attention.output.weight, dtype)
        scale = block.feed_forward_norm.weight.detach()
        self._gate_up = PackedLinear(feed_forward.gate_up.weight.detach() * scale, dtype)
        self._down = PackedLinear(feed_forward.down.weight, dtype)

    def add_attention(
        self,
        x: torch.Tensor,
        turns: torch.Tensor,
        mask: torch.Tensor | None,
        cache: KeyValueCache,
        layer: int,
    ) -> None:
        tokens, width = x.shape
        projected = self._query_key_value(F.rms_norm(x, (width,), eps=self._epsilon))
        pairs = projected[:, : 2 * width].view(tokens, 2 * self._heads, -1, 2)
        torch.view_as_complex(pairs).mul_(turns)  # queries and keys, where they stand
        split = projected.view(cache.rows, tokens // cache.rows, 3, self._heads, -1)
        query, key, value = split.permute(2, 0, 3, 1, 4).unbind()  # (rows, heads, count, head)
        key, value = cache.write(layer, key, value)  # (rows, heads, keys, head)
        mixed = F.scaled_dot_product_attention(query, key, value, attn_mask=mask)
        x += self._output(mixed.transpose(1, 2).reshape(tokens, width))

    def add_feed_forward(self, x: torch.Tensor) -> None:
        gate, up = self._gate_up(F.rms_norm(x, x.shape[1:], eps=self._epsilon)).chunk(2, dim=-1)
        x += self._down(F.silu(gate).mul_(up))


def pairs_together(weight: torch.Tensor, config: TransformerConfig) -> torch.Tensor:
    """Reorder what a head's queries and keys consist of, so that rotary pairs are neighbours.

    weight: (3 * width, width) of queries, keys, values. A score sums over a head, in any order.
    """
    halves = weight[: 2 * config.width].view(2 * config.heads, 2, config.head_width // 2, -1)
    return torch.cat([halves.transpose(1, 2).flatten(0, 2), weight[2 * config.width :]])
