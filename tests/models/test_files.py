"""Arrays come back from their files as they went in, whole or cut, or the damaged file is named."""

from __future__ import annotations

import errno
import json
import os
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
    files.save(tmp_path, "ppmi", ARRAYS)
    made = list(tmp_path.glob("*.safetensors"))
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


def test_a_crash_while_writing_leaves_the_old_file_whole(tmp_path: Path) -> None:
    path = tmp_path / "deep" / "config.json"
    files.write_json(path, {"size": 1})

    def crash() -> None:
        with files.replacing(path) as aside:
            aside.write_text('{"si')
            raise OSError("disk full")

    with pytest.raises(OSError, match="disk full"):
        crash()
    assert json.loads(path.read_text()) == {"size": 1}
    files.write_json(path, {"size": 2})  # what the crash left is written over
    assert [found.name for found in path.parent.iterdir()] == ["config.json"]
    assert json.loads(path.read_text()) == {"size": 2}


def test_shards_of_whole_arrays_have_an_index_with_their_size(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(files, "SHARD_BYTES", 6_500)
    files.save_sharded(tmp_path, "model", ARRAYS)
    stored = json.loads((tmp_path / "model.safetensors.index.json").read_text())
    assert stored["metadata"] == {"total_size": sum(a.nbytes for a in ARRAYS.values())}
    first, second = "model-00001-of-00002.safetensors", "model-00002-of-00002.safetensors"
    # 9,200 bytes are more than a shard holds, and stay whole
    assert stored["weight_map"] == {"tall": first, "counts": second, "wide": second}
    loaded = files.load(tmp_path, "model")
    assert all(np.array_equal(loaded[name], array) for name, array in ARRAYS.items())


def test_arrays_keep_their_shape_also_without_dimensions(tmp_path: Path) -> None:
    files.save(tmp_path, "state", {"step": np.array(3.0), "turned": np.zeros((2, 3)).T})
    assert {k: a.shape for k, a in files.load(tmp_path, "state").items()} == {
        "step": (),
        "turned": (3, 2),
    }


@pytest.mark.parametrize("named", ["../../etc/passwd", "/etc/passwd", "..", "a/b.safetensors", 7])
def test_an_index_names_files_of_its_own_folder_alone(cut: Path, named: object) -> None:
    index = cut / "ppmi.safetensors.index.json"
    index.write_text(json.dumps({"weight_map": {"tall.0": named}}), encoding="utf-8")
    with pytest.raises(
        files.CheckpointError, match=f"{index.name} in vectors is damaged"
    ) as raised:
        files.load(cut, "ppmi")
    assert "passwd" not in str(raised.value)


def test_only_regular_files_are_opened(tmp_path: Path) -> None:
    folder = tmp_path / "vectors"
    folder.mkdir()
    os.mkfifo(folder / "pipe.json")
    (folder / "device.json").symlink_to("/dev/zero")
    (folder / "folder.json").mkdir()
    os.mkfifo(folder / "ppmi.safetensors")
    for name in ("pipe.json", "device.json", "folder.json"):
        with pytest.raises(files.CheckpointError, match=f"{name} in vectors is no regular file"):
            files.read_json(folder / name)
    with pytest.raises(files.CheckpointError, match="no regular file"):
        files.load(folder, "ppmi")


def test_a_file_in_place_of_the_folder_is_named(tmp_path: Path) -> None:
    (tmp_path / "vectors").write_text("no folder")
    with pytest.raises(files.CheckpointError, match=r"^vectors is a file and no folder\.$"):
        files.read_json(tmp_path / "vectors" / "config.json")


def test_a_file_that_may_not_be_read_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "vectors" / "config.json"
    files.write_json(path, {})

    def refuse(*_: object) -> None:  # as the system does for anybody but root
        raise PermissionError(errno.EACCES, "Permission denied", str(path))

    monkeypatch.setattr(Path, "open", refuse)
    with pytest.raises(files.CheckpointError, match="denied") as raised:
        files.read_json(path)
    assert str(tmp_path) not in str(raised.value)


@pytest.mark.parametrize("content", ["[" * 100_000, '{"size": NaN}', "{"])
def test_json_that_is_none_is_named(tmp_path: Path, content: str) -> None:
    path = tmp_path / "config.json"
    path.write_text(content)
    with pytest.raises(files.CheckpointError, match=r"config\.json in .* is damaged"):
        files.read_json(path)
