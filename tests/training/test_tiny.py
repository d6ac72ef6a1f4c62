"""`make train-tiny`: every model of the collection, trained on our own text, fit for the app."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch

from inference import tokenizing, vectors
from inference.service import Service
from inference.types import GenerationOptions
from inference.writers import WRITERS
from models import loading
from models.transformer import checkpoint
from models.words import vectors as word_vectors
from training import growing, tiny
from training.paths import Paths

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def where(tmp_path_factory: pytest.TempPathFactory) -> Paths:
    threads = torch.get_num_threads()
    trained = tiny.train(tmp_path_factory.mktemp("tiny"))
    torch.set_num_threads(threads)
    return trained


def test_every_folder_of_the_collection_is_there(where: Paths, checkpoints: Path) -> None:
    found = {path.name for path in where.checkpoints.iterdir()}
    assert found == set(tiny.TRAININGS)
    assert {path.name for path in checkpoints.iterdir()} <= found
    assert not list(where.checkpoints.rglob("*.partial")) + list(where.checkpoints.rglob("*.tmp"))


@pytest.mark.parametrize("name", [writer.folder for writer in WRITERS.values()])
def test_every_writer_predicts_over_its_whole_vocabulary(where: Paths, name: str) -> None:
    model = loading.load(where.checkpoints / name)
    with torch.inference_mode():
        logits = model.forward(torch.tensor([[1, 2, 3], [4, 5, 6]]), model.new_cache(2))
    assert logits.shape == (2, 3, model.vocabulary)
    assert torch.isfinite(logits).all()


def test_the_service_runs_on_it_whichever_model_is_asked_for(where: Paths) -> None:
    service = Service(where.checkpoints)
    for model in WRITERS:
        *_, last = service.generate("The fox", GenerationOptions(new_tokens=4), model=model)
        assert [len(lane.steps) for lane in last.lanes] == [4] * 5, model
    *_, maps = service.attention("The fox slept.")
    assert maps.weights.shape[:2] == (2, 2)
    for tokenizer in tokenizing.NAMES:
        assert service.tokenize("The fox slept.", tokenizer=tokenizer).ids, tokenizer
    for name in vectors.NAMES:
        assert "fox" in service.word_vectors(name).index, name


def test_a_growing_model_is_there_at_every_age(where: Paths) -> None:
    for step in tiny.GROWING.snapshots:
        folder = growing.folder_of(where, step)
        assert checkpoint.load(folder).config.width == tiny.SHAPE.width


def test_all_word_vectors_share_one_vocabulary(where: Paths) -> None:
    folder = where.checkpoints / "word-vectors"
    whole = word_vectors.load(folder, "skip-gram-1")
    for name in vectors.NAMES:
        other = word_vectors.load(folder, name)
        assert other.words == whole.words[: len(other.words)]
        assert np.isfinite(other.unit).all()
