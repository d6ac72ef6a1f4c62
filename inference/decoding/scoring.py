"""How a model reads every token of a text, also of one beyond its context."""

from __future__ import annotations

from collections.abc import Generator, Sequence
from typing import Any, NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray

from inference.errors import NumericalFault
from models.contract import LanguageModel

FRESH = 4  # a window moves on by one part in so many of the context
EXPECTED = 5  # most probable tokens that are kept


class Read(NamedTuple):
    """Of some tokens: the fields of `inference.tasks.score.Scored`."""

    bits: NDArray[np.float64]
    entropy: NDArray[np.float64]
    ranks: NDArray[np.int64]
    expected: NDArray[np.int64]
    chances: NDArray[np.float64]


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


def read(model: LanguageModel[Any], ids: Sequence[int], device: str) -> Generator[None, None, Read]:
    """Every id after the first, (ids - 1) of them; a slice a window. Raises NumericalFault."""
    parts = []
    for start, end, first in windows(len(ids), model.context):
        logs = following(model, ids[start : end - 1], end - first, device)
        parts.append(_read(logs, torch.tensor(ids[first:end])))
        yield None
    return Read(*map(np.concatenate, zip(*parts, strict=True)))


def _read(logs: torch.Tensor, came: torch.Tensor) -> Read:
    """What log-probabilities (tokens, vocabulary) say of the ids that came, (tokens,)."""
    best, order = logs.sort(dim=-1, descending=True, stable=True)  # ties by lower id
    ranks = (order == came[:, None]).int().argmax(dim=-1) + 1
    return Read(
        _bits(logs, came),
        (-(logs.exp() * logs).sum(dim=-1) / np.log(2)).clamp(min=0).numpy(),
        ranks.numpy(),
        order[:, :EXPECTED].numpy(),
        best[:, :EXPECTED].exp().numpy(),
    )


def held(model: Any) -> int:
    """How many numbers a model has learned, or counts it stores."""
    learned = sum(weight.numel() for weight in model.parameters())
    return learned or len(model.counts.counts)


def bits(
    model: LanguageModel[Any], ids: Sequence[int], scored: int, device: str
) -> NDArray[np.float64]:
    """Bits of the last `scored` of some ids, (scored,). Raises NumericalFault."""
    return _bits(following(model, ids[:-1], scored, device), torch.tensor(ids[-scored:]))


def _bits(logs: torch.Tensor, came: torch.Tensor) -> NDArray[np.float64]:
    found: NDArray[np.float64] = (-logs.gather(1, came[:, None])[:, 0] / np.log(2)).numpy()
    return found


@torch.inference_mode()
def following(
    model: LanguageModel[Any], ids: Sequence[int], last: int, device: str
) -> torch.Tensor:
    """Log-probabilities after each of the last ids, (last, vocabulary). Raises NumericalFault."""
    text = torch.tensor([list(ids)], device=device)
    logs = model.forward(text)[0, -last:].double().log_softmax(-1).cpu()
    if not torch.isfinite(logs).all():
        raise NumericalFault(1)
    return logs
