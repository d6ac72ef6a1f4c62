"""How a value has grown since the one before, so that a stream carries what is new alone.

A result holds the whole state each time, and all but its end is the very objects of the result
before: they are told apart by identity, so that a step costs as much on the wire as it holds. The
form is that of `inference.broadcast.growing`: `{"=": value}` for another value; of a dataclass the
patches of its fields, `{".": {name: patch}}`; of a tuple those of its items by their number, with
`"+"` the items that have come to its end.
"""

from __future__ import annotations

import dataclasses
from typing import Any

from inference import wire
from inference.broadcast.growing import Patch, changed

LEAVES = (str, int, float, bool, bytes, type(None))
"""What is compared; of anything else only an identical one counts as equal."""


def growth(old: Any, new: Any) -> Patch:
    """What makes `old` into `new`; empty where nothing has changed."""
    if new is old:
        return {}
    if type(old) is not type(new):
        return {"=": wire.plain(new)}
    if dataclasses.is_dataclass(new):
        names = [field.name for field in dataclasses.fields(new)]
        return changed({n: growth(getattr(old, n), getattr(new, n)) for n in names}, [])
    if type(new) is tuple and len(old) <= len(new):
        parts = {str(i): growth(one, new[i]) for i, one in enumerate(old)}
        return changed(parts, [wire.plain(one) for one in new[len(old) :]])
    return {} if isinstance(new, LEAVES) and old == new else {"=": wire.plain(new)}


def grown(old: Any, patch: Patch, classes: wire.Classes) -> Any:
    """The new value. Raises errors of any kind on a patch of something else."""
    if not patch:
        return old
    if "=" in patch:
        return wire.built(patch["="], classes)
    parts = patch.get(".", {})
    if isinstance(old, tuple):
        kept = [grown(one, parts.get(str(i), {}), classes) for i, one in enumerate(old)]
        return (*kept, *(wire.built(one, classes) for one in patch.get("+", ())))
    fields = {name: grown(getattr(old, name), one, classes) for name, one in parts.items()}
    return dataclasses.replace(old, **fields)
