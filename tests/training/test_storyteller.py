"""Training learns, and stopping in the middle changes nothing."""

from __future__ import annotations

import itertools
import math
from pathlib import Path

import numpy as np
import pytest
import torch

from models import checkpoint
from models.tokenizer import Tokenizer
from models.transformer import Transformer, TransformerConfig
from training import run_state, storyteller
from training import tokenizers as tokenizer_training
from training.storyteller import Recipe, Trainer, learning_rate, optimisers, stream_of, windows

CPU = torch.device("cpu")
RECIPE = Recipe(
    tokens=20 * 4 * 32,
    batch=4,
    warm_up=2,
    report_every=10,
    save_every=1000,
    matrix_rate=0.02,
    other_rate=0.01,
    compile=False,
)


def grammar(sentences: int, seed: int = 0) -> str:
    """Text of our own making: a small grammar that a small model can learn."""
    generator = np.random.default_rng(seed)
    who, did, where = (
        ["the fox", "the owl", "a child"],
        ["slept", "sang", "ran"],
        ["in the wood", "by the sea", "at home"],
    )
    return " ".join(
        " ".join(generator.choice(words) for words in (who, did, where)) + "."
        for _ in range(sentences)
    )


@pytest.fixture(scope="module")
def small() -> Tokenizer:
    return Tokenizer(tokenizer_training.byte_bpe([grammar(200)], vocabulary=300))


@pytest.fixture(scope="module")
def stream(small: Tokenizer) -> np.ndarray:
    return stream_of([grammar(60, seed) for seed in range(8)], small)


@pytest.fixture(autouse=True)
def own_folders(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A test must never write into the real run or the committed checkpoint."""
    monkeypatch.setattr(storyteller, "RUN", tmp_path / "run")
    monkeypatch.setattr(storyteller, "CHECKPOINT", tmp_path / "checkpoint")


def new_trainer(kind: type[Trainer] = Trainer) -> Trainer:
    torch.manual_seed(RECIPE.seed)
    shape = TransformerConfig(300, context=32, layers=2, heads=2, width=32, feed_forward=64)
    return kind(Transformer(shape), RECIPE, CPU)


class Stopping(Trainer):
    """A trainer that is told to stop after some steps, as by Ctrl-C."""

    last = 8

    def update(self, ids: torch.Tensor) -> torch.Tensor:
        loss = super().update(ids)
        if self.step == self.last:
            self.stop(2, None)
        return loss


def loss_of(model: Transformer, stream: np.ndarray) -> float:
    batch = torch.from_numpy(np.stack([stream[i : i + 33] for i in range(0, 640, 32)]))
    with torch.no_grad():
        logits = model(batch[:, :-1])
    return float(torch.nn.functional.cross_entropy(logits.flatten(0, 1), batch[:, 1:].flatten()))


def test_a_few_steps_lower_the_loss(stream: np.ndarray, small: Tokenizer) -> None:
    trainer = new_trainer()
    before = loss_of(trainer.model, stream)
    assert before == pytest.approx(math.log(300), abs=0.2)  # at first it knows nothing
    trainer.run(stream, [grammar(5)], small)
    assert trainer.step == trainer.steps == 20
    assert loss_of(trainer.model, stream) < before - 1.0


def test_stopping_and_resuming_gives_the_weights_of_an_uninterrupted_run(
    stream: np.ndarray, small: Tokenizer
) -> None:
    whole = new_trainer()
    whole.run(stream, [], small)
    first = new_trainer(Stopping)
    first.run(stream, [], small)
    assert first.step == 8
    second = new_trainer()
    torch.nn.init.zeros_(second.model.embedding.weight)  # whatever it held is replaced
    assert second.resume() == "resumed at step 8 with the full state"
    second.run(stream, [], small)
    expected = whole.model.state_dict()
    for name, weight in second.model.state_dict().items():
        torch.testing.assert_close(weight, expected[name], rtol=0, atol=0)


def test_without_the_full_state_training_goes_on_from_the_checkpoint(
    stream: np.ndarray, small: Tokenizer
) -> None:
    assert new_trainer().resume() == "from scratch"
    first = new_trainer()
    first.run(stream, [], small)
    (storyteller.RUN / run_state.STATE).unlink()
    second = new_trainer()
    assert "from the committed weights" in second.resume()
    saved = checkpoint.load(storyteller.CHECKPOINT).state_dict()
    for name, weight in second.model.state_dict().items():
        assert torch.equal(weight, saved[name])


def test_a_crash_while_saving_leaves_the_old_state_whole(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    trainer = new_trainer()
    run_state.save(tmp_path, trainer.model, trainer.optimisers, 3)

    def crash(*_: object, **__: object) -> None:
        (tmp_path / f"{run_state.STATE}.partial").write_bytes(b"half")
        raise OSError("disk full")

    monkeypatch.setattr(run_state, "save_file", crash)
    with pytest.raises(OSError, match="disk full"):
        run_state.save(tmp_path, trainer.model, trainer.optimisers, 4)
    assert run_state.load(tmp_path, trainer.model, trainer.optimisers) == 3


def test_every_weight_has_exactly_one_optimiser() -> None:
    model = new_trainer().model
    muon, adam = optimisers(model, RECIPE)
    given = [id(p) for o in (muon, adam) for group in o.param_groups for p in group["params"]]
    assert sorted(given) == sorted(id(p) for p in model.parameters())
    assert id(model.embedding.weight) in {id(p) for p in adam.param_groups[0]["params"]}


def test_the_learning_rate_rises_then_falls_in_straight_lines() -> None:
    rates = [learning_rate(step, steps=100, warm_up=10) for step in range(101)]
    assert rates[:10] == pytest.approx([(i + 1) / 10 for i in range(10)])
    assert rates[10] == 1.0
    assert rates[55] == pytest.approx((1 + 0.05) / 2)
    assert rates[100] == pytest.approx(0.05)


def test_an_epoch_visits_every_window_once_and_the_next_in_another_order() -> None:
    stream = np.arange(1000)
    source = windows(stream, length=10, seed=1, skip=0)
    seen = [next(source) for _ in range(250)]
    assert all(np.diff(window).tolist() == [1] * 10 for window in seen)
    starts = [int(window[0]) for window in seen]
    # every epoch opens at an offset of its own, which all its windows share
    epochs = [list(epoch) for _, epoch in itertools.groupby(starts, lambda start: start % 10)]
    assert len(epochs) == 3
    for epoch in epochs[:2]:
        assert np.diff(sorted(epoch)).tolist() == [10] * (len(epoch) - 1)
        assert len(epoch) in (98, 99)
        assert epoch != sorted(epoch)


@pytest.mark.parametrize("skip", [1, 50, 98, 99, 250])
def test_skipped_windows_are_those_already_seen(skip: int) -> None:
    stream = np.arange(1000)
    source = windows(stream, length=10, seed=1, skip=0)
    for _ in range(skip):
        next(source)
    resumed = windows(stream, length=10, seed=1, skip=skip)
    for _ in range(120):
        assert next(resumed).tolist() == next(source).tolist()
