"""What the page tells the room about these very models, measured on the committed weights."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import torch

from components.embeddings.analogies import ANALOGIES, analogy
from components.generation import lanes
from inference.decoding import sampling
from inference.service import Service
from models.text.tokenizer import Tokenizer
from models.transformer.model import Transformer

CHECKPOINTS = Path(__file__).parents[2] / "checkpoints"
pytestmark = pytest.mark.weights


def nucleus(storyteller: Transformer, tokenizer: Tokenizer, example: str) -> int:
    """How many tokens top-p 0.9 leaves after the example of this name."""
    prompt = str(lanes.EXAMPLES[example][0])
    with torch.inference_mode():
        logits = storyteller(torch.tensor([tokenizer.encode(prompt)]))[0, -1].numpy()
    return sampling.top_p(0.9)(sampling.ranked(logits)).survivors


def test_the_nucleus_adapts_as_the_answer_says(
    storyteller: Transformer, tokenizer: Tokenizer
) -> None:
    assert nucleus(storyteller, tokenizer, "Certain") <= 12
    assert nucleus(storyteller, tokenizer, "Open") >= 200


@pytest.mark.parametrize(("a", "b", "c"), ANALOGIES)
def test_every_example_is_an_analogy_that_these_vectors_solve(a: str, b: str, c: str) -> None:
    solutions = {
        "woman": "queen",
        "swimming": "swam",
        "uncle": "aunt",
        "summer": "winter",
        "bad": "worse",
        "emperor": "empire",
    }
    shown, _ = analogy(Service(CHECKPOINTS).word_vectors(), a, b, c)
    assert f'<p class="verdict"><b>{solutions[c]}</b>' in shown


def test_r6_a_query_word_far_down_the_ranking_is_still_shown_with_its_rank() -> None:
    shown, figure = analogy(Service(CHECKPOINTS).word_vectors(), "man", "king", "woman")
    for word in ("man", "king", "woman"):
        assert f"<s>{word}</s>" in shown
    assert "rank " in shown
    assert len(json.loads(figure.plot)["data"][0]["text"]) == 4


def test_the_same_word_twice_is_one_point_of_the_map() -> None:
    _, figure = analogy(Service(CHECKPOINTS).word_vectors(), "king", "king", "king")
    assert len(json.loads(figure.plot)["data"][0]["text"]) == 2
