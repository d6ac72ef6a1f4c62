"""Decodes any LanguageModel: one prefill, many rows, one loop. Knows ids and no text.

The worker imports this module, and with it torch; nothing on the way to the page does.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
import torch
from numpy.typing import NDArray

from inference.errors import NumericalFault
from inference.lanes import ENDED, Lane
from inference.types import LaneState
from models.language_model import C, LanguageModel, Trace


def prepare() -> None:
    """One torch thread: two gain little beside a web server and collapse when it is busy."""
    torch.set_num_threads(1)


@torch.inference_mode()
def decode(
    model: LanguageModel[C],
    prompt: Sequence[int],
    lanes: Sequence[Lane],
    new_tokens: int,
    device: str = "cpu",
) -> Iterator[tuple[LaneState, ...]]:
    """Advance all lanes together, one token a step, in one batch.

    device: where the model lives. Yields the state of every lane after every step, until all have
    ended. Raises ValueError where prompt and new tokens exceed the context, NumericalFault on NaN
    or infinite logits.
    """
    cache = model.new_cache(rows=1, capacity=len(prompt) + new_tokens)
    logits = model.forward(torch.tensor([list(prompt)], device=device), cache)[:, -1]
    rows = np.zeros(len(lanes), dtype=np.int64)  # every lane opens with the one prefilled row
    owners = [1] * len(lanes)  # how many of the rows belong to each lane
    for step in range(1, new_tokens + 1):
        scores = _checked(logits, step)[rows]  # (rows, vocabulary)
        parents, ids, counts, start = [], [], [], 0
        for lane, count in zip(lanes, owners, strict=True):
            mine = scores[start : start + count]
            chosen = lane.advance(mine, new_tokens - step) if count else ENDED
            parents.append(rows[start + chosen.parents])
            ids.append(chosen.ids)
            counts.append(len(chosen.ids))
            start += count
        yield tuple(lane.state for lane in lanes)
        if not any(counts):
            return
        cache.reorder(torch.from_numpy(np.concatenate(parents)).to(device))
        column = torch.from_numpy(np.concatenate(ids))[:, None].to(device)  # (rows, 1)
        logits = model.forward(column, cache)[:, -1]
        rows, owners = np.arange(sum(counts)), counts


@torch.inference_mode()
def attention(
    model: LanguageModel[C], ids: Sequence[int], device: str = "cpu"
) -> NDArray[np.float32]:
    """The attention of every head over one text: (layers, heads, queries, keys) float32.

    Raises NumericalFault where a weight is NaN or infinite.
    """
    trace = Trace()
    model.forward(torch.tensor([list(ids)], device=device), trace=trace)
    return _checked(torch.stack([layer[0] for layer in trace.attention]), step=1)


def _checked(logits: torch.Tensor, step: int) -> NDArray[np.float32]:
    """A result as numpy float32; NaN and infinity reach neither a chooser nor the page."""
    scores: NDArray[np.float32] = logits.float().cpu().numpy()
    if not np.isfinite(scores).all():
        raise NumericalFault(step)
    return scores
