"""Writes `metrics.json`: what was measured, on which weights, from which data, by which code."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from models import files
from training.evaluation import card

FILE = "metrics.json"
Value = float | int | str | None
Figures = Mapping[str, Mapping[str, Mapping[str, Value]]]
"""Section, row, column: each section becomes one table of the model card."""


def write(
    folder: Path,
    figures: Figures,
    weights: list[Path],
    split: list[Path],
    code: list[Path],
    uncommitted: Sequence[Path] = (),
) -> None:
    """Write `metrics.json` into a checkpoint folder.

    The files stand in it with their SHA-256: the weights, the data that decides the split and was
    measured on, and the code that did it; weights that were measured for comparison but are not
    committed stand apart. Raises OSError where one of them cannot be read.
    """
    content: dict[str, Any] = {
        "figures": figures,
        "sha256": {
            "weights": hashes(weights),
            "split": hashes(split),
            "code": hashes(code),
        },
    }
    if uncommitted:
        content["sha256"]["uncommitted weights"] = hashes(uncommitted)
    files.write_json(folder / FILE, content)


def weights_of(folder: Path) -> list[Path]:
    """The files that training has written: weights, here or in folders below, or tokenizers."""
    return [*folder.rglob("*.safetensors"), *folder.glob("*/tokenizer.json")]


def hashes(paths: Iterable[Path]) -> dict[str, str]:
    """SHA-256 by path; by name alone outside the repository, whose place differs by machine."""
    return {_label(path): hashlib.sha256(path.read_bytes()).hexdigest() for path in sorted(paths)}


def _label(path: Path) -> str:
    root = Path(__file__).parents[2]
    full = path.resolve()
    return full.relative_to(root).as_posix() if full.is_relative_to(root) else path.name


def update_card(folder: Path) -> None:
    """Write the figures of `metrics.json` as tables into the card. Raises card.CardError.

    A folder inside a family has its tables in the family's card, between markers of its own.
    """
    figures: Figures = json.loads((folder / FILE).read_text(encoding="utf-8"))["figures"]
    tables = [f"### {section}\n\n{_table(rows)}" for section, rows in figures.items()]
    own = folder / "README.md"
    family = own if own.exists() else folder.parent / "README.md"
    block = "metrics" if own.exists() else f"metrics of {folder.name}"
    card.rewrite(family, block, "\n\n".join(tables))


def _table(rows: Mapping[str, Mapping[str, Value]]) -> str:
    columns = list(dict.fromkeys(column for row in rows.values() for column in row))
    body = ([name, *(_shown(row.get(column)) for column in columns)] for name, row in rows.items())
    return card.table(["", *columns], body, numbers=True)


def _shown(value: Value) -> str:
    if value is None:
        return "-"
    if isinstance(value, str):
        return value
    if isinstance(value, int):
        return f"{value:,}"
    return f"{value:.1e}" if 0 < abs(value) < 0.0005 else f"{value:.3f}"
