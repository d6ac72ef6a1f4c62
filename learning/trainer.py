"""The loop that every network here is trained by, a step at a time.

What differs between runs comes in from outside: the model, its loss on a batch, the optimisers,
and where the batches come from.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
import torch
import torch.nn.functional as F
from torch import nn

from learning.optimisers import Decay, linear, rate_share

CLIP = 1.0  # largest norm of all gradients together


def next_token_loss(model: nn.Module) -> Callable[[torch.Tensor], torch.Tensor]:
    """The loss of a model on (rows, positions + 1) ids: mean nats of every id but the first."""

    def loss(ids: torch.Tensor) -> torch.Tensor:
        logits = model(ids[:, :-1])  # (rows, positions, vocabulary)
        return F.cross_entropy(logits.flatten(0, 1).float(), ids[:, 1:].flatten())

    return loss


def precision(device: torch.device) -> torch.dtype:
    """What forward passes of a training compute in: bfloat16, or float32 on a CPU without it.

    Such a CPU emulates bfloat16 at a loss, and oneDNN has no LSTM for it there.
    """
    if device.type == "cpu" and not torch.ops.mkldnn._is_mkldnn_bf16_supported():
        return torch.float32
    return torch.bfloat16


@dataclass(frozen=True)
class Schedule:
    """How long a training is, and how often a run of it reports and saves; in steps."""

    steps: int
    step_tokens: int
    """Tokens that one step learns from."""
    warm_up: int
    report_every: int = 50
    save_every: int = 250
    save_also: frozenset[int] = frozenset()
    """Further steps to save at, such as those of snapshots."""
    decay: Decay = linear

    def saves_at(self, step: int) -> bool:
        return step % self.save_every == 0 or step in self.save_also


class Trainer:
    """A model, its optimisers, and how far its training is."""

    def __init__(
        self,
        model: nn.Module,
        loss: Callable[[torch.Tensor], torch.Tensor],
        optimisers: list[torch.optim.Optimizer],
        schedule: Schedule,
        device: torch.device,
        clip: float = CLIP,
        dtype: torch.dtype | None = None,
    ) -> None:
        """loss: of one batch of ids, a scalar in nats. The rates of the optimisers are peaks.

        clip: the largest norm of all gradients together. dtype: of the forward pass, `precision` of
        the device where it is None; float32 rounds nothing.
        """
        self.model = model
        self.loss = loss
        self.optimisers = optimisers
        self.schedule = schedule
        self.device = device
        self.clip = clip
        self.dtype = dtype or precision(device)
        self.peaks = [group["lr"] for o in optimisers for group in o.param_groups]
        self.step = 0
        self.norm = math.nan
        """Of all gradients of the last step together, before they were clipped."""
        self.stopped = False

    @property
    def finished(self) -> bool:
        return self.step >= self.schedule.steps

    def stop(self) -> None:
        """End `train` after the step at hand."""
        self.stopped = True

    def train(self, batches: Iterator[np.ndarray]) -> Iterator[float]:
        """One step at a time, until all are done or `stop` was called.

        batches: ids, (rows, positions + 1) for a next-token loss. Yields the loss of every step.
        """
        self.model.train()
        while not self.finished and not self.stopped:
            yield float(self.update(torch.from_numpy(next(batches)).to(self.device)))

    def update(self, ids: torch.Tensor) -> torch.Tensor:
        """One step of every optimiser on one batch; returns its loss.

        The gradients, clipped, stay until the next step.
        """
        schedule = self.schedule
        share = rate_share(self.step, schedule.steps, schedule.warm_up, schedule.decay)
        groups = [group for o in self.optimisers for group in o.param_groups]
        for group, peak in zip(groups, self.peaks, strict=True):
            group["lr"] = peak * share
        for optimiser in self.optimisers:
            optimiser.zero_grad(set_to_none=True)
        rounds = self.dtype != torch.float32
        with torch.autocast(self.device.type, dtype=torch.bfloat16, enabled=rounds):
            loss = self.loss(ids)
        loss.backward()  # type: ignore[no-untyped-call]
        parameters = self.model.parameters()
        self.norm = float(torch.nn.utils.clip_grad_norm_(parameters, self.clip))
        for optimiser in self.optimisers:
            optimiser.step()
        self.step += 1
        return loss.detach()
