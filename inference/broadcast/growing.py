"""What has changed in a state that mostly grows, so that no more than that need be sent.

A patch is `{"=": value}` for another value; or of an object the patches of its fields, `{".":
{name: patch}}`; or of a list those of its items by their number, with `"+"` the items that have
come to its end. `components/shared/js/following.js` applies them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

Patch = dict[str, Any]


def patch(old: Any, new: Any) -> Patch:
    """What makes `old` into `new`, both as JSON holds them; empty where they are equal."""
    if isinstance(old, dict) and isinstance(new, dict) and old.keys() <= new.keys():
        return changed({k: patch(old[k], v) if k in old else {"=": v} for k, v in new.items()}, [])
    if isinstance(old, list) and isinstance(new, list) and len(old) <= len(new):
        return changed({str(i): patch(one, new[i]) for i, one in enumerate(old)}, new[len(old) :])
    return {} if type(old) is type(new) and old == new else {"=": new}  # True is not 1


def changed(patches: Mapping[str, Patch], added: Sequence[Any]) -> Patch:
    """A patch of those of them that change anything, and of what has come to the end."""
    parts = {".": {name: one for name, one in patches.items() if one}, "+": added}
    return {kind: part for kind, part in parts.items() if part}
