"""Training learns, a step at a time."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator

import numpy as np
import pytest
import torch

from learning.trainer import Trainer, precision

Source = Callable[..., Iterator[np.ndarray]]


def loss_of(trainer: Trainer, stream: np.ndarray) -> float:
    batch = torch.from_numpy(np.stack([stream[i : i + 33] for i in range(0, 640, 32)]))
    with torch.no_grad():
        return float(trainer.loss(batch))


def test_a_few_steps_lower_the_loss(
    stream: np.ndarray, source: Source, new_trainer: Callable[..., Trainer]
) -> None:
    trainer = new_trainer()
    before = loss_of(trainer, stream)
    assert before == pytest.approx(math.log(50), abs=0.2)  # at first it knows nothing
    losses = list(trainer.train(source()))
    assert trainer.finished and len(losses) == 20
    assert losses[0] == pytest.approx(math.log(50), abs=0.2)
    assert loss_of(trainer, stream) < before - 1.0


def test_it_does_one_step_when_it_is_asked_for_one_and_none_after_a_stop(
    source: Source, new_trainer: Callable[..., Trainer], capsys: pytest.CaptureFixture[str]
) -> None:
    trainer = new_trainer()
    steps = trainer.train(source())
    for expected in (1, 2, 3):
        next(steps)
        assert trainer.step == expected
    trainer.stop()
    assert list(steps) == []
    assert (trainer.step, trainer.finished) == (3, False)
    assert capsys.readouterr().out == ""


def test_both_optimisers_follow_the_schedule(
    source: Source, new_trainer: Callable[..., Trainer]
) -> None:
    trainer = new_trainer()
    seen = []
    for _ in trainer.train(source()):
        seen.append([o.param_groups[0]["lr"] for o in trainer.optimisers])
    assert seen[0] == pytest.approx([0.01, 0.005])  # half of the peaks: the warm-up has two steps
    assert seen[2] == pytest.approx([0.02, 0.01])
    assert seen[19] == pytest.approx([0.02 * (1 - 0.95 * 17 / 18), 0.01 * (1 - 0.95 * 17 / 18)])


@pytest.mark.parametrize(("supported", "dtype"), [(True, torch.bfloat16), (False, torch.float32)])
def test_a_cpu_without_bfloat16_trains_in_float32(
    monkeypatch: pytest.MonkeyPatch, supported: bool, dtype: torch.dtype
) -> None:
    monkeypatch.setattr(torch.ops.mkldnn, "_is_mkldnn_bf16_supported", lambda: supported)
    assert precision(torch.device("cpu")) == dtype
    assert precision(torch.device("cuda")) == torch.bfloat16


def test_an_lstm_trains_in_the_precision_of_this_machine() -> None:
    """oneDNN refuses one in bfloat16 where the processor has none."""
    lstm = torch.nn.LSTM(4, 8, batch_first=True)
    rounds = precision(torch.device("cpu")) != torch.float32
    with torch.autocast("cpu", dtype=torch.bfloat16, enabled=rounds):
        outputs, _ = lstm(torch.randn(2, 3, 4))
    assert outputs.isfinite().all()
