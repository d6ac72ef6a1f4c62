"""Quotes the main figures of every model in the project's README, from their `metrics.json`."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

from training import card, metrics


def storyteller(figures: metrics.Figures) -> str:
    row = figures["Held-out stories"]["storyteller"]
    return f"{row['bits per byte']:.3f} bits per byte on {row['documents']} held-out documents"


def word_vectors(figures: metrics.Figures) -> str:
    analogies, similarity = figures.values()
    past, comparative = (
        analogies[relation]["accuracy"] for relation in ("gram7-past-tense", "gram3-comparative")
    )
    alike = similarity["WordSim-353, similarity"]["correlation"]
    return (
        f"Spearman {alike:.2f} on WordSim-353 similarity; of the covered analogy questions "
        f"{past:.0%} past tense, {comparative:.0%} comparative"
    )


MODELS: dict[str, tuple[str, Callable[[metrics.Figures], str]]] = {
    "storyteller": ("GPT, 5.9 M parameters, byte-level BPE of 4,096 tokens", storyteller),
    "word-vectors": ("skip-gram, 100 dimensions, 28,332 words", word_vectors),
}


def table(checkpoints: Path) -> str:
    """One row a model that has been measured."""
    rows = []
    for name, (what, quote) in MODELS.items():
        path = checkpoints / name / metrics.FILE
        if path.exists():
            figures = json.loads(path.read_text(encoding="utf-8"))["figures"]
            rows.append([f"[{name}](checkpoints/{name}/README.md)", what, quote(figures)])
    return card.table(["model", "what", "figure"], rows)


def write(root: Path) -> None:
    """Bring the README up to date. Raises CardError where its markers are missing."""
    card.rewrite(root / "README.md", "models", table(root / "checkpoints"))
