"""Optimisers, and how their learning rates run over a training."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable

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


def adamw(parameters: Iterable[nn.Parameter], rate: float) -> torch.optim.Optimizer:
    """AdamW without weight decay. rate: its peak."""
    return torch.optim.AdamW(parameters, lr=rate, betas=(0.9, 0.95), weight_decay=0.0)


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
