"""How far back a model looks: gradients of its predictions, and predictions after a swap."""

from __future__ import annotations

import copy
from collections.abc import Iterator, Sequence
from typing import Any, TypeVar

import numpy as np
import torch
from numpy.typing import NDArray

from inference.errors import NumericalFault
from models.contract import LanguageModel, Trace
from models.ladder.recurrent import Recurrent

Floats = NDArray[np.float64]
T = TypeVar("T")


def batched(items: Sequence[T], size: int) -> Iterator[Sequence[T]]:
    """The items, so many at a time: what one slice of work is given."""
    return (items[start : start + size] for start in range(0, len(items), size))


def scaled(model: Recurrent, factor: float) -> Recurrent:
    """A copy whose recurrent matrices are multiplied by a factor."""
    other = copy.deepcopy(model)
    with torch.no_grad():
        for layer in other.layers:
            layer.state_weight.mul_(factor)
    return other


def gradients(
    model: LanguageModel[Any], ids: Sequence[int], places: Sequence[int], device: str
) -> Floats | None:
    """The norm of the gradient of log p(next character) with respect to every character before.

    places: of the characters after which is predicted; the one after each must be there. Returns
    (places, distances): distance 0 is the character just read, nan lies before the text; None where
    nothing is embedded, as in a model of counts. Raises NumericalFault where one is not finite.
    """
    rows = torch.tensor([list(ids)] * len(places), device=device)
    at, trace = torch.arange(len(places), device=device), Trace(inside=False)
    following = torch.tensor([ids[place + 1] for place in places], device=device)
    # cuDNN takes no gradient through a recurrent network in evaluation mode
    with torch.enable_grad(), torch.backends.cudnn.flags(enabled=False):
        logits = model.forward(rows, trace=trace)
        if not trace.hidden:
            return None
        chosen = logits[at, torch.tensor(places, device=device)].log_softmax(-1)[at, following]
        (of_inputs,) = torch.autograd.grad(chosen.sum(), trace.hidden[:1])
    norms = of_inputs.double().norm(dim=-1).cpu().numpy()  # (places, characters) or with window
    if not np.isfinite(norms).all():
        raise NumericalFault(1)
    found = np.full((len(places), len(ids)), np.nan)
    for row, place in enumerate(places):
        before = norms[row, : place + 1] if norms.ndim == 2 else norms[row, place, -(place + 1) :]
        found[row, : len(before)] = before[::-1]
        found[row, len(before) : place + 1] = 0.0  # beyond the window
    return found


@torch.inference_mode()
def swaps(
    model: LanguageModel[Any], ids: Sequence[int], others: Sequence[tuple[int, int]], device: str
) -> Floats:
    """By how many bits predictions move when one character is another.

    others: (place, the id that stands there instead). Returns (others, distances), the
    Kullback-Leibler divergence of the distribution after every character from the place on; nan
    beyond the text. Raises NumericalFault.
    """
    rows = torch.tensor([list(ids)] * (len(others) + 1), device=device)
    for row, (place, other) in enumerate(others, 1):
        rows[row, place] = other
    logs = model.forward(rows).double().log_softmax(-1).cpu()
    if not torch.isfinite(logs).all():
        raise NumericalFault(1)
    moved = (logs[0].exp() * (logs[:1] - logs[1:])).sum(-1).clamp(min=0).numpy() / np.log(2)
    found = np.full((len(others), len(ids)), np.nan)
    for row, (place, _) in enumerate(others):
        found[row, : len(ids) - place] = moved[row, place:]
    return found


@torch.inference_mode()
def removals(
    model: LanguageModel[Any], ids: Sequence[int], places: Sequence[int], device: str
) -> Floats:
    """By how many bits predictions move when one character is left out.

    places: of the characters, the first of the text not among them. Returns (places, distances) as
    `swaps` does; what follows a character that is left out is said after the one before it.
    Raises NumericalFault.
    """
    whole = torch.tensor([list(ids)], device=device)
    rows = torch.tensor([[*ids[:at], *ids[at + 1 :]] for at in places], device=device)
    logs, others = (model.forward(one).double().log_softmax(-1).cpu() for one in (whole, rows))
    if not (torch.isfinite(logs).all() and torch.isfinite(others).all()):
        raise NumericalFault(1)
    moved = (logs[:, 1:].exp() * (logs[:, 1:] - others)).sum(-1).clamp(min=0).numpy() / np.log(2)
    found = np.full((len(places), len(ids)), np.nan)
    for row, place in enumerate(places):
        found[row, : len(ids) - place] = moved[row, place - 1 :]
    return found
