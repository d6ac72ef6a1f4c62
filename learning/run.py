"""A training run that can be stopped and resumed: it saves its state, keeps a log and reports."""

from __future__ import annotations

import csv
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from learning import run_state
from learning.trainer import Trainer

LOG = "log.csv"


@dataclass(frozen=True)
class Progress:
    """How far a run is; as text, one line."""

    step: int
    steps: int
    tokens: int
    """Seen so far, over every part of the run."""
    loss: float
    """Mean over the steps since the last report, in nats per token."""
    rate: float
    """Tokens per second, since this part of the run began."""
    minutes_left: float

    def __str__(self) -> str:
        return (
            f"step {self.step}/{self.steps}  {self.tokens / 1e6:.2f} M tokens  "
            f"loss {self.loss:.4f}  {self.rate:,.0f} tokens/s  {self.minutes_left:.1f} min left"
        )


class TrainingRun:
    """A trainer whose state and log are in `folder`."""

    def __init__(self, trainer: Trainer, folder: Path) -> None:
        self.trainer = trainer
        self.folder = folder
        self.seconds = 0.0
        """Wall time of training so far, over every part of the run."""

    def resume(self) -> bool:
        """Go on from the state in `folder`; False where there is none."""
        if not (self.folder / run_state.STATE).exists():
            return False
        trainer = self.trainer
        trainer.step, self.seconds = run_state.load(self.folder, trainer.model, trainer.optimisers)
        return True

    def run(
        self,
        batches: Iterator[np.ndarray],
        export: Callable[[], None],
        report: Callable[[Progress], None] = print,
    ) -> None:
        """Train until all steps are done or the run is stopped: Ctrl-C and SIGTERM do.

        batches: beginning at what has not been seen. `export` is called after every save, to
        write the weights where others find them.
        """
        trainer, schedule = self.trainer, self.trainer.schedule
        started, first, before = time.monotonic(), trainer.step, self.seconds
        losses: list[float] = []
        with self._until_signalled():
            for loss in trainer.train(batches):
                losses.append(loss)
                passed = time.monotonic() - started
                self.seconds = before + passed
                if trainer.step % schedule.report_every == 0:
                    rate = (trainer.step - first) * schedule.step_tokens / passed
                    report(self._log(float(np.mean(losses)), rate))
                    losses = []
                if schedule.saves_at(trainer.step) and not trainer.finished:
                    self._save(export)
            self._save(export)

    def _save(self, export: Callable[[], None]) -> None:
        trainer = self.trainer
        run_state.save(self.folder, trainer.model, trainer.optimisers, trainer.step, self.seconds)
        trainer.model.eval()
        export()
        trainer.model.train()

    def _log(self, loss: float, rate: float) -> Progress:
        step, schedule = self.trainer.step, self.trainer.schedule
        left = (schedule.steps - step) * schedule.step_tokens / rate / 60
        progress = Progress(step, schedule.steps, step * schedule.step_tokens, loss, rate, left)
        self.folder.mkdir(parents=True, exist_ok=True)
        with (self.folder / LOG).open("a", newline="") as file:
            csv.writer(file).writerow([step, progress.tokens, f"{loss:.5f}", f"{rate:.0f}"])
        return progress

    @contextmanager
    def _until_signalled(self) -> Iterator[None]:
        """Inside, Ctrl-C and SIGTERM end the run after the step at hand, saved."""
        signals = (signal.SIGINT, signal.SIGTERM)
        before = [signal.signal(name, lambda *_: self.trainer.stop()) for name in signals]
        try:
            yield
        finally:
            for name, handler in zip(signals, before, strict=True):
                signal.signal(name, handler)
