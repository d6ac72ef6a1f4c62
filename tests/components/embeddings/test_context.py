"""embeddings-context: sentences as they are typed, every number, and what is refused."""

from __future__ import annotations

import html
import json
import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from components.embeddings import context as view
from components.embeddings.context import EXAMPLES, InContext, compared, data, draw
from components.embeddings.sentences.lines import parsed
from inference.errors import EmptyText, OrreryError, TooLong
from inference.service import Service
from inference.tasks.words.mean_states import SentenceStates
from inference.types.tokenized import Tokenized
from inference.words import WordVectors
from models.words.vectors import unit_rows

GROUPS = (0, 0, 1)


@pytest.fixture(scope="module")
def vectors() -> WordVectors:
    numbers = np.random.default_rng(2).normal(size=(3, 6)).astype(np.float32)
    return WordVectors(("bank", "river", "<i>"), np.full(3, 500), unit_rows(numbers))


def states(layers: int, places: int = 1) -> SentenceStates:
    numbers = np.random.default_rng(layers).normal(size=(layers, 3, 5)).astype(np.float32)
    texts = ("A <b>bank</b>.", "A bank by.", "The bank.")
    spans = tuple((text.index("bank"), text.index("bank") + 4) for text in texts)
    read = tuple(Tokenized(text, (1,), (text.encode(),)) for text in texts)
    return SentenceStates(read, spans, (tuple(range(places)),) * 3, numbers)


def shown(value: InContext) -> dict[str, Any]:
    found = re.search(r'data-value="([^"]*)"', str(draw(value)[1]))
    assert found is not None
    facts: dict[str, Any] = json.loads(html.unescape(found[1]))
    return facts


def test_lines_are_sentences_and_empty_lines_part_kinds() -> None:
    assert parsed(" a \nb\n\n\n c\n", 9) == (("a", "b", "c"), (0, 0, 1))
    assert parsed("a\n\nb", 9)[1] == (0, 1)
    with pytest.raises(EmptyText):
        parsed(" \n ", 9)
    with pytest.raises(OrreryError, match="One sentence cannot be compared"):
        parsed("a", 9)
    with pytest.raises(TooLong, match="up to 2 sentences; yours has 3"):
        parsed("a\nb\nc", 2)
    with pytest.raises(TooLong, match="4,000 characters"):
        parsed("a" * 4_001, 9)


def test_every_layer_of_every_model_is_compared(vectors: WordVectors) -> None:
    value = compared("bank", vectors, (states(3), states(4)), GROUPS)
    told = data(value)
    assert [len(one["layers"]) for one in told["models"]] == [3, 4]
    numbers = states(3).states[2].astype(np.float64)
    expected = float(numbers[0] @ numbers[2] / np.prod(np.linalg.norm(numbers[[0, 2]], axis=1)))
    assert told["models"][0]["layers"][2]["cosines"][0][2] == pytest.approx(expected)
    facts = shown(value)
    assert [[one is not None for one in row] for row in facts["cells"]] == [
        [True, True, True], [False, True, True], [False, True, True], [False, False, True],
    ]  # fmt: skip
    assert facts["cells"][0][0]["own"] == [0, 2]  # one vector, whatever is said
    assert facts["cells"][2][1]["cosines"][0][2] == pytest.approx(expected, abs=1e-4)
    assert facts["open"] == [2, 1]
    json.dumps(told)


def test_what_was_typed_is_text(vectors: WordVectors) -> None:
    value = compared("bank", vectors, (states(2), states(2)), GROUPS)
    assert "<b>" not in str(draw(value)[1])
    assert shown(value)["labels"][0] == ["A <b>", "bank", "</b>."]


def test_a_word_of_several_tokens_is_said_to_be_their_mean(vectors: WordVectors) -> None:
    value = compared("bank", vectors, (states(2), states(2, places=3)), GROUPS)
    assert "several tokens (Storyteller: 3); its point is their mean" in view.about(value)
    none = compared("unheard", vectors, (states(2), states(2)), GROUPS)
    assert view.about(none) == "Skip-gram has no point of unheard."
    assert shown(none)["cells"][0][0] is None and data(none)["static_neighbours"] == []


@pytest.fixture(scope="module")
def service(checkpoints: Path) -> Service:
    return Service(checkpoints, "cpu")


def own(service: Service, example: str) -> dict[str, list[int]]:
    """Of every model, of how many sentences the nearest is of their kind, layer by layer."""
    *_, value = view.ask(service, None, *EXAMPLES[example])
    assert isinstance(value, InContext)
    return {
        one["model"]: [layer["nearest_is_own"] for layer in one["layers"]]
        for one in data(value)["models"]
    }


@pytest.mark.weights
def test_what_the_room_is_told_of_these_models(service: Service) -> None:
    bank = own(service, "bank")
    assert bank["fill-in"][-1] == 8 and max(bank["fill-in"][:-1]) < 8
    assert max(bank["storyteller"]) < 8 and bank["storyteller"][0] == 0
    assert own(service, "light")["storyteller"][-1] == 6
    assert own(service, "spring")["fill-in"][-1] == 6
    assert own(service, "bat")["fill-in"][-1] == own(service, "bat")["storyteller"][-1] == 6
    apple = own(service, "apple")
    assert apple["fill-in"][0] == apple["storyteller"][0] == 6  # before any sentence is read


@pytest.mark.weights
def test_before_the_first_layer_only_the_place_tells_sentences_apart(service: Service) -> None:
    sentences = "The bank was closed.\nThe bank is green.\nHe saw the bank."
    *_, value = view.ask(service, None, "bank", sentences)
    assert isinstance(value, InContext)
    fill_in, storyteller = (one["layers"][0]["cosines"] for one in data(value)["models"])
    assert fill_in[0][1] == pytest.approx(1.0) and fill_in[0][2] < 0.99
    assert np.array(storyteller) == pytest.approx(1.0)


@pytest.mark.weights
def test_a_sentence_without_the_word_is_named(service: Service) -> None:
    with pytest.raises(OrreryError, match="Sentence 2 does not hold the word 'bank'"):
        list(view.ask(service, None, "bank", "A bank.\nA river."))
    with pytest.raises(EmptyText):
        list(view.ask(service, None, "", "A bank.\nA river."))
