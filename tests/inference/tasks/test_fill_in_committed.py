"""The committed model that fills in: what it expects, and the numbers of plain transformers."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
import torch

from inference.service import Service
from inference.tasks.fill_in import FilledGaps, FillIn

CHECKPOINTS = Path(__file__).parents[3] / "checkpoints"
NAME = "fill-in"
pytestmark = pytest.mark.weights


@pytest.fixture(scope="module")
def service() -> Service:
    return Service(CHECKPOINTS, "cpu")


def filled(service: Service, text: str) -> FilledGaps:
    *_, found = service.run(FillIn(text, NAME))
    assert isinstance(found, FilledGaps)
    return found


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("The little girl was very [MASK] because she lost her doll.", "sad"),
        ("The sun is [MASK] and the sky is blue.", "shining"),
        ("Lily wanted to [MASK] in the big blue sea.", "play"),
        ("Once upon a [MASK], there was a king.", "time"),
    ],
)
def test_it_expects_what_fits_both_sides(service: Service, text: str, word: str) -> None:
    found = filled(service, text)
    assert found.pieces[found.likeliest[0][0]].decode() == word


def test_plain_transformers_expects_the_same(service: Service) -> None:
    from transformers import AutoModelForMaskedLM

    found = filled(service, "The [MASK] was sad. It could not [MASK] to its nest.")
    folder = CHECKPOINTS / NAME
    theirs = AutoModelForMaskedLM.from_pretrained(folder, dtype=torch.float32).eval()
    with torch.inference_mode():
        logits = theirs(torch.tensor([found.tokens.ids])).logits[0, list(found.gaps)]
    expected = logits.double().softmax(-1).numpy()
    np.testing.assert_allclose(found.probabilities, expected, atol=1e-5)


def test_its_figures_are_far_above_counts_of_both_neighbours() -> None:
    figures = json.loads((CHECKPOINTS / NAME / "metrics.json").read_text("utf-8"))["figures"]
    simple = figures["Held-out simple stories"][NAME]
    assert simple["first guess right"] > 0.45
    assert simple["first guess right"] > simple["from counts of both neighbours"] + 0.12
