"""The bets of the game against a slow sum over the vocabulary of the real models."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
import torch

from inference import wire
from inference.errors import OrreryError
from inference.service import Service
from inference.tasks.ladder.next_symbol import NextSymbol
from inference.tasks.score import Score
from inference.text.symbols import OTHER, SYMBOLS, symbol_of, symbols_of
from models.ladder import checkpoint

TEXT = 'The fox said, "No."'


def test_symbols_fold_case_and_all_other_signs() -> None:
    assert symbols_of("aA zZ") == (0, 0, 26, 25, 25)
    for other in (".", ",", "\n", "7", "\N{LATIN SMALL LETTER E WITH ACUTE}", "ab", "", "\u212a"):
        assert symbol_of(other) == OTHER or other == "\u212a", other
    assert SYMBOLS[symbol_of("\u212a")] == "k"  # the Kelvin sign is a k in lower case
    assert len(SYMBOLS) == 28


@pytest.mark.weights
@pytest.mark.parametrize("name", ["bigram", "lstm"])
def test_r18_a_symbol_has_the_sum_of_all_that_is_spelled_so(checkpoints: Path, name: str) -> None:
    service = Service(checkpoints, "cpu")
    found = service.answer(NextSymbol(TEXT, name))
    assert found.shape == (len(TEXT), len(SYMBOLS))
    assert np.abs(found.sum(axis=1) - 1).max() < 1e-9
    model = checkpoint.load(checkpoints / "ladder" / name)
    ids = service.answer(Score(TEXT, name)).tokens.ids
    with torch.inference_mode():
        chances = model.forward(torch.tensor([ids]))[0].double().softmax(-1).numpy()
    layout = json.loads((checkpoints / "ladder" / name / "tokenizer.json").read_text("utf-8"))
    slow = np.zeros((len(TEXT), len(SYMBOLS)))
    for piece, token in layout["model"]["vocab"].items():
        symbol = "abcdefghijklmnopqrstuvwxyz .".find(piece.lower()) if len(piece) == 1 else 27
        for place in range(len(TEXT)):
            slow[place, symbol] += chances[place, token]
    assert np.abs(found - slow).max() < 1e-6


@pytest.mark.weights
def test_a_model_of_tokens_is_refused_with_a_sentence(checkpoints: Path) -> None:
    with pytest.raises(OrreryError, match="reads no single characters"):
        Service(checkpoints, "cpu").answer(NextSymbol(TEXT, "storyteller"))


def test_it_can_be_sent() -> None:
    task = NextSymbol(TEXT, "lstm")
    assert wire.loads(wire.dumps(task), wire.known()) == task
