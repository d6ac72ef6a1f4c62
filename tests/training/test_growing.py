"""A growing storyteller is kept at doubling ages, and a stop loses none of them."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
import torch

from models import checkpoint
from models.transformer import TransformerConfig
from training import growing, storyteller, tokenizers
from training.growing import Recipe
from training.places import Places
from training.trainer import Trainer

SHAPE = TransformerConfig(context=32, layers=2, heads=2, width=32, feed_forward=64)
RECIPE = Recipe(SHAPE, tokens=20 * 4 * 32, batch=4, warm_up=2, compile=False)


@pytest.fixture
def places(tiny_corpus: Path, tmp_path: Path) -> Places:
    found = Places(tiny_corpus, tmp_path / "checkpoints", tmp_path / "runs")
    tokenizer = tokenizers.byte_bpe(["the fox slept in the wood. " * 9], vocabulary=300)
    tokenizers.save(tokenizer, found.checkpoints / storyteller.NAME, context=32)
    return found


def ages(places: Places) -> list[str]:
    return sorted(path.name for path in (places.checkpoints / growing.NAME).glob("step-*"))


def embedding_at(places: Places, step: int) -> torch.Tensor:
    return checkpoint.load(growing.folder_of(places, step)).embedding.weight.detach()


def test_it_is_kept_at_step_0_then_at_doubling_steps_and_at_the_end(places: Places) -> None:
    assert RECIPE.snapshots == (0, 4, 8, 16, 20)
    growing.train(places, RECIPE)
    assert ages(places) == ["step-00000", "step-00004", "step-00008", "step-00016", "step-00020"]
    changes = [
        float((embedding_at(places, step) - embedding_at(places, 0)).norm())
        for step in RECIPE.snapshots
    ]
    assert changes == sorted(changes)
    assert changes[0] == 0 < changes[1]


def test_a_stopped_run_goes_on_to_the_same_snapshots(
    places: Places, monkeypatch: pytest.MonkeyPatch
) -> None:
    growing.train(places, RECIPE)
    whole = [embedding_at(places, step) for step in RECIPE.snapshots]
    other = replace(places, checkpoints=places.checkpoints, runs=places.runs / "other")
    update = Trainer.update

    def stop_at_ten(run: Trainer, ids: torch.Tensor) -> torch.Tensor:
        loss = update(run, ids)
        if run.step == 10:
            run.stop()
        return loss

    with monkeypatch.context() as patched:
        patched.setattr(Trainer, "update", stop_at_ten)
        growing.train(other, RECIPE)
    growing.train(other, RECIPE)
    for step, expected in zip(RECIPE.snapshots, whole, strict=True):
        torch.testing.assert_close(embedding_at(other, step), expected, rtol=0, atol=0)


def test_the_default_shape_and_its_snapshots_stay_small() -> None:
    recipe = Recipe()
    assert recipe.snapshots == (0, *(2**i for i in range(2, 13)))
    config = recipe.shape
    block = 4 * config.width**2 + 3 * config.width * config.feed_forward
    assert config.vocabulary * config.width + config.layers * block < 1_300_000
