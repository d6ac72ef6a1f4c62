"""What was measured of the models that learn in steps: the ladder, and ages of one model."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from inference.errors import ModelUnavailable
from models.files import read_json

if TYPE_CHECKING:
    from inference.catalog import Catalog
    from inference.entry import Entry

LADDER = "ladder"
REACH = "Gradient by characters back"
"""How the heading of the figures in a network's own metrics.json begins."""
AGES = "Held-out simple stories, age by age"
"""The heading of the figures of a model that was kept at several ages."""
SECTION = "Held-out stories, character by character"
"""The heading of the figures in the ladder's metrics.json."""
STORIES = "Held-out stories"
"""Of those on the same text in that of a model over tokens."""


@dataclass(frozen=True)
class Rung:
    """One model of the ladder, as it was measured."""

    name: str
    title: str
    bits: float
    """Per character of the held-out stories."""
    sees: str
    """What of the text before a character it sees, in words."""
    size: int
    unit: str
    """What `size` counts: parameters or counts."""


@dataclass(frozen=True)
class HeldOut:
    """How well a model predicts the held-out stories."""

    name: str
    perplexity: float
    """Per token of its own, which for a model over characters is a character."""
    per_byte: float
    """Bits: comparable between tokenizers (truth: R5)."""


@dataclass(frozen=True)
class NGrams:
    """n-grams of one length over the ladder's alphabet, in its training text and elsewhere."""

    order: int
    possible: int
    different: int
    """That the training text holds."""
    read: int
    """In the training text, each as often as it occurs."""
    held_out: int
    """Likewise in the held-out stories."""
    unseen: int
    """Of those, how many occur nowhere in the training text."""


def rungs(catalog: Catalog) -> tuple[Rung, ...]:
    """The models of the ladder in order; those that were not measured are left out.

    Raises ModelUnavailable where the figures cannot be read.
    """
    path = catalog.checkpoints / LADDER / "metrics.json"
    try:
        rows = read_json(path)["figures"][SECTION]
        return tuple(
            Rung(
                entry.name,
                entry.title.removesuffix(", over characters"),
                float(rows[entry.name]["bits per character"]),
                str(rows[entry.name]["sees"]),
                *size(rows[entry.name]),
            )
            for entry in catalog.entries("write")
            if entry.kind == "ladder" and entry.name in rows
        )
    except (ValueError, KeyError, TypeError) as error:
        reason = f"its figures in {path.name} cannot be read."
        raise ModelUnavailable(LADDER, reason) from error


def held_out(catalog: Catalog, names: Sequence[str]) -> tuple[HeldOut, ...]:
    """Models of tokens and of characters on the same held-out stories, from their metrics.json.

    Raises ModelUnavailable where the figures cannot be read.
    """
    return tuple(_held_out(catalog, catalog.entry(name, "write")) for name in names)


def _held_out(catalog: Catalog, entry: Entry) -> HeldOut:
    ladder = entry.kind == "ladder"
    path = catalog.checkpoints / (LADDER if ladder else entry.folder) / "metrics.json"
    try:
        row = read_json(path)["figures"][SECTION if ladder else STORIES][entry.name]
        if not ladder:
            perplexity, bits = float(row["perplexity per token"]), float(row["bits per byte"])
            return HeldOut(entry.name, perplexity, bits)
        bits = float(row["bits per character"])  # the stories are ASCII: a character is a byte
        return HeldOut(entry.name, 2**bits, bits)
    except (ValueError, KeyError, TypeError) as error:
        reason = f"its figures in {path.name} cannot be read."
        raise ModelUnavailable(entry.name, reason) from error


def sees(entry: Entry) -> str:
    """What of the text before a character a model trained here sees, in words."""
    shape = read_json(Path(entry.folder) / "config.json")
    if "keep a state" in entry.can:
        return "its state"
    contexts = {
        "window": int(shape.get("window", 0)),
        "order": int(shape.get("order", 1)) - 1,
        "attention": int(shape.get("max_position_embeddings", 0)),
    }
    last = max(contexts.values()) or 1  # a table of bigrams has no shape but its vocabulary
    return f"the last {last:,} characters" if last > 1 else "the last character"


def dimensions(catalog: Catalog) -> tuple[NGrams, ...]:
    """How many n-grams there are by their length, from the metrics.json of the 5-gram.

    Raises ModelUnavailable where the figures cannot be read.
    """
    folder = catalog.folder(catalog.entry("five-gram"))
    columns = ("possible", "different", "in the training text", "in the held-out text")
    try:
        (rows,) = read_json(folder / "metrics.json")["figures"].values()
        return tuple(
            NGrams(
                int(order),
                *(int(row[column]) for column in (*columns, "of these never seen")),
            )
            for order, row in rows.items()
        )
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise ModelUnavailable(
            "five-gram", "its figures in metrics.json cannot be read."
        ) from error


@dataclass(frozen=True)
class AverageReach:
    """How far a network looks back on average over held-out stories."""

    gradient: Mapping[int, float]
    """By characters back, relative to the newest."""
    error: Mapping[int, float]
    """Standard errors over passages."""


def reaches(catalog: Catalog) -> dict[str, AverageReach]:
    """By rung, from its metrics.json; those that were not measured are left out."""
    found = {}
    for entry in catalog.entries("write"):
        path = catalog.folder(entry) / "metrics.json"
        try:
            ((heading, rows),) = read_json(path)["figures"].items()
            if not heading.startswith(REACH):
                continue
            columns = [
                {int(back): float(row[column]) for back, row in rows.items()}
                for column in ("relative to the newest", "standard error")
            ]
            found[entry.name] = AverageReach(*columns)
        except (ValueError, KeyError, TypeError, AttributeError):
            continue  # the averages stand beside the person's own text, which needs none of them
    return found


def bits_by_age(catalog: Catalog, name: str) -> dict[int, float]:
    """Bits per byte of held-out stories, by the steps that a model was trained for.

    Raises ModelUnavailable where the figures cannot be read.
    """
    try:
        rows = read_json(catalog.checkpoints / name / "metrics.json")["figures"][AGES]
        return {
            int(age.removesuffix(" steps").replace(",", "")): float(row["bits per byte"])
            for age, row in rows.items()
        }
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise ModelUnavailable(name, "its figures in metrics.json cannot be read.") from error


def size(row: dict[str, object]) -> tuple[int, str]:
    """How much a model holds, and of what."""
    for unit, column in (("parameters", "parameters"), ("counts", "counts stored")):
        held = row.get(column)
        if isinstance(held, int):
            return held, unit
    raise ValueError(f"neither parameters nor counts in {row}")
