"""The loop that every network here is trained by: update, report, save, and stop when asked.

What differs between runs comes in from outside: the model, its loss on a batch, the optimisers,
and where the batches come from.
"""

from __future__ import annotations

import csv
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import FrameType

import numpy as np
import torch
import torch.nn.functional as F
from torch import nn

from learning import run_state


@dataclass(frozen=True)
class Pace:
    """How long a run is, and how often it speaks and saves; all but `step_tokens` in steps."""

    steps: int
    step_tokens: int
    """Tokens that one step learns from."""
    warm_up: int
    report_every: int
    save_every: int
    save_also: frozenset[int] = frozenset()
    """Further steps to save at, such as those of snapshots."""

    def saves_at(self, step: int) -> bool:
        return step % self.save_every == 0 or step in self.save_also


def learning_rate(step: int, steps: int, warm_up: int) -> float:
    """Share of the peak rate: linear warm-up, then linear to a twentieth of it.

    Linear decay beats cosine at every short budget; Bergsma et al. 2025, arXiv 2502.15938.
    """
    if step < warm_up:
        return (step + 1) / warm_up
    return 1 - 0.95 * min(1.0, (step - warm_up) / max(1, steps - warm_up))


def optimisers(
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
    return [
        torch.optim.Muon(matrices, lr=matrix_rate, weight_decay=weight_decay),
        torch.optim.AdamW(others, lr=other_rate, betas=(0.9, 0.95), weight_decay=0.0),
    ]


def next_token_loss(model: nn.Module) -> Callable[[torch.Tensor], torch.Tensor]:
    """The loss of a model on (rows, positions + 1) ids: mean nats of every id but the first."""

    def loss(ids: torch.Tensor) -> torch.Tensor:
        logits = model(ids[:, :-1])  # (rows, positions, vocabulary)
        return F.cross_entropy(logits.flatten(0, 1).float(), ids[:, 1:].flatten())

    return loss


class Trainer:
    """One run: model, optimisers, how far it is, and its log in `folder`."""

    def __init__(
        self,
        model: nn.Module,
        loss: Callable[[torch.Tensor], torch.Tensor],
        optimisers: list[torch.optim.Optimizer],
        pace: Pace,
        folder: Path,
        device: torch.device,
    ) -> None:
        self.model = model
        self.loss = loss
        self.optimisers = optimisers
        self.pace = pace
        self.folder = folder
        self.device = device
        self.peaks = [group["lr"] for o in optimisers for group in o.param_groups]
        self.step = 0
        self.seconds = 0.0
        """Wall time of training so far, over every part of the run."""
        self.stopped = False

    @property
    def finished(self) -> bool:
        return self.step >= self.pace.steps

    def update(self, ids: torch.Tensor) -> torch.Tensor:
        """One step of every optimiser on one batch; returns the loss in nats per token."""
        share = learning_rate(self.step, self.pace.steps, self.pace.warm_up)
        groups = [group for o in self.optimisers for group in o.param_groups]
        for group, peak in zip(groups, self.peaks, strict=True):
            group["lr"] = peak * share
        with torch.autocast(self.device.type, dtype=torch.bfloat16):
            loss = self.loss(ids)
        loss.backward()  # type: ignore[no-untyped-call]
        torch.nn.utils.clip_grad_norm_(self.model.parameters(), 1.0)
        for optimiser in self.optimisers:
            optimiser.step()
            optimiser.zero_grad(set_to_none=True)
        self.step += 1
        return loss.detach()

    def stop(self, _signal: int = 0, _frame: FrameType | None = None) -> None:
        self.stopped = True

    @contextmanager
    def until_signalled(self) -> Iterator[None]:
        """Inside, Ctrl-C and SIGTERM end the run after the step at hand, saved."""
        signals = (signal.SIGINT, signal.SIGTERM)
        before = [signal.signal(name, self.stop) for name in signals]
        try:
            yield
        finally:
            for name, handler in zip(signals, before, strict=True):
                signal.signal(name, handler)

    def resume(self) -> bool:
        """Go on from the state in `folder`; False where there is none."""
        if not (self.folder / run_state.STATE).exists():
            return False
        self.step, self.seconds = run_state.load(self.folder, self.model, self.optimisers)
        return True

    def run(self, batches: Iterator[np.ndarray], export: Callable[[], None]) -> None:
        """Train until all steps are done or the run is stopped.

        batches: (rows, positions + 1) ids each, beginning at what has not been seen. `export` is
        called after every save, to write the weights where others find them.
        """
        self.model.train()
        started, first, before, losses = time.monotonic(), self.step, self.seconds, []
        while not self.finished and not self.stopped:
            losses.append(self.update(torch.from_numpy(next(batches)).to(self.device)))
            self.seconds = before + time.monotonic() - started
            if self.step % self.pace.report_every == 0:
                self.report(float(torch.stack(losses).mean()), time.monotonic() - started, first)
                losses = []
            if self.pace.saves_at(self.step) and not self.finished:
                self._save(export)
        self._save(export)

    def _save(self, export: Callable[[], None]) -> None:
        run_state.save(self.folder, self.model, self.optimisers, self.step, self.seconds)
        self.model.eval()
        export()
        self.model.train()

    def report(self, loss: float, seconds: float, first: int) -> None:
        """One line on the screen and in the log; this part began `seconds` ago at step `first`."""
        step, steps, tokens = self.step, self.pace.steps, self.pace.step_tokens
        rate = (step - first) * tokens / seconds
        left = (steps - step) * tokens / rate / 60
        print(
            f"step {step}/{steps}  {step * tokens / 1e6:.2f} M tokens  loss {loss:.4f}  "
            f"{rate:,.0f} tokens/s  {left:.1f} min left",
            flush=True,
        )
        self.folder.mkdir(parents=True, exist_ok=True)
        with (self.folder / "log.csv").open("a", newline="") as file:
            csv.writer(file).writerow([step, step * tokens, f"{loss:.5f}", f"{rate:.0f}"])
