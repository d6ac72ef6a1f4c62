"""Arrays come back from their files as they went in, whole or cut, or the damaged file is named."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from models import files

ARRAYS = {
    "tall": np.arange(2300, dtype=np.float32).reshape(230, 10),
    "counts": np.arange(40, dtype=np.uint16),
    "wide": np.arange(3000, dtype=np.float16).reshape(3, 1000),
}


@pytest.mark.parametrize("most", [100_000, 8_000, 2_500])
def test_what_is_written_is_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, most: int
) -> None:
    monkeypatch.setattr(files, "SHARD_BYTES", most)
    written = files.save(tmp_path, "ppmi", ARRAYS)
    made = list(tmp_path.glob("*.safetensors"))
    assert written == sum(path.stat().st_size for path in made)
    assert all(path.stat().st_size < most + 2000 for path in made)  # a header beside the numbers
    assert (len(made) == 1) == (most == 100_000)
    loaded = files.load(tmp_path, "ppmi")
    assert loaded.keys() == ARRAYS.keys()
    for name, array in ARRAYS.items():
        assert loaded[name].dtype == array.dtype
        assert np.array_equal(loaded[name], array)


def test_more_than_ten_parts_keep_their_order(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(files, "SHARD_BYTES", 400)
    files.save(tmp_path, "x", {"tall": ARRAYS["tall"]})
    assert len(list(tmp_path.glob("x-*.safetensors"))) > 11
    assert np.array_equal(files.load(tmp_path, "x")["tall"], ARRAYS["tall"])


def test_small_files_take_the_place_of_large_ones_and_others_stay(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    files.save(tmp_path, "ppmi-svd", {"counts": ARRAYS["counts"]})
    with monkeypatch.context() as patch:
        patch.setattr(files, "SHARD_BYTES", 2_500)
        files.save(tmp_path, "ppmi", ARRAYS)
    files.save(tmp_path, "ppmi", {"counts": ARRAYS["counts"]})
    assert sorted(path.name for path in tmp_path.iterdir()) == [
        "ppmi-svd.safetensors",
        "ppmi.safetensors",
    ]
    assert list(files.load(tmp_path, "ppmi")) == ["counts"]


@pytest.fixture
def cut(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(files, "SHARD_BYTES", 8_000)
    files.save(tmp_path / "vectors", "ppmi", ARRAYS)
    return tmp_path / "vectors"


def test_t23_a_missing_shard_is_named(cut: Path) -> None:
    first = min(cut.glob("*.safetensors"))
    first.unlink()
    with pytest.raises(ValueError, match=f"{first.name} is missing from vectors"):
        files.load(cut, "ppmi")


@pytest.mark.parametrize("length", [0, 1, 9, 40])
def test_t23_a_truncated_shard_is_named(cut: Path, length: int) -> None:
    first = min(cut.glob("*.safetensors"))
    first.write_bytes(first.read_bytes()[:length])
    with pytest.raises(ValueError, match=f"{first.name} in vectors is damaged"):
        files.load(cut, "ppmi")


@pytest.mark.parametrize("content", ["", "[]", "{}", '{"weight_map": 3}'])
def test_t23_a_damaged_index_is_named(cut: Path, content: str) -> None:
    index = cut / "ppmi.safetensors.index.json"
    assert json.loads(index.read_text(encoding="utf-8"))["weight_map"]
    index.write_text(content, encoding="utf-8")
    with pytest.raises(ValueError, match=f"{index.name} in vectors is damaged"):
        files.load(cut, "ppmi")
