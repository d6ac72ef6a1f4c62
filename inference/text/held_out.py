"""How people's held-out stories go on after a prompt, in figures that were measured once."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import TYPE_CHECKING

from models.files import read_json

if TYPE_CHECKING:
    from inference.catalog import Catalog

FILE = "held-out-continuations.json"


@dataclass(frozen=True)
class HeldOut:
    """Of continuations that people wrote, each of exactly so many tokens."""

    texts: int
    tokens: int
    bits: float
    """Mean surprisal of a token, by the model."""
    distinct_1: float
    distinct_2: float
    distinct_3: float
    repeated: float


def held_out(catalog: Catalog, model: object, prompt: object, tokens: int) -> HeldOut | None:
    """The figures of this very case; None where it was not measured or cannot be read."""
    try:
        entry = catalog.entry(model, "write")
        found = read_json(catalog.folder(entry) / FILE)
        row = found["figures"][str(tokens)] if found["prompt"] == prompt else None
        return row and HeldOut(**{one.name: row[one.name] for one in fields(HeldOut)})
    except (ValueError, KeyError, TypeError):
        return None  # one point of a plane; nothing else needs it
