"""Where a translator looks in the source while it writes every token of a target."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray

from inference.errors import NumericalFault
from models.contract import Trace


class Look(NamedTuple):
    """What a decoder is given of a source."""

    weights: NDArray[np.float32]
    """(layers, heads, target tokens, source tokens): row t is of the step that writes token t.
    Additive attention is one layer of one head; without attention there are no layers."""
    vector: NDArray[np.float32]
    """(width,) the one vector that stands for the whole source; () where there is attention."""
    reading: NDArray[np.float32]
    """(layers, heads, source tokens, source tokens) of the encoder, where it has attention."""
    writing: NDArray[np.float32]
    """(layers, heads, target tokens, target tokens) of the decoder to itself: row t is of the
    token that it reads to write token t, the first being the one a target starts with."""


@torch.inference_mode()
def look(model: Any, source: Sequence[int], target: Sequence[int], device: str = "cpu") -> Look:
    """Where a translator looks: Bahdanau et al. 2015 (arXiv 1409.0473), figure 3.

    source: ids with the end-of-text that closes it. target: what was written, without the token
    that it began with. Raises NumericalFault where a number is NaN or infinite.
    """
    read = torch.tensor([[model.start, *target[:-1]]], device=device)
    trace, text = Trace(), torch.tensor([list(source)], device=device)
    cache = model.new_cache(1, source=text)
    model.forward(read, cache, trace)
    of_source = getattr(model, "source_attention", None)
    parts = (
        stacked(trace.cross_attention, len(target), len(source)),
        torch.zeros(0) if trace.cross_attention else cache.source.memory[0, 0],
        stacked(of_source(text) if of_source else [], len(source), len(source)),
        stacked(trace.attention, len(target), len(target)),
    )
    if not all(bool(torch.isfinite(part).all()) for part in parts):
        raise NumericalFault(1)
    return Look(*(part.float().cpu().numpy() for part in parts))


def stacked(layers: Sequence[torch.Tensor], queries: int, keys: int) -> torch.Tensor:
    """The first row of every layer: (layers, heads, queries, keys), also where there is none."""
    if not layers:
        return torch.zeros(0, 0, queries, keys)
    return torch.stack([layer[0] for layer in layers])
