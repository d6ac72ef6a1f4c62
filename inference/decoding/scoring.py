"""How surprising a model finds every token of a text, also of one beyond its context."""

from __future__ import annotations

from collections.abc import Generator, Sequence
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from inference.errors import NumericalFault
from models.contract import LanguageModel

FRESH = 4  # a window moves on by one part in so many of the context


def windows(count: int, context: int) -> list[tuple[int, int, int]]:
    """(start, end, first): ids start to end are read, and those from `first` on are scored.

    Every id but the first is scored once, and from context - context / `FRESH` ids before it at
    least, or from all there are.
    """
    found, first = [], 1
    while first < count:
        end = min(count, max(first + max(1, context // FRESH), context + 1))
        found.append((max(0, end - context - 1), end, first))
        first = end
    return found


def surprisals(
    model: LanguageModel[Any], ids: Sequence[int], device: str
) -> Generator[None, None, NDArray[np.float64]]:
    """Bits of every id after the first, (ids - 1,); a slice a window. Raises NumericalFault."""
    parts = []
    for start, end, first in windows(len(ids), model.context):
        parts.append(bits(model, ids[start:end], end - first, device))
        yield None
    return np.concatenate(parts)


def held(model: Any) -> int:
    """How many numbers a model has learned, or counts it stores."""
    learned = sum(weight.numel() for weight in model.parameters())
    return learned or len(model.counts.counts)


@torch.inference_mode()
def bits(
    model: LanguageModel[Any], ids: Sequence[int], scored: int, device: str
) -> NDArray[np.float64]:
    """Bits of the last `scored` of some ids, (scored,). Raises NumericalFault."""
    text = torch.tensor([list(ids)], device=device)
    logs = model.forward(text[:, :-1])[0, -scored:].double().log_softmax(-1).cpu()
    if not torch.isfinite(logs).all():
        raise NumericalFault(step=1)
    found: NDArray[np.float64] = (
        -logs.gather(1, text[0, -scored:, None].cpu())[:, 0] / np.log(2)
    ).numpy()
    return found
