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
from models.contract import Trace
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
    trace = Trace()
    model.forward(torch.tensor([list(ids)], device=device), trace=trace)
    weights = to_numpy(torch.stack([layer[0].mean(0) for layer in trace.attention]))
    if not np.isfinite(weights).all():
        raise NumericalFault(step=1)
    if not isinstance(model, Transformer):
        return Seen(weights, None)
    lengths = [
        lengths_of(block, trace.hidden[layer], trace.attention[layer][0, :, -1])
        for layer, block in enumerate(model.blocks)
    ]
    return Seen(weights, np.stack([to_numpy(one) for one in lengths]))


def lengths_of(block: Any, state: torch.Tensor, weights: torch.Tensor) -> torch.Tensor:
    """(tokens,) lengths.

    state: (1, tokens, width) that the block is given. weights: (heads, tokens) of the last query.
    """
    assert isinstance(block, Block)
    values = block.attention.project(block.attention_norm(state))[2, 0]  # (heads, tokens, head)
    mixed = (weights[..., None] * values).transpose(0, 1).flatten(1)  # (tokens, width)
    found: torch.Tensor = block.attention.output(mixed).norm(dim=-1)
    return found
