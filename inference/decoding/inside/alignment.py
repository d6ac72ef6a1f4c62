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


@torch.inference_mode()
def look(model: Any, source: Sequence[int], target: Sequence[int], device: str = "cpu") -> Look:
    """Where a translator looks: Bahdanau et al. 2015 (arXiv 1409.0473), figure 3.

    source: ids with the end-of-text that closes it. target: what was written, without the token
    that it began with. Raises NumericalFault where a number is NaN or infinite.
    """
    read = torch.tensor([[model.start, *target[:-1]]], device=device)
    trace = Trace()
    cache = model.new_cache(1, source=torch.tensor([list(source)], device=device))
    model.forward(read, cache, trace)
    if not trace.cross_attention:
        weights = torch.zeros(0, 0, len(target), len(source))
        vector = cache.source.memory[0, 0]
    else:
        weights = torch.stack([layer[0] for layer in trace.cross_attention])
        vector = torch.zeros(0)
    if not (torch.isfinite(weights).all() and torch.isfinite(vector).all()):
        raise NumericalFault(step=1)
    return Look(weights.float().cpu().numpy(), vector.float().cpu().numpy())
