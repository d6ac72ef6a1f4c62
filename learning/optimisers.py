"""Optimisers, and how their learning rates run over a training."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from typing import Any

import torch
from torch import nn

LAST = 0.05  # share of the peak rate at the last step of a decay

Decay = Callable[[float], float]
"""The share of the peak rate, by the share of the steps after warm-up that are done."""


def constant(done: float) -> float:
    return 1.0


def linear(done: float) -> float:
    """Better than cosine at every short budget; Bergsma et al. 2025, arXiv 2502.15938."""
    return 1 - (1 - LAST) * done


def cosine(done: float) -> float:
    """Loshchilov & Hutter 2017, arXiv 1608.03983, without restarts."""
    return LAST + (1 - LAST) * (1 + math.cos(math.pi * done)) / 2


def rate_share(step: int, steps: int, warm_up: int, decay: Decay = linear) -> float:
    """The share of the peak rate at a step: linear warm-up, then the decay."""
    if step < warm_up:
        return (step + 1) / warm_up
    return decay(min(1.0, (step - warm_up) / max(1, steps - warm_up)))


def adamw(
    parameters: Iterable[nn.Parameter], rate: float, weight_decay: float = 0.0
) -> torch.optim.Optimizer:
    """AdamW; Loshchilov & Hutter 2019, arXiv 1711.05101. rate: its peak."""
    return torch.optim.AdamW(parameters, lr=rate, betas=(0.9, 0.95), weight_decay=weight_decay)


def muon_and_adamw(
    model: nn.Module,
    matrices: list[nn.Parameter],
    matrix_rate: float,
    other_rate: float,
    weight_decay: float,
) -> list[torch.optim.Optimizer]:
    """Muon (Jordan et al. 2024) for `matrices`, AdamW for everything else.

    Both rates are peaks. Weight decay is for the matrices alone.
    """
    chosen = {id(p) for p in matrices}
    others = [p for p in model.parameters() if id(p) not in chosen]
    muon = torch.optim.Muon(matrices, lr=matrix_rate, weight_decay=weight_decay)
    return [muon, adamw(others, other_rate)]


def matrices_of(model: nn.Module) -> list[nn.Parameter]:
    """What Muon is for: the matrices between the embedding and the output."""
    outer = ("embedding.weight", "output.weight")
    return [p for name, p in model.named_parameters() if p.dim() == 2 and name not in outer]


def optimisers(
    name: str, model: nn.Module, rate: float, weight_decay: float
) -> list[torch.optim.Optimizer]:
    """The optimisers of this name for all of a model. rate: the peak.

    Momentum is 0.9. The weight decay of sgd, momentum and adam is an L2 term of the loss, that of
    adamw and muon is apart from the gradients. Muon's matrices have the rate, the rest a tenth of
    it. Raises KeyError for any other name.
    """
    matrices = matrices_of(model)
    if name == "muon" and matrices:
        return muon_and_adamw(model, matrices, rate, rate / 10, weight_decay)
    settings: dict[str, Any] = {"lr": rate, "weight_decay": weight_decay}
    kinds: dict[str, Callable[[], torch.optim.Optimizer]] = {
        "sgd": lambda: torch.optim.SGD(model.parameters(), **settings),
        "momentum": lambda: torch.optim.SGD(model.parameters(), momentum=0.9, **settings),
        "adam": lambda: torch.optim.Adam(model.parameters(), betas=(0.9, 0.95), **settings),
        "adamw": lambda: adamw(model.parameters(), rate, weight_decay),
        "muon": lambda: adamw(model.parameters(), rate / 10, weight_decay),
    }
    return [kinds[name]()]
