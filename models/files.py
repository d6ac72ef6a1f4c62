"""Writes and reads the files of the collection: text, JSON, and arrays as safetensors.

Every file is written aside and then replaces the old one, so that a crash leaves the old file
whole. Large sets of arrays are sharded into files of under 9 MB with an index. No torch here: the
page reads word vectors with numpy alone.
"""

from __future__ import annotations

import json
import os
import stat
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NoReturn

import numpy as np
from numpy.typing import NDArray
from safetensors import SafetensorError, safe_open
from safetensors.numpy import save_file

SHARD_BYTES = 8_800_000
Arrays = dict[str, NDArray[Any]]


class CheckpointError(ValueError):
    """A file of a checkpoint is missing, damaged or unsafe to open; says which one and why.

    It names files and their folder, and never a path of the machine.
    """


@contextmanager
def replacing(path: Path) -> Iterator[Path]:
    """A path to write to; its file takes the name `path` when the block ends without an error."""
    path.parent.mkdir(parents=True, exist_ok=True)
    aside = path.with_name(f"{path.name}.partial")
    yield aside
    os.replace(aside, path)


def write_text(path: Path, text: str) -> None:
    with replacing(path) as aside:
        aside.write_text(text, encoding="utf-8")


def write_json(path: Path, content: Any) -> None:
    write_text(path, json.dumps(content, indent=2, ensure_ascii=False) + "\n")


def write_arrays(
    path: Path, arrays: Mapping[str, NDArray[Any]], metadata: Mapping[str, str] | None = None
) -> None:
    """Write one safetensors file.

    Without `metadata` it names the format alone, which `transformers` asks for: the library writes
    several entries in any order, and the same arrays should give the same file.
    """
    whole = {key: np.asarray(array, order="C") for key, array in arrays.items()}
    with replacing(path) as aside:
        save_file(whole, aside, metadata=dict(metadata or {"format": "pt"}))


def save(folder: Path, name: str, arrays: Mapping[str, NDArray[Any]]) -> None:
    """Write the arrays for `load`. Files of an earlier save under this name go away.

    What fits is `<name>.safetensors`. Otherwise arrays are cut by rows, the parts are named
    `<array>.0`, `<array>.1`, and so on, and `<name>.safetensors.index.json` tells the files.
    """
    if sum(array.nbytes for array in arrays.values()) > SHARD_BYTES:
        save_sharded(folder, name, dict(_parts(arrays)))
        return
    write_arrays(folder / f"{name}.safetensors", arrays)
    _delete_stale(folder, name, {f"{name}.safetensors"})
    _index(folder, name).unlink(missing_ok=True)


def save_sharded(folder: Path, name: str, arrays: Mapping[str, NDArray[Any]]) -> None:
    """Write shards of whole arrays and their index, as `transformers` does.

    Files of an earlier save under this name go away. An array beyond `SHARD_BYTES` has a shard of
    its own.
    """
    shards = _shards(arrays)
    named = [f"{name}-{i + 1:05}-of-{len(shards):05}.safetensors" for i in range(len(shards))]
    for file, shard in zip(named, shards, strict=True):
        write_arrays(folder / file, shard)
    _delete_stale(folder, name, set(named))
    weight_map = {key: file for file, shard in zip(named, shards, strict=True) for key in shard}
    size = sum(array.nbytes for array in arrays.values())
    content = {"metadata": {"total_size": size}, "weight_map": weight_map}
    write_json(_index(folder, name), content)


def load(folder: Path, name: str) -> Arrays:
    """The arrays as they were given to `save`.

    Raises CheckpointError that names the missing or damaged file.
    """
    arrays: Arrays = {}
    parts: dict[str, list[NDArray[Any]]] = {}
    for path in _expected(folder, name):
        for key, array in _read(path).items():
            whole, cut, _ = key.rpartition(".")
            if cut:
                parts.setdefault(whole, []).append(array)  # files and keys come in order
            else:
                arrays[key] = array
    return arrays | {key: np.concatenate(cuts) for key, cuts in parts.items()}


def _index(folder: Path, name: str) -> Path:
    return folder / f"{name}.safetensors.index.json"


def _delete_stale(folder: Path, name: str, written: set[str]) -> None:
    for path in files(folder, name):
        if path.name not in written:
            path.unlink()


def files(folder: Path, name: str) -> list[Path]:
    """Every file that some save under this name wrote."""
    whole = folder / f"{name}.safetensors"
    return [
        *folder.glob(f"{name}-?????-of-?????.safetensors"),
        *([whole] if whole.exists() else []),
    ]


def _expected(folder: Path, name: str) -> list[Path]:
    if not os.path.lexists(_index(folder, name)):
        return [folder / f"{name}.safetensors"]
    return shards(folder, name)


def shards(folder: Path, name: str) -> list[Path]:
    """The files that an index names, in order. Raises CheckpointError.

    It may name files of its own folder and no others.
    """
    index = _index(folder, name)
    stored = read_json(index)
    try:
        named = sorted(set(stored["weight_map"].values()))
        if not all(Path(file).name == file and file.endswith(".safetensors") for file in named):
            raise ValueError("it names a file outside its folder, or no safetensors file.")
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        damaged(index, error)
    return [folder / file for file in named]


def check_readable(path: Path) -> None:
    """Raise CheckpointError unless this is a regular file that may be read.

    To open anything else, such as a named pipe or a device, can block for ever.
    """
    where = f"{path.name} in {path.parent.name}"
    try:
        if not stat.S_ISREG(path.stat().st_mode):
            raise CheckpointError(f"{where} is no regular file.")
        path.open("rb").close()
    except FileNotFoundError as error:
        raise CheckpointError(f"{path.name} is missing from {path.parent.name}.") from error
    except NotADirectoryError as error:
        raise CheckpointError(f"{path.parent.name} is a file and no folder.") from error
    except PermissionError as error:
        raise CheckpointError(f"{where} cannot be read: permission denied.") from error
    except OSError as error:
        raise CheckpointError(f"{where} cannot be read: {error.strerror}.") from error


def read_json(path: Path) -> Any:
    """What a JSON file holds. Raises CheckpointError that names the file."""
    check_readable(path)
    try:
        return json.loads(path.read_text(encoding="utf-8"), parse_constant=_no_number)
    except (OSError, ValueError, RecursionError) as error:
        damaged(path, error)


def _no_number(constant: str) -> NoReturn:
    raise ValueError(f"{constant} is no number of JSON.")


def damaged(path: Path, error: Exception) -> NoReturn:
    """Raise CheckpointError: why a file that could be opened cannot be used."""
    why = error.strerror if isinstance(error, OSError) else error
    raise CheckpointError(f"{path.name} in {path.parent.name} is damaged: {why}") from error


def _read(path: Path) -> Arrays:
    check_readable(path)
    try:
        with safe_open(path, framework="numpy") as stored:
            keys = sorted(stored.keys(), key=lambda key: (key.rpartition(".")[0], len(key), key))
            return {key: stored.get_tensor(key) for key in keys}
    except (SafetensorError, OSError, TypeError, ValueError) as error:
        damaged(path, error)


def weights(name: str, array: NDArray[Any]) -> NDArray[np.float32]:
    """Learned numbers in float32. Raises CheckpointError where they are none, or not finite."""
    if array.dtype.kind != "f":
        raise CheckpointError(f"{name} holds {array.dtype} and no floating-point numbers.")
    numbers: NDArray[np.float32] = array.astype(np.float32)
    if not np.isfinite(numbers).all():
        raise CheckpointError(f"{name} holds numbers that are not finite.")
    return numbers


def _shards(arrays: Mapping[str, NDArray[Any]]) -> list[Arrays]:
    """The arrays, in order, in groups that do not exceed `SHARD_BYTES`."""
    shards: list[Arrays] = [{}]
    size = 0
    for key, array in arrays.items():
        if shards[-1] and size + array.nbytes > SHARD_BYTES:
            shards.append({})
            size = 0
        shards[-1][key] = array
        size += array.nbytes
    return shards


def _parts(arrays: Mapping[str, NDArray[Any]]) -> Iterator[tuple[str, NDArray[Any]]]:
    """Arrays by name, those beyond `SHARD_BYTES` cut by rows."""
    for key, array in arrays.items():
        if array.nbytes <= SHARD_BYTES:
            yield key, array
            continue
        rows = SHARD_BYTES // (array.nbytes // len(array))
        for i, start in enumerate(range(0, len(array), rows)):
            yield f"{key}.{i}", array[start : start + rows]
