"""Tasks and their news as bytes and back: JSON, with numpy arrays as base64 of their numbers.

No code travels: a value names its class, and only the classes that the reader allows are built.
"""

from __future__ import annotations

import base64
import dataclasses
import importlib
import json
import pkgutil
from collections.abc import Iterable, Iterator, Mapping
from types import ModuleType
from typing import Any

import numpy as np

from inference import backend, limits, status, task, tasks, types
from inference.cluster import protocol
from inference.decoding import beam, trajectory
from inference.decoding.many import branches
from learning.live import training
from models.text import lattice, merges, rules


def modules(package: ModuleType) -> Iterator[ModuleType]:
    """All that lie in a folder and in those below it."""
    for found in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
        yield importlib.import_module(found.name)


MODULES = (
    *(*modules(tasks), *modules(types), task, backend, limits, status, protocol),
    *(beam, trajectory, branches, training, lattice, merges, rules),
)
Classes = Mapping[str, type[Any]]


def known(modules: Iterable[Any] = MODULES) -> Classes:
    """The dataclasses and named tuples of some modules, by their names.

    Raises ValueError where two of them share one: what is sent names nothing else.
    """
    found: dict[str, type[Any]] = {}
    for name, kind in ((name, kind) for module in modules for name, kind in vars(module).items()):
        if isinstance(kind, type) and _fields(kind) and found.setdefault(name, kind) is not kind:
            raise ValueError(f"Two classes that can be sent are called {name}.")
    return found


def dumps(value: object) -> bytes:
    """Raises TypeError where a value is not plain, a dataclass, a named tuple or an array."""
    return encoded(plain(value))


def loads(data: bytes, classes: Classes) -> Any:
    """The value that was given to `dumps`, to the last bit. Raises ValueError on anything else."""
    try:
        return built(json.loads(data), classes)
    except (KeyError, TypeError, AttributeError) as error:
        raise ValueError(f"These bytes hold no value of ours: {type(error).__name__}.") from error


def encoded(value: object) -> bytes:
    """One line of JSON."""
    return json.dumps(value, ensure_ascii=True, separators=(",", ":")).encode()


def _fields(kind: type) -> tuple[str, ...]:
    """The names of what a dataclass or a named tuple holds; () of any other class."""
    if dataclasses.is_dataclass(kind):
        return tuple(field.name for field in dataclasses.fields(kind))
    return getattr(kind, "_fields", ())


def plain(value: object) -> Any:
    """As JSON holds it. Raises TypeError as `dumps`."""
    if value is None or isinstance(value, (bool, int, float, str)):
        return value
    if isinstance(value, bytes):
        return {"bytes": base64.b64encode(value).decode()}
    if isinstance(value, np.ndarray):
        data = base64.b64encode(np.ascontiguousarray(value).tobytes()).decode()
        return {"array": [value.dtype.str, list(value.shape), data]}
    if isinstance(value, Mapping):
        return {"map": [[plain(key), plain(one)] for key, one in value.items()]}
    names = _fields(type(value))
    if names:
        return {"class": type(value).__name__, **{n: plain(getattr(value, n)) for n in names}}
    if isinstance(value, tuple):
        return [plain(one) for one in value]
    raise TypeError(f"A {type(value).__name__} cannot be sent.")


def built(plain: Any, classes: Classes) -> Any:
    """The value that was made plain. Raises errors of any kind on anything else: see `loads`."""
    if isinstance(plain, list):
        return tuple(built(one, classes) for one in plain)
    if not isinstance(plain, dict):
        return plain
    if "bytes" in plain:
        return base64.b64decode(plain["bytes"], validate=True)
    if "array" in plain:
        kind, shape, data = plain["array"]
        if np.dtype(kind).hasobject:
            raise ValueError("An array of objects cannot be sent.")
        return np.frombuffer(base64.b64decode(data, validate=True), np.dtype(kind)).reshape(shape)
    if "map" in plain:
        return {built(key, classes): built(one, classes) for key, one in plain["map"]}
    fields = {name: built(one, classes) for name, one in plain.items() if name != "class"}
    return classes[plain["class"]](**fields)
