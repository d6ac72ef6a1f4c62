"""Input vectors against the safetensors file, and what follows a token against `transformers`."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from safetensors.numpy import load_file

from inference.errors import OrreryError
from inference.service import Service
from inference.tasks.vocabulary.vectors import TokenInModel, TokenVectors
from inference.wire import dumps, known, loads

pytestmark = pytest.mark.weights
CHECKPOINTS = Path(__file__).parents[4] / "checkpoints"
TEXT, TOKEN = "Once upon a time there was a", 339


@cache
def service() -> Service:
    return Service(CHECKPOINTS, "cpu")


@cache
def found() -> TokenInModel:
    return service().answer(TokenVectors(TEXT, token=TOKEN))


def table() -> NDArray[np.float64]:
    """The input vectors as the file has them."""
    for path in (CHECKPOINTS / "storyteller").glob("*.safetensors"):
        stored = load_file(path)
        if "model.embed_tokens.weight" in stored:
            return stored["model.embed_tokens.weight"].astype(np.float64)
    raise AssertionError("no embeddings")


def test_lengths_and_cosines_are_those_of_the_stored_vectors() -> None:
    vectors, read = table(), found().vectors
    lengths = np.sqrt((vectors**2).sum(axis=1))
    np.testing.assert_allclose(read.lengths, lengths, rtol=1e-5)
    cosines = vectors @ vectors[TOKEN] / lengths / lengths[TOKEN]
    np.testing.assert_allclose(read.cosines, cosines, atol=1e-5)


def test_what_follows_is_what_transformers_says() -> None:
    import torch
    from transformers import AutoModelForCausalLM, AutoTokenizer

    folder = CHECKPOINTS / "storyteller"
    model: Any = AutoModelForCausalLM.from_pretrained(folder, dtype=torch.float32)
    ids = AutoTokenizer.from_pretrained(folder)(f"<|endoftext|>{TEXT}")["input_ids"]

    def after(*more: int) -> NDArray[np.float64]:
        with torch.inference_mode():
            logits = model(torch.tensor([[*ids, *more]])).logits[0, -1]
        chances: NDArray[np.float64] = logits.double().softmax(-1).numpy()
        return chances

    read = found().vectors
    assert read.favourite == after().argmax()
    np.testing.assert_allclose(read.after_token, after(TOKEN), atol=1e-4)
    np.testing.assert_allclose(read.after_favourite, after(read.favourite), atol=1e-4)


def test_it_goes_through_bytes() -> None:
    again = loads(dumps(found()), known())
    assert isinstance(again, TokenInModel)
    np.testing.assert_array_equal(again.vectors.cosines, found().vectors.cosines)


@pytest.mark.parametrize(
    ("text", "model", "token", "says"),
    [
        ("", "storyteller", 1, "is empty"),
        (TEXT, "storyteller", 4_096, "The token is a whole number from 0 to 4,095, not 4096"),
        (TEXT, "storyteller", -1, "The token"),
        (TEXT, "lstm", 3, "Only a transformer of the collection"),
    ],
)
def test_what_cannot_be_shown_is_refused(text: str, model: str, token: int, says: str) -> None:
    with pytest.raises(OrreryError, match=says):
        service().answer(TokenVectors(text, model, token))
