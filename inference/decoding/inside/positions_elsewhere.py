"""The mean token of a model of `transformers`, in two layouts: GPT-2's table and Llama's turn.

Which it is, its modules say; whether that is all, its own attention: a short text is scored both
ways first.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any

import torch

from models.contract import Trace
from models.transformer.model import rotate

NEAR = 1e-3  # of a weight
TEXT = 6  # tokens that are scored both ways
PLACES, TOKENS = 64, 4096  # at once
Pair = tuple[torch.Tensor, torch.Tensor]
"""Queries and keys, (heads, tokens, head_width) each."""


class Table:
    """Places are added to tokens, then a layer norm."""

    base = 0.0

    def __init__(self, inner: Any) -> None:
        block = inner.transformer.h[0]
        self._norm, self._project = block.ln_1, block.attn.c_attn
        self._tokens, self._places = inner.transformer.wte.weight, inner.transformer.wpe.weight
        self._heads = inner.config.num_attention_heads

    def states(self, ids: torch.Tensor) -> torch.Tensor:
        """(tokens, width) that queries and keys are made from."""
        made: torch.Tensor = self._norm(self._tokens[ids] + self._places[: len(ids)])
        return made

    def mean(self) -> Iterator[torch.Tensor]:
        """Of the states of all tokens, (places, width), some places at once.

        The norm of a sum needs the variance of a token, that of a place, and twice their
        covariance, so no sum is made.
        """
        tokens, all_places = (
            one - one.mean(dim=-1, keepdim=True) for one in (self._tokens, self._places)
        )
        for places in all_places.split(PLACES):
            variance = tokens.pow(2).mean(-1)[:, None] + places.pow(2).mean(-1)
            variance += 2 / tokens.shape[1] * (tokens @ places.T)
            scale = (variance + self._norm.eps).rsqrt()  # (vocabulary, places)
            mean = scale.T @ tokens / len(tokens) + places * scale.mean(dim=0)[:, None]
            yield mean * self._norm.weight + self._norm.bias

    def pair(self, states: torch.Tensor) -> Pair:
        query, key, _ = self._project(states).chunk(3, dim=-1)
        return split(query, self._heads), split(key, self._heads)


class Turn:
    """Queries and keys are turned by their place."""

    def __init__(self, inner: Any) -> None:
        layer, rope = inner.model.layers[0], inner.config.rope_parameters
        self._norm, attention = layer.input_layernorm, layer.self_attn
        self._query, self._key = attention.q_proj, attention.k_proj
        self._tokens, self._heads = (
            inner.model.embed_tokens.weight,
            inner.config.num_attention_heads,
        )
        self.base = float(rope["rope_theta"])

    def states(self, ids: torch.Tensor) -> torch.Tensor:
        made: torch.Tensor = self._norm(self._tokens[ids])
        return made

    def mean(self) -> Iterator[torch.Tensor]:
        """(1, width): a token is the same at every place."""
        sums = [self._norm(some).sum(dim=0) for some in self._tokens.split(TOKENS)]
        yield (torch.stack(sums).sum(dim=0) / len(self._tokens))[None]

    def pair(self, states: torch.Tensor) -> Pair:
        query = split(self._query(states), self._heads)
        key = split(self._key(states), self._key.out_features // query.shape[-1])
        return query, key.repeat_interleave(self._heads // len(key), dim=0)


def split(x: torch.Tensor, heads: int) -> torch.Tensor:
    """(tokens, width) as (heads, tokens, head_width)."""
    return x.reshape(len(x), heads, -1).transpose(0, 1)


@torch.inference_mode()
def layout(model: Any) -> Table | Turn | None:
    """That of a causal model; None where its own first layer looks elsewhere than one would."""
    for kind in (Table, Turn):
        try:
            found = kind(model.model)
            ids = torch.arange(1, TEXT + 1, device=found.states(torch.tensor([0])).device)
            trace = Trace()
            model.forward(ids[None], trace=trace)
            if (weights(found, ids) - trace.attention[0][0]).abs().max() < NEAR:
                return found
        except (AttributeError, KeyError, RuntimeError, TypeError, ValueError):  # of another layout
            continue
    return None


def weights(found: Table | Turn, ids: torch.Tensor) -> torch.Tensor:
    """(heads, queries, keys) of the first layer."""
    query, key = found.pair(found.states(ids))
    if found.base:
        half = torch.arange(0, key.shape[-1], 2).to(key) / key.shape[-1]
        angles = torch.arange(len(ids)).to(key)[:, None] * found.base**-half
        turned = torch.cat([angles, angles], dim=-1)
        query, key = (rotate(one, turned.cos(), turned.sin()) for one in (query, key))
    scores = query @ key.transpose(-1, -2) / math.sqrt(key.shape[-1])
    later = torch.ones_like(scores[0], dtype=torch.bool).triu(1)
    return scores.masked_fill(later, -math.inf).softmax(dim=-1)
