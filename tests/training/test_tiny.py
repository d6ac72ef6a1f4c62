"""`make train-tiny`: every model of the collection, trained on our own text, fit for the app."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch

from inference.collection import COLLECTION
from models import loading
from models.transformer import checkpoint
from models.words import maps
from models.words import vectors as word_vectors
from training import growing, tiny
from training.paths import Paths

pytestmark = pytest.mark.slow


@pytest.fixture
def where(tiny_collection: Paths) -> Paths:
    return tiny_collection


def test_every_folder_of_the_collection_is_there(where: Paths, checkpoints: Path) -> None:
    found = {path.name for path in where.checkpoints.iterdir()}
    assert found == set(tiny.TRAININGS)
    assert {path.name for path in checkpoints.iterdir()} <= found
    assert not list(where.checkpoints.rglob("*.partial")) + list(where.checkpoints.rglob("*.tmp"))


@pytest.mark.parametrize("name", [one.folder for one in COLLECTION if "write" in one.can])
def test_every_writer_predicts_over_its_whole_vocabulary(where: Paths, name: str) -> None:
    model = loading.load(where.checkpoints / name)
    with torch.inference_mode():
        logits = model.forward(torch.tensor([[1, 2, 3], [4, 5, 6]]), model.new_cache(2))
    assert logits.shape == (2, 3, model.vocabulary)
    assert torch.isfinite(logits).all()


def test_a_growing_model_is_there_at_every_age(where: Paths) -> None:
    for step in tiny.GROWING.snapshots:
        folder = growing.folder_of(where, step)
        assert checkpoint.load(folder).config.width == tiny.SHAPE.width


def test_all_word_vectors_share_one_vocabulary(where: Paths) -> None:
    folder = where.checkpoints / "word-vectors"
    whole = word_vectors.load(folder, "skip-gram-1")
    for name in word_vectors.NAMES:
        other = word_vectors.load(folder, name)
        assert other.words == whole.words[: len(other.words)]
        assert np.isfinite(other.unit).all()


def test_umap_keeps_more_than_chance_and_fits_the_frame(where: Paths) -> None:
    for name in maps.NAMES:
        drawn = maps.load(where.checkpoints / "word-vectors", name)
        for dimensions in (2, 3):
            one = drawn.one("umap", dimensions, seed=1)
            assert one.points.shape == (60, dimensions)
            assert np.abs(one.points).max() == 1.0
            assert one.points.mean(axis=0) == pytest.approx(0.0, abs=1e-3)
            assert one.kept.mean() > 2 * maps.NEIGHBOURS / 60, name
