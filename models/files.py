"""Named arrays in safetensors files of under 9 MB each, read with numpy alone.

What fits into one file is `<name>.safetensors`. Otherwise arrays are cut by rows, the parts are
named `<array>.0`, `<array>.1`, and so on, and `<name>.safetensors.index.json` says which file holds
which.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from safetensors import SafetensorError, safe_open
from safetensors.numpy import save_file

SHARD_BYTES = 8_800_000
Arrays = dict[str, NDArray[Any]]


def save(folder: Path, name: str, arrays: Mapping[str, NDArray[Any]]) -> int:
    """Write the arrays; returns the bytes of the files. The same arrays give the same files.

    Every file is complete before it takes its name, and files of an earlier save go away.
    """
    folder.mkdir(parents=True, exist_ok=True)
    groups = _groups(arrays)
    total = len(groups)
    named = [_file(name, i, total) for i in range(total)]
    for file, group in zip(named, groups, strict=True):
        save_file(group, folder / f"{file}.partial")  # metadata would come in any order
        os.replace(folder / f"{file}.partial", folder / file)
    index = folder / f"{name}.safetensors.index.json"
    for stale in set(files(folder, name)) - {folder / file for file in named}:
        stale.unlink()
    if total > 1:
        weight_map = {k: f for f, group in zip(named, groups, strict=True) for k in group}
        index.write_text(json.dumps({"weight_map": weight_map}, indent=1) + "\n", encoding="utf-8")
    else:
        index.unlink(missing_ok=True)
    return sum((folder / file).stat().st_size for file in named)


def load(folder: Path, name: str) -> Arrays:
    """The arrays as they were given to `save`.

    Raises ValueError that names the missing or damaged file.
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


def _file(name: str, i: int, total: int) -> str:
    return f"{name}.safetensors" if total == 1 else f"{name}-{i + 1:05}-of-{total:05}.safetensors"


def files(folder: Path, name: str) -> list[Path]:
    """Every file that some save under this name wrote."""
    whole = folder / f"{name}.safetensors"
    return [
        *folder.glob(f"{name}-?????-of-?????.safetensors"),
        *([whole] if whole.exists() else []),
    ]


def _expected(folder: Path, name: str) -> list[Path]:
    index = folder / f"{name}.safetensors.index.json"
    if not index.exists():
        return [folder / f"{name}.safetensors"]
    try:
        weight_map = json.loads(index.read_text(encoding="utf-8"))["weight_map"]
        return [folder / file for file in sorted(set(weight_map.values()))]
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        raise ValueError(f"{index.name} in {folder.name} is damaged: {error}") from error


def _read(path: Path) -> Arrays:
    try:
        with safe_open(path, framework="numpy") as stored:
            keys = sorted(stored.keys(), key=lambda key: (key.rpartition(".")[0], len(key), key))
            return {key: stored.get_tensor(key) for key in keys}
    except FileNotFoundError as error:
        raise ValueError(f"{path.name} is missing from {path.parent.name}.") from error
    except (SafetensorError, OSError, ValueError) as error:
        raise ValueError(f"{path.name} in {path.parent.name} is damaged: {error}") from error


def _groups(arrays: Mapping[str, NDArray[Any]]) -> list[Arrays]:
    """Parts of arrays, in order, so that no group exceeds `SHARD_BYTES`."""
    if sum(array.nbytes for array in arrays.values()) <= SHARD_BYTES:
        return [{key: np.ascontiguousarray(array) for key, array in arrays.items()}]
    groups: list[Arrays] = [{}]
    room = SHARD_BYTES
    for key, part in _parts(arrays):
        if groups[-1] and part.nbytes > room:
            groups.append({})
            room = SHARD_BYTES
        groups[-1][key] = part
        room -= part.nbytes
    return groups


def _parts(arrays: Mapping[str, NDArray[Any]]) -> Iterator[tuple[str, NDArray[Any]]]:
    for key, array in arrays.items():
        if array.nbytes <= SHARD_BYTES:
            yield key, np.ascontiguousarray(array)
            continue
        rows = SHARD_BYTES // (array.nbytes // len(array))
        for i, start in enumerate(range(0, len(array), rows)):
            yield f"{key}.{i}", np.ascontiguousarray(array[start : start + rows])
