"""A run saves, logs and reports, and stopping in the middle changes nothing."""

from __future__ import annotations

import csv
import os
import signal
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
import torch

from learning import run_state
from learning.run import LOG, Progress, TrainingRun
from learning.trainer import Trainer
from models import files

New = Callable[..., Trainer]
Source = Callable[..., Iterator[np.ndarray]]


def nothing() -> None:
    """An export that writes no checkpoint."""


class Interrupted(Trainer):
    """A trainer whose process gets Ctrl-C during the eighth step."""

    def update(self, ids: torch.Tensor) -> torch.Tensor:
        loss = super().update(ids)
        if self.step == 8:
            os.kill(os.getpid(), signal.SIGINT)
        return loss


def test_it_exports_at_every_save_logs_and_reports(
    source: Source, new_trainer: New, tmp_path: Path
) -> None:
    run = TrainingRun(new_trainer(), tmp_path)
    exported: list[tuple[int, bool]] = []
    reports: list[Progress] = []
    run.run(
        source(),
        lambda: exported.append((run.trainer.step, run.trainer.model.training)),
        reports.append,
    )
    assert exported == [(15, False), (20, False)]  # what is measured there is not training
    with (tmp_path / LOG).open(newline="") as file:
        rows = list(csv.reader(file))
    assert [row[:2] for row in rows] == [["10", "1280"], ["20", "2560"]]
    assert [(r.step, r.tokens) for r in reports] == [(10, 1280), (20, 2560)]
    assert reports[1].loss < reports[0].loss
    assert (reports[0].minutes_left > 0, reports[1].minutes_left) == (True, 0)
    assert str(reports[0]).startswith("step 10/20  0.00 M tokens  loss ")


def test_stopping_and_resuming_gives_the_weights_of_an_uninterrupted_run(
    source: Source, new_trainer: New, tmp_path: Path
) -> None:
    whole = TrainingRun(new_trainer(), tmp_path / "whole")
    whole.run(source(), nothing)
    first = TrainingRun(new_trainer(Interrupted), tmp_path / "parts")
    first.run(source(), nothing)
    assert (first.trainer.step, first.trainer.finished) == (8, False)
    second = TrainingRun(new_trainer(), tmp_path / "parts")
    torch.nn.init.zeros_(second.trainer.model.embedding.weight)  # whatever it held is replaced
    assert second.resume()
    assert (second.trainer.step, second.seconds) == (8, first.seconds)
    second.run(source(8), nothing)
    assert second.seconds > first.seconds > 0
    expected = whole.trainer.model.state_dict()
    for name, weight in second.trainer.model.state_dict().items():
        torch.testing.assert_close(weight, expected[name], rtol=0, atol=0)


def test_there_is_nothing_to_resume_before_the_first_save(new_trainer: New, tmp_path: Path) -> None:
    assert not TrainingRun(new_trainer(), tmp_path).resume()


def test_a_crash_while_saving_leaves_the_old_state_whole(
    new_trainer: New, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    trainer = new_trainer()
    run_state.save(tmp_path, trainer.model, trainer.optimisers, 3, 1.5)

    def crash(*_: object, **__: object) -> None:
        (tmp_path / f"{run_state.STATE}.partial").write_bytes(b"half")
        raise OSError("disk full")

    monkeypatch.setattr(files, "save_file", crash)
    with pytest.raises(OSError, match="disk full"):
        run_state.save(tmp_path, trainer.model, trainer.optimisers, 4, 2.5)
    assert run_state.load(tmp_path, trainer.model, trainer.optimisers) == (3, 1.5)
