"""The transformer again, laid out for speed: what a decoding step costs is mostly overhead.

It computes what `Transformer.forward` computes, which stays the readable version; the contract
suite runs on both, and tests hold their logits together. What differs: the pairs that rotary
positions turn lie side by side so that turning is one complex product in place, and linear layers
multiply with the fastest kernel there is. Of the weights no value changes, only the order of rows.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import partial
from typing import cast

import torch
import torch.nn.functional as F
from torch import nn

from models.contract import Trace
from models.transformer.kv_cache import Apart, KVCache
from models.transformer.linear_kernels import linear
from models.transformer.model import Block, Transformer, TransformerConfig

MANY = 24  # rows from which plain products pay


class FastTransformer:
    """A transformer for inference on the CPU; fulfils `LanguageModel`.

    Its caches order a key's numbers in its own way: a cache of one is not for the other.
    """

    def __init__(self, model: Transformer) -> None:
        self.config = model.config
        self.vocabulary, self.context = model.vocabulary, model.context
        self.new_cache = model.new_cache
        self._embedding = model.embedding.weight.detach()
        cosine, sine = model.rotary[..., : model.config.head_width // 2].unbind()
        turns = torch.complex(cosine, sine)
        # (context, 3, 1, pairs): queries, keys, and values, which are turned by nothing
        self._turns = torch.stack([turns, turns, torch.ones_like(turns)], dim=1).unsqueeze(2)
        blocks = cast("list[Block]", model.blocks)
        self._layers = [_Layer(block, model.config) for block in blocks]
        self._norm = _Norm(model.norm, model.config)
        self._unembed = linear(self._embedding)

    def forward(
        self,
        ids: torch.Tensor,
        cache: KVCache | None = None,
        trace: Trace | None = None,
    ) -> torch.Tensor:
        if trace is not None:
            raise ValueError("The fast transformer hides its inside; trace the readable one.")
        rows, count = ids.shape
        if cache is None:
            cache = self.new_cache(rows)
        free = self.context - cache.longest
        if count > free:
            raise ValueError(f"{count} more tokens do not fit: there is room for {free}.")
        cache.reserve(count)
        turns = self._turns[cache.positions(count).flatten()]  # (tokens, 3, 1, pairs)
        apart = cache.apart()
        room = apart[0] is None and count == 1 and rows >= MANY and cache.fills(count)
        kernel: Callable[..., torch.Tensor] = F.scaled_dot_product_attention
        if room:
            kernel = mixed_in_room
        attend = partial(kernel, attn_mask=cache.mask(count, room))
        x = F.embedding(ids.flatten(), self._embedding)  # (tokens, width); tokens = rows * count
        windows = zip(self._layers, cache.windows(count, room), apart, strict=True)
        for layer, (new, held), own in windows:
            layer.add_attention(x, turns, attend, new, held, own)
            layer.add_feed_forward(x)
        cache.advance(count)
        return self._unembed(self._norm(x)).view(rows, count, -1)


class _Norm:
    """RMS norm in four operations."""

    def __init__(self, norm: nn.RMSNorm, config: TransformerConfig) -> None:
        self._scale = norm.weight.detach() * math.sqrt(config.width)
        self._least = torch.tensor(math.sqrt(config.width * config.norm_epsilon))

    def __call__(self, x: torch.Tensor) -> torch.Tensor:
        """scale * x / sqrt(mean(x^2) + epsilon), (tokens, width)."""
        length = torch.hypot(torch.linalg.vector_norm(x, dim=1, keepdim=True), self._least)
        return (x / length).mul_(self._scale)


class _Layer:
    """One block. Both halves add to the residual stream in place."""

    def __init__(self, block: Block, config: TransformerConfig) -> None:
        attention, feed_forward = block.attention, block.feed_forward
        self._heads = config.heads
        self._attention_norm = _Norm(block.attention_norm, config)
        self._query_key_value = linear(
            pairs_together(attention.query_key_value.weight.detach(), config)
        )
        self._output = linear(attention.output.weight)
        self._feed_forward_norm = _Norm(block.feed_forward_norm, config)
        self._gate_up = linear(feed_forward.gate_up.weight)
        self._down = linear(feed_forward.down.weight)

    def add_attention(
        self,
        x: torch.Tensor,
        turns: torch.Tensor,
        attend: Callable[..., torch.Tensor],
        new: torch.Tensor,
        held: torch.Tensor,
        apart: Apart | None,
    ) -> None:
        """new, held: the layer's windows into the cache, as `KVCache.windows` gives them.

        attend: of queries, keys and values, (rows, heads, positions, head_width) each.
        """
        tokens, width = x.shape
        rows, count = new.shape[1], new.shape[3]
        projected = self._query_key_value(self._attention_norm(x))
        pairs = projected.view(tokens, 3, self._heads, -1, 2)
        torch.view_as_complex(pairs).mul_(turns)  # where they stand
        split = projected.view(rows, count, 3, self._heads, -1).permute(2, 0, 3, 1, 4)
        new.copy_(split[1:])
        if apart is None:
            keys, values = held.unbind()  # (rows, heads, positions, head_width) each
            mixed = attend(split[0], keys, values)
        else:
            mixed = mixed_apart(split[0], apart)
        x += self._output(mixed.transpose(1, 2).reshape(tokens, width))

    def add_feed_forward(self, x: torch.Tensor) -> None:
        gate, up = self._gate_up(self._feed_forward_norm(x)).chunk(2, dim=-1)
        x += self._down(F.silu(gate).mul_(up))


def mixed_in_room(
    query: torch.Tensor, keys: torch.Tensor, values: torch.Tensor, attn_mask: torch.Tensor
) -> torch.Tensor:
    """What `F.scaled_dot_product_attention` mixes for one query a row, as two plain products.

    Of many rows they take half the time where keys and values lie in one piece of memory.
    """
    scores = (query / math.sqrt(query.shape[3])) @ keys.transpose(2, 3)
    closed = attn_mask.logical_not()
    return scores.masked_fill_(closed, -math.inf).softmax(dim=3) @ values


def mixed_apart(query: torch.Tensor, apart: Apart) -> torch.Tensor:
    """What one query a row mixes: what all rows begin with is read once for all of them.

    query: (rows, heads, 1, head_width), and so is what is returned. What a row holds of its own is
    multiplied with all the room that there is, which lies in one piece of memory: in half the time.
    """
    (keys, values), (own_keys, own_values), held = apart
    before, room = keys.shape[1], own_keys.shape[2]
    by_head = query.squeeze(2).transpose(0, 1) / math.sqrt(query.shape[3])
    first = by_head @ keys.transpose(1, 2)  # (heads, rows, before)
    own = by_head.transpose(0, 1).unsqueeze(2) @ own_keys.transpose(2, 3)  # (rows, heads, 1, room)
    scores = torch.cat([first.transpose(0, 1).unsqueeze(2), own[..., :held]], dim=3)
    weights = scores.softmax(dim=3)
    mixed = weights[:, :, 0, :before].transpose(0, 1) @ values  # (heads, rows, head_width)
    padded = F.pad(weights[..., before:], (0, room - held))
    added: torch.Tensor = mixed.transpose(0, 1).unsqueeze(2) + padded @ own_values
    return added


def pairs_together(weight: torch.Tensor, config: TransformerConfig) -> torch.Tensor:
    """Reorder what a head's queries and keys consist of, so that rotary pairs are neighbours.

    weight: (3 * width, width) of queries, keys, values. A score sums over a head, in any order.
    """
    halves = weight[: 2 * config.width].view(2 * config.heads, 2, config.head_width // 2, -1)
    return torch.cat([halves.transpose(1, 2).flatten(0, 2), weight[2 * config.width :]])
