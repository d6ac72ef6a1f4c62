"""The parts of a transformer that a batch of many rows runs through, packed for it."""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import cast

import torch
from torch import nn

from models.transformer.linear_kernels import MANY, Multiply, packed
from models.transformer.model import Block, Transformer


@dataclass(frozen=True, eq=False)
class Parts:
    """What lies above the embedding."""

    blocks: tuple[Block, ...]
    unembed: Callable[[torch.Tensor], torch.Tensor]


def plain(model: Transformer) -> Parts:
    """The parts as they are."""
    return Parts(tuple(cast("Iterable[Block]", model.blocks)), model.unembed)


def for_many(model: Transformer) -> Parts:
    """The parts with linear layers that are packed for many rows, where that pays."""
    shared = {id(one): one for one in (*model.parameters(), *model.buffers())}
    blocks = copy.deepcopy(plain(model).blocks, shared)  # other layers, the same weights
    for block in blocks:
        attention, feed_forward = block.attention, block.feed_forward
        attention.query_key_value = pack_layer(attention.query_key_value)
        attention.output = pack_layer(attention.output)
        feed_forward.gate_up = pack_layer(feed_forward.gate_up)
        feed_forward.down = pack_layer(feed_forward.down)
    unembedding = nn.Linear(model.config.width, model.vocabulary, bias=False, device="meta")
    unembedding.weight = model.embedding.weight
    wide = pack_layer(unembedding)
    return Parts(blocks, lambda x: wide(model.norm(x)))


def pack_layer(layer: nn.Linear) -> nn.Linear:
    """The layer with its weights packed, or as it is where the usual kernel is the fastest."""
    multiply = packed(layer.weight, MANY)
    return layer if multiply is None else _Packed(layer, multiply)


class _Packed(nn.Linear):
    """A linear layer that multiplies with packed weights."""

    def __init__(self, layer: nn.Linear, multiply: Multiply) -> None:
        super().__init__(layer.in_features, layer.out_features, bias=False, device="meta")
        self._multiply = multiply

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self._multiply(x.flatten(0, -2)).view(*x.shape[:-1], self.out_features)
