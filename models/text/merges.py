"""How the tokens of a vocabulary were learned: the merge that made one, or its probability."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from models.files import CheckpointError, read_json

COUNTS = "merges.json"


@dataclass(frozen=True)
class Merge:
    """One merge of a BPE. Encoding a word applies, of all that fit, the lowest rank first."""

    rank: int
    """1 was learned first."""
    count: int
    """How often the pair stood in the training text just before it was merged."""


@dataclass(frozen=True)
class PieceScore:
    """One piece of a Unigram model; encoding takes the cut with the largest sum (Kudo 2018)."""

    log_probability: float
    """Natural logarithm."""


Origin = Merge | PieceScore


def load(folder: Path) -> dict[int, Origin]:
    """The origin of every token that has one: products of merges, pieces of a Unigram model.

    Raises ValueError that says which file is missing or damaged.
    """
    content = _read(folder / "tokenizer.json")
    try:
        model = content["model"]
        if model["type"] == "Unigram":
            return {i: PieceScore(float(score)) for i, (_, score) in enumerate(model["vocab"])}
        merges = model.get("merges")
        if not merges:
            return {}
        return _merges(folder, [left + right for left, right in merges], model["vocab"])
    except CheckpointError:
        raise
    except (TypeError, KeyError, AttributeError, ValueError) as error:
        raise CheckpointError(
            f"tokenizer.json in {folder.name} holds no model of pieces."
        ) from error


def _merges(folder: Path, products: list[str], ids: dict[str, int]) -> dict[int, Origin]:
    counts = _read(folder / COUNTS).get("counts")
    if not isinstance(counts, list) or len(counts) != len(products):
        raise CheckpointError(f"{COUNTS} in {folder.name} does not hold a count for every merge.")
    origins: dict[int, Origin] = {}
    for rank, (product, count) in enumerate(zip(products, counts, strict=True), start=1):
        origins.setdefault(ids[product], Merge(rank, int(count)))
    return origins


def _read(path: Path) -> dict[str, Any]:
    content = read_json(path)
    if not isinstance(content, dict):
        raise CheckpointError(f"{path.name} in {path.parent.name} is not a JSON object.")
    return content
