"""The models that continue a text: what each is called, and how much it may be asked for."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

from inference.errors import ModelUnavailable
from inference.types import Rung

LADDER = "ladder"
SECTION = "Held-out stories, character by character"
"""The heading of the figures in the ladder's metrics.json."""


@dataclass(frozen=True)
class Writer:
    """One model of the Generation tab."""

    folder: str
    """In the collection; also its name in the status line."""
    title: str
    unit: str = "characters"
    """What one token of it is."""
    prompt: int = 400
    new: int = 240
    """The longest prompt and the longest continuation, in tokens."""


WRITERS = {
    "storyteller": Writer("storyteller", "Storyteller, over tokens", "tokens", 256, 256),
    "bigram": Writer("ladder/bigram", "Bigram, over characters"),
    "trigram": Writer("ladder/trigram", "Trigram, over characters"),
    "five-gram": Writer("ladder/five-gram", "5-gram, over characters"),
    "mlp": Writer("ladder/mlp", "Window MLP, over characters"),
    "rnn": Writer("ladder/rnn", "Vanilla RNN, over characters"),
    "gru": Writer("ladder/gru", "GRU, over characters"),
    "lstm": Writer("ladder/lstm", "LSTM, over characters"),
    "gpt": Writer("ladder/gpt", "Small GPT, over characters", prompt=96, new=160),
}
"""By the name that a link and a request carry, from the storyteller up the ladder."""


def writer(name: object) -> Writer:
    """Raises ModelUnavailable where there is none of this name."""
    if not isinstance(name, str) or name not in WRITERS:
        raise ModelUnavailable(str(name)[:40], "there is none of this name.")
    return WRITERS[name]


def rungs(checkpoints: Path) -> tuple[Rung, ...]:
    """The measured ladder, from its metrics.json; rungs that were not measured are left out.

    Raises ModelUnavailable where the figures cannot be read.
    """
    path = checkpoints / LADDER / "metrics.json"
    try:
        rows = json.loads(path.read_text(encoding="utf-8"))["figures"][SECTION]
        return tuple(
            Rung(
                name,
                one.title.removesuffix(", over characters"),
                float(rows[name]["bits per character"]),
                str(rows[name]["sees"]),
                *size(rows[name]),
            )
            for name, one in WRITERS.items()
            if name in rows
        )
    except (OSError, ValueError, KeyError, TypeError) as error:
        reason = f"its figures in {path.name} cannot be read."
        raise ModelUnavailable(LADDER, reason) from error


def size(row: dict[str, object]) -> tuple[int, str]:
    """How much a rung holds, and of what."""
    for unit, column in (("parameters", "parameters"), ("counts", "counts stored")):
        held = row.get(column)
        if isinstance(held, int):
            return held, unit
    raise ValueError(f"neither parameters nor counts in {row}")
