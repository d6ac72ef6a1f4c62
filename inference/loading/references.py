"""Names and places of what is not in the collection, as they are given at the start."""

from __future__ import annotations

import re
from collections.abc import Sequence


def references(what: str, given: Sequence[str]) -> dict[str, str]:
    """Paths or Hub ids by names, from NAME=PATH. Raises ValueError where one is no such thing."""
    found: dict[str, str] = {}
    for one in given:
        name, _, reference = (part.strip() for part in one.partition("="))
        if not re.fullmatch(r"[\w.-]{1,40}", name) or not reference:
            kind = "folder" if what == "model" else "file"
            raise ValueError(f"{what} must be NAME=PATH, a plain name and a {kind}, not {one!r}.")
        if name in found:
            raise ValueError(f"two {what.removesuffix('s')}s are called {name}.")
        found[name] = reference
    return found
