"""Decodes any LanguageModel, and looks into it. Knows ids and no text.

The worker imports this module, and with it torch; nothing on the way to the page does.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from inference.decoding.batch import Batch, to_numpy
from inference.decoding.lanes import Lane
from inference.decoding.request import Request
from inference.errors import NumericalFault
from inference.types.generation import LaneState
from models.contract import C, LanguageModel, Trace
from models.transformer.bidirectional import Bidirectional


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
    model: LanguageModel[C] | Bidirectional, ids: Sequence[int], device: str = "cpu"
) -> NDArray[np.float32]:
    """The attention of every head over one text: (layers, heads, queries, keys) float32.

    Of a model with a source, that of a source to itself. Raises NumericalFault where a weight is
    NaN or infinite.
    """
    text, trace = torch.tensor([list(ids)], device=device), Trace()
    of_source: Any = getattr(model, "source_attention", None)
    if of_source is not None:
        trace.attention += of_source(text)
    else:
        model.forward(text, trace=trace)
    weights = to_numpy(torch.stack([layer[0] for layer in trace.attention]))
    if not np.isfinite(weights).all():
        raise NumericalFault(1)
    return weights


@torch.inference_mode()
def hidden(
    model: LanguageModel[C] | Bidirectional, ids: Sequence[int], device: str = "cpu"
) -> NDArray[np.float32]:
    """The residual stream after the embedding and after every layer, of one text.

    (layers + 1, positions, width) float32, before any last normalisation; (0,) of a model that
    does not record it. Raises NumericalFault where a number is NaN or infinite.
    """
    trace = Trace()
    model.forward(torch.tensor([list(ids)], device=device), trace=trace)
    if not trace.hidden:
        return np.zeros(0, dtype=np.float32)
    states = to_numpy(torch.stack([layer[0] for layer in trace.hidden]))
    if not np.isfinite(states).all():
        raise NumericalFault(1)
    return states


@torch.inference_mode()
def fill(
    model: Bidirectional, ids: Sequence[int], gaps: Sequence[int], device: str = "cpu"
) -> NDArray[np.float64]:
    """The probability of every token in every gap of one text: (gaps, vocabulary).

    gaps: their positions among `ids`, where the mask stands. Raises NumericalFault where a logit
    is NaN or infinite.
    """
    logits = model(torch.tensor([list(ids)], device=device))[0, list(gaps)]
    if not torch.isfinite(logits).all():
        raise NumericalFault(1)
    probabilities: NDArray[np.float64] = logits.cpu().double().softmax(-1).numpy()
    return probabilities
