"""A growing storyteller is kept at doubling ages, and a stop loses none of them."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
import torch

from learning.trainer import Trainer
from models.transformer import checkpoint
from models.transformer.model import Transformer, TransformerConfig
from training import growing
from training.evaluation import growing as evaluate_growing
from training.growing import Recipe
from training.paths import Paths

pytestmark = pytest.mark.slow

SHAPE = TransformerConfig(vocabulary=300, context=32, layers=2, heads=2, width=32, feed_forward=64)
RECIPE = Recipe(SHAPE, 20 * 4 * 32, batch=4, first_snapshot=4, warm_up=2, compile=False)


@pytest.fixture
def paths(tiny_corpus: Path, tmp_path: Path) -> Paths:
    return Paths(tiny_corpus, tmp_path / "checkpoints", tmp_path / "runs")


def ages(paths: Paths) -> list[str]:
    return sorted(path.name for path in (paths.checkpoints / growing.NAME).glob("step-*"))


def embedding_at(paths: Paths, step: int) -> torch.Tensor:
    return checkpoint.load(growing.folder_of(paths, step)).embedding.weight.detach()


def test_it_is_kept_at_step_0_then_at_doubling_steps_and_at_the_end(paths: Paths) -> None:
    assert RECIPE.snapshots == (0, 4, 8, 16, 20)
    growing.train(paths, RECIPE)
    assert ages(paths) == ["step-00000", "step-00004", "step-00008", "step-00016", "step-00020"]
    changes = [
        float((embedding_at(paths, step) - embedding_at(paths, 0)).norm())
        for step in RECIPE.snapshots
    ]
    assert changes == sorted(changes)
    assert changes[0] == 0 < changes[1]


def test_every_age_is_measured_and_the_oldest_knows_most(paths: Paths) -> None:
    growing.train(paths, RECIPE)
    figures = evaluate_growing.evaluate(
        paths.checkpoints / growing.NAME, ["The fox slept in the forest. " * 20], 128, stride=16
    )
    rows = figures[evaluate_growing.SECTION]
    assert list(rows) == ["0 steps", "4 steps", "8 steps", "16 steps", "20 steps"]
    assert rows["20 steps"]["tokens seen"] == 20 * 128
    assert rows["20 steps"]["bits per byte"] < rows["0 steps"]["bits per byte"]
    born = figures[evaluate_growing.BIRTHS]["induction head"]
    assert born == {"not yet at": "20 steps", "there at": "never"}


def test_a_head_is_born_between_two_ages() -> None:
    ages = {f"{step} steps": {"score": score} for step, score in ((0, 0.1), (4, 0.3), (8, 0.31))}
    assert evaluate_growing.birth(ages, "score") == {
        "not yet at": "4 steps",
        "there at": "8 steps",
    }
    del ages["8 steps"]
    assert evaluate_growing.birth(ages, "score")["there at"] == "never"


def test_heads_that_look_back_are_found() -> None:
    """Attention by hand: one head on the token before, one on what followed the last time."""

    class Drawn(Transformer):
        def forward(self, ids, cache=None, trace=None):  # type: ignore[no-untyped-def]
            count = ids.shape[1]
            maps = torch.zeros(len(ids), 2, count, count)
            for query in range(1, count):
                maps[:, 1, query, query - 1] = 1
                maps[:, 0, query, max(0, query - SHAPE.context // 2 + 1)] = 0.5
            trace.attention += [torch.zeros_like(maps), maps]
            return ids

    before, again = evaluate_growing.looking_back(Drawn(SHAPE))
    assert (evaluate_growing.place(before), float(before[1, 1])) == ("layer 2, head 2", 1.0)
    assert (evaluate_growing.place(again), float(again[1, 0])) == ("layer 2, head 1", 0.5)
    assert float(again[1, 1]) == 0


def test_a_stopped_run_goes_on_to_the_same_snapshots(
    paths: Paths, monkeypatch: pytest.MonkeyPatch
) -> None:
    growing.train(paths, RECIPE)
    whole = [embedding_at(paths, step) for step in RECIPE.snapshots]
    other = replace(paths, checkpoints=paths.checkpoints, runs=paths.runs / "other")
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
    assert recipe.snapshots == (0, *(2**i for i in range(3, 14)))
    assert sum(p.numel() for p in Transformer(recipe.shape).parameters()) < 900_000
