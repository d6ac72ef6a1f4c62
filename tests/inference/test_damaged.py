"""A damaged checkpoint: its status says which model and why, and the others are served."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import load_file, save_file

from inference.errors import ModelUnavailable
from inference.service import Service
from inference.tasks.generate import Generate
from inference.types.generation import Generation
from inference.types.options import GenerationOptions, LaneOptions

OPTIONS = GenerationOptions((LaneOptions("Greedy"),), new_tokens=2)
DAMAGED, WHOLE = "mlp", "bigram"


def foreign_tokenizer(folder: Path) -> None:
    shutil.copy(folder.parents[1] / "byte-bpe" / "tokenizer.json", folder / "tokenizer.json")


def pipe(folder: Path) -> None:
    (folder / "model.safetensors").unlink()
    os.mkfifo(folder / "model.safetensors")


def pipe_for_config(folder: Path) -> None:
    (folder / "config.json").unlink()
    os.mkfifo(folder / "config.json")


def device(folder: Path) -> None:
    (folder / "tokenizer.json").unlink(missing_ok=True)
    (folder / "tokenizer.json").symlink_to("/dev/zero")


def file_for_folder(folder: Path) -> None:
    shutil.rmtree(folder)
    folder.write_text("no folder")


def weights(change: Callable[[np.ndarray], np.ndarray]) -> Callable[[Path], None]:
    def damage(folder: Path) -> None:
        stored = load_file(folder / "model.safetensors")
        name = sorted(stored)[0]
        save_file(stored | {name: change(stored[name])}, folder / "model.safetensors")

    return damage


DAMAGES: dict[str, tuple[Callable[[Path], None], str]] = {
    "foreign tokenizer": (foreign_tokenizer, "they do not belong together"),
    "pipe": (pipe, "model.safetensors in mlp is no regular file"),
    "pipe for config": (pipe_for_config, "config.json in mlp is no regular file"),
    "device": (device, "tokenizer.json in mlp is no regular file"),
    "file for folder": (file_for_folder, "mlp is a file and no folder"),
    "int16": (weights(lambda x: x.astype(np.int16)), "no floating-point numbers"),
    "nan": (weights(lambda x: np.full_like(x, np.nan)), "not finite"),
}


@pytest.fixture
def collection(checkpoints: Path, tmp_path: Path) -> Path:
    for name in (DAMAGED, WHOLE):
        shutil.copytree(checkpoints / "ladder" / name, tmp_path / "ladder" / name)
    if not (tmp_path / "ladder" / DAMAGED / "tokenizer.json").exists():
        shutil.copy(checkpoints / "ladder/tokenizer.json", tmp_path / "ladder/tokenizer.json")
    shutil.copytree(checkpoints / "tokenizers/byte-bpe", tmp_path / "byte-bpe")
    return tmp_path


@pytest.mark.weights
@pytest.mark.parametrize("name", DAMAGES)
def test_a_damaged_model_is_named_and_the_others_are_served(collection: Path, name: str) -> None:
    damage, reason = DAMAGES[name]
    damage(collection / "ladder" / DAMAGED)
    service = Service(collection, "cpu")
    with pytest.raises(ModelUnavailable, match=DAMAGED) as raised:
        list(service.run(Generate("Once", DAMAGED, OPTIONS)))
    broken = [one for one in service.status.models if not one.available]
    assert broken and all(DAMAGED in one.name for one in broken)
    assert reason in broken[0].reason and reason in str(raised.value)
    assert str(collection) not in f"{service.status}{raised.value}"
    *_, last = service.run(Generate("Once", WHOLE, OPTIONS))
    assert isinstance(last, Generation) and len(last.lanes[0].steps) == 2
    service.close(0.0)
