"""The logit lens: what every state of the residual stream would say, read as the last one is.

nostalgebraist 2020. The last norm is applied once, then the head (truth: R17); early states lie
elsewhere than the head expects, so that what they say is biased (Belrose et al. 2023, arXiv
2303.08112).
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Sequence
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from inference.errors import NumericalFault, OrreryError
from inference.tasks.attention.lens import LensReading
from models.contract import Trace

Unembed = Callable[[torch.Tensor], torch.Tensor]


def read(
    model: Any, ids: Sequence[int], shown: int, device: str = "cpu"
) -> Generator[None, None, LensReading]:
    """One pass, then a state a slice. Raises NumericalFault, or OrreryError without a lens."""
    with torch.inference_mode():
        states, unembed = stream(model, torch.tensor([list(ids)], device=device))
        choice = unembed(states[-1]).argmax(-1).cpu()
    yield None
    layers = []
    for state in states:
        with torch.inference_mode():
            layers.append(_layer(unembed(state), choice, shown))
        yield None
    return LensReading(*(np.stack(parts) for parts in zip(*layers, strict=True)))


def stream(model: Any, ids: torch.Tensor) -> tuple[list[torch.Tensor], Unembed]:
    """Every state, (positions, width) each, and what makes logits of one."""
    if hasattr(model, "unembed"):
        trace = Trace()
        model.forward(ids, trace=trace)
        return [state[0] for state in trace.hidden], model.unembed
    from models.hub.causal import CausalModel  # noqa: PLC0415  # transformers
    from models.hub.stream import Stream  # noqa: PLC0415

    if not isinstance(model, CausalModel):
        raise OrreryError("Only a model that writes from left to right has a lens here.")
    try:
        found = Stream(model, ids)
    except ValueError as error:
        raise OrreryError(f"{error} Choose another model.") from error
    return found.states, found.unembed


def _layer(
    logits: torch.Tensor, choice: torch.Tensor, shown: int
) -> tuple[NDArray[Any], NDArray[Any], NDArray[Any], NDArray[Any], NDArray[Any]]:
    """logits: (positions, vocabulary) of one state."""
    logs = logits.double().log_softmax(-1).cpu()
    if not torch.isfinite(logs).all():
        raise NumericalFault(1)
    chances = logs.exp()
    order = torch.sort(logs, dim=-1, descending=True, stable=True).indices[:, :shown]
    own = logs.gather(-1, choice[:, None])
    return (
        order.numpy(),
        chances.gather(-1, order).numpy(),
        (-(chances * logs).sum(-1) / np.log(2)).numpy(),
        (1 + (logs > own).sum(-1)).numpy(),
        own[:, 0].exp().numpy(),
    )
