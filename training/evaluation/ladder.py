"""Bits per character of every rung of the ladder, on the same held-out stories."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from torch import nn

from models.contract import LanguageModel
from models.ladder.ngram import NGram
from models.ladder.recurrent import Recurrent
from models.ladder.window import Window
from models.loading import load
from models.text.tokenizer import Tokenizer
from models.transformer.model import Transformer
from training.evaluation import metrics, scoring
from training.ladder import RUNGS, SECOND, TRAINING

SECTION = "Held-out stories, character by character"
FRESH = 4  # the GPT's window moves on by one part in so many


def evaluate(folder: Path, documents: list[str]) -> dict[str, dict[str, metrics.Value]]:
    """One row for every rung that is there, from the first to the last.

    Raises CheckpointError and OSError on a folder that is not whole.
    """
    return {
        name: measure(folder / name, documents)
        for name in RUNGS
        if (folder / name / "config.json").exists()
    }


def measure(folder: Path, documents: list[str]) -> dict[str, metrics.Value]:
    """The figures of one rung, with those of its second seed where there is one."""
    model, score = scored(folder, documents)
    second = folder.with_name(folder.name + SECOND)
    again = scored(second, documents)[1] if (second / "config.json").exists() else None
    facts: dict[str, Any] = json.loads((folder / TRAINING).read_text(encoding="utf-8"))
    rate = facts.get("learning rate")
    return {
        "bits per character": round(score.bits / score.tokens, 4),
        "from a second seed": None if again is None else round(again.bits / again.tokens, 4),
        "sees": sees(model),
        "parameters": None if isinstance(model, NGram) else parameters(model),
        "counts stored": len(model.counts.counts) if isinstance(model, NGram) else None,
        "characters seen": facts["characters"],
        "characters scored": score.tokens,
        "seconds": facts["seconds"],
        "learning rate": None if rate is None else f"{rate:g} ({facts['optimiser']})",
    }


def scored(folder: Path, documents: list[str]) -> tuple[LanguageModel[Any], scoring.Score]:
    """A model and how well it predicts every character of the documents."""
    model, tokenizer = load(folder), Tokenizer.load(folder)
    if isinstance(model, Transformer):
        return model, scoring.bits_per_byte(model, tokenizer, documents, model.context // FRESH)
    return model, scoring.bits_carried(model, tokenizer, documents)


def parameters(model: Any) -> int:
    """How many numbers a network has learned."""
    assert isinstance(model, nn.Module)
    return sum(weight.numel() for weight in model.parameters())


def sees(model: Any) -> str:
    """What of the text before a character decides its probability, as it was measured."""
    if isinstance(model, NGram):
        count = model.config.order - 1
        return f"the last {count} characters" if count > 1 else "the last character"
    if isinstance(model, Window):
        return f"the last {model.config.window} characters"
    if isinstance(model, Recurrent):
        return "its state, carried from the document's start"
    least = model.context - model.context // FRESH
    return f"the last {least} to {model.context} characters"
