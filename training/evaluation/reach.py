"""How far back a network of the ladder looks, averaged over passages of held-out stories (R32)."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from analysis.reach import relative
from inference.decoding.reach import gradients
from inference.tasks.ladder.reach import predicted
from models.loading import load
from models.text.tokenizer import Tokenizer
from training.evaluation.metrics import Value

SECTION = "Gradient by characters back, over {passages} passages of held-out stories"
NETWORKS = ("mlp", "rnn", "gru", "lstm", "gpt")
PASSAGES, CHARACTERS = 64, 200
DISTANCES = (1, 2, 4, 8, 16, 32, 64, 96)


def evaluate(folder: Path, documents: list[str]) -> dict[str, dict[str, dict[str, Value]]]:
    """One row a distance: the gradient relative to the newest character, and its standard error.

    In a passage the norms of several predictions are averaged; the error is over passages.
    """
    model, tokenizer = load(folder), Tokenizer.load(folder)
    norms = []
    for passage in passages(documents):
        ids = tokenizer.encode(passage)
        found = gradients(model, ids, predicted(len(ids)), "cpu")
        assert found is not None  # a network embeds what it reads
        norms.append(found.mean(axis=0)[: max(DISTANCES) + 1])
    ratio, error = relative(np.array(norms))
    rows: dict[str, dict[str, Value]] = {
        str(distance): {
            "relative to the newest": float(f"{ratio[distance]:.3g}"),
            "standard error": float(f"{error[distance]:.2g}"),
        }
        for distance in DISTANCES
    }
    return {SECTION.format(passages=len(norms)): rows}


def passages(documents: list[str]) -> list[str]:
    """Passages of the same length, evenly over all documents that are long enough, one after one
    from each; the first characters of a document, its title, are passed over."""
    long = [text for text in documents if len(text) > 12 * CHARACTERS]
    found = []
    for i in range(PASSAGES):
        text, turn = long[i % len(long)], 1 + i // len(long)
        start = turn * (len(text) - CHARACTERS) // (2 + PASSAGES // len(long))
        found.append(text[start : start + CHARACTERS])
    return found
