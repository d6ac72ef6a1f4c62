"""How long a vector every token adds to the last position: attention weighted by values.

Kobayashi et al. 2020, arXiv 2004.10102: what is mixed is a weight times a value, so a large weight
of a short value adds little. Of a layer, the heads are summed after the output projection.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray

from inference.decoding.batch import to_numpy
from inference.errors import NumericalFault
from models.contract import LayerValues, Trace
from models.transformer.bidirectional import Bidirectional
from models.transformer.model import Block, Transformer

Array = NDArray[np.float32]


class Seen(NamedTuple):
    """The attention over one text."""

    weights: Array
    """(layers, queries, keys): the mean over the heads of a layer."""
    added: Array | None
    """(layers, tokens): the length of what each token adds at the last position; None where the
    values of a model are out of reach."""


@torch.inference_mode()
def seen(model: Any, ids: Sequence[int], device: str = "cpu") -> Seen:
    """One traced pass. Raises NumericalFault."""
    text, lengths = torch.tensor([list(ids)], device=device), None
    trace, layers = values_of(model, text)
    weights = to_numpy(torch.stack([layer[0].mean(0) for layer in trace.attention]))
    if not np.isfinite(weights).all():
        raise NumericalFault(1)
    if layers is not None:
        pairs = zip(layers, trace.attention, strict=True)
        lengths = np.stack([to_numpy(added(one, layer[0, :, -1])) for one, layer in pairs])
    return Seen(weights, lengths)


def added(layer: LayerValues, weights: torch.Tensor) -> torch.Tensor:
    """(tokens,) lengths of what each adds. weights: (heads, tokens) of one query."""
    mixed = weights[..., None] * layer.values
    found: torch.Tensor = torch.einsum("htd,hdw->tw", mixed, layer.by_head).norm(dim=-1)
    return found


def values_of(model: Any, text: torch.Tensor) -> tuple[Trace, list[LayerValues] | None]:
    """A traced pass over one text, (1, tokens), and what the heads of every layer mix.

    None where the values of a model are out of reach.
    """
    if isinstance(model, Transformer | Bidirectional):
        trace = Trace()
        model.forward(text, trace=trace)
        blocks = model.blocks if isinstance(model, Transformer) else model.layers
        pairs = zip(blocks, trace.hidden, strict=False)  # the last state leaves the last block
        return trace, [_made(block, state) for block, state in pairs]
    if hasattr(model, "values"):
        try:
            elsewhere: tuple[Trace, list[LayerValues]] = model.values(text)
        except ValueError:  # it keeps them to itself
            pass
        else:
            return elsewhere
    trace = Trace()
    model.forward(text, trace=trace)
    return trace, None


def _made(block: Any, state: torch.Tensor) -> LayerValues:
    """state: (1, tokens, width) that the block is given."""
    if isinstance(block, Block):
        made = block.attention.project(block.attention_norm(state))[2, 0]
        return LayerValues(made, block.attention.output)
    made = block.value(state[0]).view(state.shape[1], block.heads, -1).transpose(0, 1)
    return LayerValues(made, block.output)
