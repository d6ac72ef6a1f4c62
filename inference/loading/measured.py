"""How well the translators translate, as their metrics.json says."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from inference.errors import ModelUnavailable
from models.files import read_json

if TYPE_CHECKING:
    from inference.catalog import Catalog

BY_LENGTH = "Held-out sentences, by their words in English"
"""The heading of the figures of a translator."""


@dataclass(frozen=True)
class OfLength:
    """Corpus BLEU over held-out sentences of `low` to `high` English words; Post 2018."""

    low: int
    high: int
    bleu: float
    """From 0 to 100, greedy."""
    sentences: int
    signature: str


def bleu_by_length(catalog: Catalog, model: str) -> tuple[OfLength, ...]:
    """The shortest first. Raises ModelUnavailable where the figures cannot be read."""
    path = catalog.folder(catalog.entry(model, "translate")) / "metrics.json"
    try:
        rows = read_json(path)["figures"][BY_LENGTH]
        found = [measured(name, row) for name, row in rows.items() if name != "all"]
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise ModelUnavailable(model, "its figures in metrics.json cannot be read.") from error
    return tuple(sorted(found, key=lambda one: one.low))


def measured(words: str, row: dict[str, Any]) -> OfLength:
    """A row, named "7 to 8"."""
    low, high = words.split(" to ")
    bleu, sentences = float(row["BLEU, free-running"]), int(row["sentences"])
    return OfLength(int(low), int(high), bleu, sentences, str(row["signature"]))
