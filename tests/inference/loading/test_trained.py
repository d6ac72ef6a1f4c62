"""Models that were trained here: who may ask for them, how long, and how many there are."""

from __future__ import annotations

import gc
import io
import json
import stat
import time
from collections.abc import Iterator
from pathlib import Path
from zipfile import ZipFile

import pytest

from inference.errors import ModelGone
from inference.limits import Limits
from inference.loading.trained import TrainedModels
from models.opened import INSIDE
from models.text.tokenizer import END_OF_TEXT

FILES = {
    "config.json": json.dumps({"model_type": "llama"}).encode(),
    "tokenizer.json": json.dumps({"model": {"vocab": {END_OF_TEXT: 0, "a": 1}}}).encode(),
    "model.safetensors": bytes(10_000),
}


class Clock:
    now = 100.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def models(clock: Clock) -> Iterator[TrainedModels]:
    limits = Limits(trained_models=3, trained_megabytes=0.05, trained_seconds=3_600)
    models = TrainedModels(limits, clock)
    yield models
    models.close()


def test_who_holds_the_name_has_the_model_for_an_hour(models: TrainedModels, clock: Clock) -> None:
    name = models.keep(FILES, "Small GPT, trained here")
    entry = models.entry(name)
    assert entry is not None
    assert (entry.name, entry.title, entry.kind) == (name, "Small GPT, trained here", "trained")
    assert entry.can == INSIDE | {"write", "attend", "remove heads"} and entry.opens
    folder = models.folder(name)
    assert folder is not None
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == FILES
    clock.now += 3_599
    assert models.entry(name) is entry
    clock.now += 2
    with pytest.raises(ModelGone, match="kept for 60 minutes"):
        models.entry(name)
    assert models.folder(name) is None and not folder.exists() and len(models) == 0


def test_a_text_without_an_end_has_no_heads_to_remove(models: TrainedModels) -> None:
    endless = FILES | {"tokenizer.json": b'{"model": {"vocab": {"a": 0, "b": 1}}}'}
    entry = models.entry(models.keep(endless, "One"))
    assert entry is not None and not entry.opens
    assert entry.can == INSIDE | {"write", "attend"}


def test_names_cannot_be_guessed_and_others_are_none(models: TrainedModels) -> None:
    names = {models.keep(FILES, "One") for _ in range(3)}
    assert len(names) == 3 and all(len(name) == len("trained-") + 22 for name in names)
    assert models.entry("storyteller") is None
    for invented in ("trained-", "trained-../../etc", f"trained-{'A' * 22}"):
        with pytest.raises(ModelGone):
            models.entry(invented)
        assert models.folder(invented) is None


def test_the_oldest_goes_first_by_number_and_by_bytes(models: TrainedModels) -> None:
    names = [models.keep(FILES, "One") for _ in range(4)]
    assert [models.folder(name) is not None for name in names] == [False, True, True, True]
    large = models.keep(FILES | {"model.safetensors": bytes(35_000)}, "Large")
    kept = [models.folder(name) is not None for name in (*names, large)]
    assert kept == [False, False, False, True, True]
    assert models.keep(FILES | {"model.safetensors": bytes(60_000)}, "Too large") == ""
    assert models.folder(large) is not None


def test_nobody_else_on_the_machine_can_read_them_and_nothing_stays(models: TrainedModels) -> None:
    folder = models.folder(models.keep(FILES, "One"))
    assert folder is not None
    assert stat.S_IMODE(folder.parent.stat().st_mode) == 0o700
    models.close()
    assert not folder.parent.exists()
    again = models.folder(models.keep(FILES, "One"))
    assert again is not None and again.exists()
    other = TrainedModels(Limits())
    left = other.folder(other.keep(FILES, "One"))
    assert left is not None and left.exists()
    del other
    gc.collect()
    assert not left.exists()


def test_they_go_when_nobody_looks() -> None:
    models = TrainedModels(Limits(trained_seconds=0.2))
    first = models.folder(models.keep(FILES, "One"))
    time.sleep(0.1)
    second = models.folder(models.keep(FILES, "Two"))
    assert first is not None and second is not None
    ends = time.monotonic() + 20
    while (first.exists() or second.exists()) and time.monotonic() < ends:
        time.sleep(0.02)
    assert not first.exists() and not second.exists()
    models.close()


def test_a_full_disk_keeps_nothing(
    models: TrainedModels, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def full(self: Path, content: bytes) -> int:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "write_bytes", full)
    assert models.keep(FILES, "One") == "" and len(models) == 0
    assert "No space left" in caplog.text


def test_the_archive_is_the_folder(models: TrainedModels) -> None:
    label, archive = models.packed(models.keep(FILES, "Small GPT, trained here"))
    assert label == "small-gpt-trained-here"
    with ZipFile(io.BytesIO(archive)) as packed:
        assert {name: packed.read(name) for name in packed.namelist()} == {
            f"{label}/{name}": content for name, content in FILES.items()
        }
    for nobody in ("storyteller", "trained-x", ""):
        with pytest.raises(ModelGone):
            models.packed(nobody)
