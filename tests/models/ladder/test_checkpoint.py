"""Models of our own layouts come back as they went, and fail in plain words."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import load_file, save_file

from models.ladder import checkpoint as own_layout
from models.loading import load
from models.transformer.checkpoint import CheckpointError
from models.transformer.model import Transformer

NAMES = ["tiny_ngram", "tiny_window", "tiny_rnn", "tiny_lstm"]
IDS = torch.tensor([[3, 1, 4, 1, 5, 9, 2, 6]])


@pytest.fixture(params=NAMES)
def model(request: pytest.FixtureRequest) -> Any:
    return request.getfixturevalue(request.param)


@pytest.fixture
def folder(model: Any, tmp_path: Path) -> Path:
    own_layout.save(model, tmp_path / "tiny")
    return tmp_path / "tiny"


@torch.inference_mode()
def test_a_model_comes_back(model: Any, folder: Path) -> None:
    loaded = load(folder)
    assert type(loaded) is type(model)
    assert loaded.config == model.config
    assert not loaded.training
    exact = isinstance(model, own_layout.NGram)  # counts are whole, weights have 16 bits
    tolerance = 0.0 if exact else 0.02
    torch.testing.assert_close(loaded.forward(IDS), model.forward(IDS), rtol=0, atol=tolerance)
    own_layout.save(loaded, folder)  # what is rounded once is not rounded again
    again = load(folder)
    assert torch.equal(again.forward(IDS), loaded.forward(IDS))


def test_counts_take_as_few_bytes_as_they_need(tiny_ngram: Any, tmp_path: Path) -> None:
    own_layout.save(tiny_ngram, tmp_path)
    stored = {name: part.dtype for name, part in load_file(tmp_path / own_layout.WEIGHTS).items()}
    small, whole = torch.uint8, torch.int32
    assert stored == {"contexts": small, "tokens": small, "counts": whole, "ends": whole}


def test_a_llama_folder_opens_by_the_same_call(tiny: Transformer, tiny_folder: Path) -> None:
    loaded = load(tiny_folder)
    assert isinstance(loaded, Transformer)
    assert loaded.config == tiny.config


@pytest.mark.parametrize("name", ["config.json", own_layout.WEIGHTS])
def test_a_missing_file_is_named(folder: Path, name: str) -> None:
    (folder / name).unlink()
    with pytest.raises(CheckpointError, match=f"{name} is missing from tiny"):
        load(folder)


@pytest.mark.parametrize("keep", [0, 4, 60, -1])
def test_truncated_weights_are_named(folder: Path, keep: int) -> None:
    path = folder / own_layout.WEIGHTS
    path.write_bytes(path.read_bytes()[:keep])
    with pytest.raises(CheckpointError, match=r"model\.safetensors in tiny is damaged"):
        load(folder)


@pytest.mark.parametrize("content", ["", "{", "[]", "null", "7", '{"model_type": "orrery-oracle"}'])
def test_a_damaged_description_is_named(folder: Path, content: str) -> None:
    (folder / "config.json").write_text(content)
    with pytest.raises(CheckpointError, match=r"config\.json in tiny is damaged"):
        load(folder)


@pytest.mark.parametrize(
    "change", [{"vocabulary": 0}, {"vocabulary": "64"}, {"surprise": 1}, {"context": 2.5}]
)
def test_a_shape_that_cannot_be_is_refused(folder: Path, change: dict[str, Any]) -> None:
    path = folder / "config.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | change))
    with pytest.raises(CheckpointError, match=r"config\.json in tiny is damaged"):
        load(folder)


def test_weights_that_do_not_fit_are_refused(folder: Path) -> None:
    path = folder / own_layout.WEIGHTS
    weights = load_file(path)
    first = sorted(weights)[0]
    save_file({name: part for name, part in weights.items() if name != first}, path)
    with pytest.raises(CheckpointError, match=r"in tiny do not fit its config\.json"):
        load(folder)


@pytest.mark.parametrize("damage", ["unsorted", "too large", "ends", "negative"])
def test_counts_that_cannot_be_are_refused(tiny_ngram: Any, tmp_path: Path, damage: str) -> None:
    own_layout.save(tiny_ngram, tmp_path)
    parts = load_file(tmp_path / own_layout.WEIGHTS)
    if damage == "unsorted":
        parts["contexts"] = parts["contexts"].flip(0).contiguous()
    elif damage == "too large":
        parts["tokens"][0] = 200
    elif damage == "ends":
        parts["ends"][-1] += 1
    else:
        parts["counts"][0] = -1
    save_file(parts, tmp_path / own_layout.WEIGHTS)
    with pytest.raises(CheckpointError, match=r"do not fit its config\.json"):
        load(tmp_path)


def test_weights_that_are_no_finite_numbers_are_refused(folder: Path) -> None:
    path = folder / own_layout.WEIGHTS
    weights = load_file(path)
    name = sorted(weights)[0]
    counted = not weights[name].is_floating_point()
    wrong = [torch.full(weights[name].shape, torch.nan)]
    wrong += [] if counted else [weights[name].to(torch.int16)]
    said = "fit" if counted else f"{name} of .* in tiny .*(finite|floating-point)"
    for tensor in wrong:
        save_file(weights | {name: tensor}, path)
        with pytest.raises(CheckpointError, match=said):
            load(folder)
