"""Decodes any LanguageModel, and looks into it. Knows ids and no text.

The worker imports this module, and with it torch; nothing on the way to the page does.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
import torch
from numpy.typing import NDArray

from inference.decoding.batch import Batch, to_numpy
from inference.decoding.lanes import Lane
from inference.decoding.request import Request
from inference.errors import NumericalFault
from inference.types import LaneState
from models.contract import C, LanguageModel, Trace


def decode(
    model: LanguageModel[C],
    prompt: Sequence[int],
    lanes: Sequence[Lane],
    new_tokens: int,
    device: str = "cpu",
    source: Sequence[int] = (),
) -> Iterator[tuple[LaneState, ...]]:
    """One request alone: the state of every lane after every step, until all have ended.

    source: for an encoder-decoder model, and for no other. Raises ValueError as `Batch.join` does,
    and whatever ended the request early.
    """
    batch, request = Batch(model, device), Request(prompt, lanes, new_tokens, source)
    batch.join(request)
    while not request.ended:
        if batch.step() and request.error is None:
            yield request.states
    if request.error is not None:
        raise request.error


@torch.inference_mode()
def attention(
    model: LanguageModel[C], ids: Sequence[int], device: str = "cpu"
) -> NDArray[np.float32]:
    """The attention of every head over one text: (layers, heads, queries, keys) float32.

    Raises NumericalFault where a weight is NaN or infinite.
    """
    trace = Trace()
    model.forward(torch.tensor([list(ids)], device=device), trace=trace)
    weights = to_numpy(torch.stack([layer[0] for layer in trace.attention]))
    if not np.isfinite(weights).all():
        raise NumericalFault(step=1)
    return weights
