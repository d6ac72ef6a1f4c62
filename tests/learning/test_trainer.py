"""Training learns, and stopping in the middle changes nothing."""

from __future__ import annotations

import csv
import math
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import torch

from learning import run_state, trainer
from learning.stream import batches, windows
from learning.trainer import Pace, Trainer, learning_rate, optimisers
from models import files
from models.transformer.model import Transformer, TransformerConfig

CPU = torch.device("cpu")
PACE = Pace(steps=20, step_tokens=4 * 32, warm_up=2, report_every=10, save_every=15)


@pytest.fixture(scope="module")
def stream() -> np.ndarray:
    """Ids with a pattern that a small model can learn: each is the one before plus 1 or 2."""
    return np.random.default_rng(0).integers(1, 3, 10_000).cumsum() % 50


def new_model() -> Transformer:
    torch.manual_seed(5)
    return Transformer(
        TransformerConfig(50, context=32, layers=2, heads=2, width=32, feed_forward=64)
    )


def new_trainer(folder: Path, kind: type[Trainer] = Trainer) -> Trainer:
    model = new_model()
    matrices = list(matrices_of(model))
    chosen = optimisers(model, matrices, matrix_rate=0.02, other_rate=0.01, weight_decay=0.05)
    return kind(model, trainer.next_token_loss(model), chosen, PACE, folder, CPU)


def matrices_of(model: Transformer) -> Iterator[torch.nn.Parameter]:
    return (p for p in model.blocks.parameters() if p.dim() == 2)


def source(stream: np.ndarray, step: int = 0) -> Iterator[np.ndarray]:
    return batches(windows(stream, 32, seed=1, skip=step * 4), rows=4)


def nothing() -> None:
    """An export that writes no checkpoint."""


class Stopping(Trainer):
    """A trainer that is told to stop after some steps, as by Ctrl-C."""

    last = 8

    def update(self, ids: torch.Tensor) -> torch.Tensor:
        loss = super().update(ids)
        if self.step == self.last:
            self.stop(2, None)
        return loss


def loss_of(run: Trainer, stream: np.ndarray) -> float:
    batch = torch.from_numpy(np.stack([stream[i : i + 33] for i in range(0, 640, 32)]))
    with torch.no_grad():
        return float(run.loss(batch))


def test_a_few_steps_lower_the_loss(stream: np.ndarray, tmp_path: Path) -> None:
    run = new_trainer(tmp_path)
    before = loss_of(run, stream)
    assert before == pytest.approx(math.log(50), abs=0.2)  # at first it knows nothing
    run.run(source(stream), nothing)
    assert run.finished
    assert loss_of(run, stream) < before - 1.0


def test_it_exports_at_every_save_and_logs_every_report(stream: np.ndarray, tmp_path: Path) -> None:
    run, exported = new_trainer(tmp_path), []
    run.run(source(stream), lambda: exported.append((run.step, run.model.training)))
    assert exported == [(15, False), (20, False)]  # what is measured there is not training
    with (tmp_path / "log.csv").open(newline="") as file:
        rows = list(csv.reader(file))
    assert [row[:2] for row in rows] == [["10", "1280"], ["20", "2560"]]
    assert float(rows[1][2]) < float(rows[0][2])


def test_stopping_and_resuming_gives_the_weights_of_an_uninterrupted_run(
    stream: np.ndarray, tmp_path: Path
) -> None:
    whole = new_trainer(tmp_path / "whole")
    whole.run(source(stream), nothing)
    first = new_trainer(tmp_path / "parts", Stopping)
    first.run(source(stream), nothing)
    assert (first.step, first.finished) == (8, False)
    second = new_trainer(tmp_path / "parts")
    torch.nn.init.zeros_(second.model.embedding.weight)  # whatever it held is replaced
    assert second.resume()
    assert (second.step, second.seconds) == (8, first.seconds)
    second.run(source(stream, second.step), nothing)
    assert second.seconds > first.seconds > 0
    expected = whole.model.state_dict()
    for name, weight in second.model.state_dict().items():
        torch.testing.assert_close(weight, expected[name], rtol=0, atol=0)


def test_there_is_nothing_to_resume_before_the_first_save(tmp_path: Path) -> None:
    assert not new_trainer(tmp_path).resume()


def test_a_crash_while_saving_leaves_the_old_state_whole(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = new_trainer(tmp_path)
    run_state.save(tmp_path, run.model, run.optimisers, 3, 1.5)

    def crash(*_: object, **__: object) -> None:
        (tmp_path / f"{run_state.STATE}.partial").write_bytes(b"half")
        raise OSError("disk full")

    monkeypatch.setattr(files, "save_file", crash)
    with pytest.raises(OSError, match="disk full"):
        run_state.save(tmp_path, run.model, run.optimisers, 4, 2.5)
    assert run_state.load(tmp_path, run.model, run.optimisers) == (3, 1.5)


def test_every_weight_has_exactly_one_optimiser() -> None:
    model = new_model()
    muon, adam = optimisers(model, list(matrices_of(model)), 0.02, 0.01, 0.05)
    given = [id(p) for o in (muon, adam) for group in o.param_groups for p in group["params"]]
    assert sorted(given) == sorted(id(p) for p in model.parameters())
    assert id(model.embedding.weight) in {id(p) for p in adam.param_groups[0]["params"]}


def test_the_learning_rate_rises_then_falls_in_straight_lines() -> None:
    rates = [learning_rate(step, steps=100, warm_up=10) for step in range(101)]
    assert rates[:10] == pytest.approx([(i + 1) / 10 for i in range(10)])
    assert rates[10] == 1.0
    assert rates[55] == pytest.approx((1 + 0.05) / 2)
    assert rates[100] == pytest.approx(0.05)
