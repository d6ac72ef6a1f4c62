"""embeddings-counting: every kind of vector from hand-made sentences, and what the room is told."""

from __future__ import annotations

import html
import json
import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from components.embeddings import counting as view
from components.embeddings.counting import EXAMPLES, KINDS, Counted, counted, data, draw
from inference.errors import OrreryError
from inference.service import Service
from inference.tasks.words.mean_states import SentenceStates
from inference.types.tokenized import Tokenized
from inference.words import WordVectors

TEXTS = ("the cat <b>", "cat the the", "a dog")


@pytest.fixture(scope="module")
def value() -> Counted:
    unit = np.eye(4, dtype=np.float32)
    vectors = WordVectors(("the", "a", "cat", "dog"), np.array([900, 90, 9, 1]), unit)
    read = tuple(Tokenized(text, (1,), (text.encode(),)) for text in TEXTS)
    states = np.random.default_rng(1).normal(size=(2, 3, 5)).astype(np.float32)
    return counted(vectors, SentenceStates(read, ((0, 1),) * 3, ((0,),) * 3, states), (0, 0, 1))


def cosine(value: Counted, kind: str, one: int, other: int) -> float:
    found = data(value)["kinds"][KINDS.index(kind)]
    assert found["title"] == kind
    return float(found["cosines"][one][other])


def test_every_kind_is_worked_out_by_hand(value: Counted) -> None:
    assert value.vocabulary == ("a", "b", "cat", "dog", "the")
    assert cosine(value, "Words, yes or no", 0, 1) == pytest.approx(2 / np.sqrt(3 * 2))
    assert cosine(value, "Words, counted", 0, 1) == pytest.approx(3 / np.sqrt(3 * 5))
    common, rare = np.log(4 / 3) + 1, np.log(4 / 2) + 1
    shared = common**2 + 2 * common**2
    lengths = np.sqrt(2 * common**2 + rare**2) * np.sqrt(5 * common**2)
    assert cosine(value, "TF-IDF", 0, 1) == pytest.approx(shared / lengths)
    assert cosine(value, "Averaged", 0, 1) == pytest.approx(3 / np.sqrt(2 * 5))  # b has no vector
    the, cat = 0.001 / 0.901, 0.001 / 0.010
    dot, one, two = cat**2 + 2 * the**2, np.hypot(the, cat), np.hypot(2 * the, cat)
    assert cosine(value, "Weighted", 0, 1) == pytest.approx(dot / one / two)
    assert cosine(value, "Averaged", 0, 2) == 0
    first, second = np.random.default_rng(1).normal(size=(2, 3, 5)).astype(np.float32)[1][:2]
    expected = first @ second / np.linalg.norm(first) / np.linalg.norm(second)
    assert cosine(value, "Fill-in", 0, 1) == pytest.approx(float(expected), abs=1e-6)


def test_words_without_a_vector_are_named_and_weights_told(value: Counted) -> None:
    assert value.note == "Without a vector, and left out of the averages: b."
    assert "Weight of the: 1.29 in TF-IDF, 0.00 in SIF; of dog: 1.69 and 0.50." in str(draw(value))
    assert data(value)["sif_weights"]["a"] == pytest.approx(0.001 / 0.091)
    json.dumps(data(value))


def test_every_matrix_has_a_scale_of_its_own(value: Counted) -> None:
    shown = re.search(r'data-value="([^"]*)"', str(draw(value)[1]))
    assert shown is not None and "<b>" not in shown[1]
    facts = json.loads(html.unescape(shown[1]))
    lows = [row[0]["low"] for row in facts["cells"]]
    assert lows[0] == 0.0 and len(set(lows)) > 1
    assert facts["labels"][0] == ["", "", "the cat <b>"]


def test_sentences_of_unknown_words_have_no_direction(value: Counted) -> None:
    vectors = WordVectors(("the",), np.array([5]), np.ones((1, 1), dtype=np.float32))
    read = tuple(Tokenized(text, (1,), (text.encode(),)) for text in ("zzz", "yyy"))
    states = np.ones((1, 2, 3), dtype=np.float32)
    none = counted(vectors, SentenceStates(read, ((0, 1),) * 2, ((0,),) * 2, states), (0, 1))
    assert cosine(none, "SIF", 0, 1) == 0
    assert "No word of these sentences has a vector." in str(draw(none)[1])


@pytest.fixture(scope="module")
def service(checkpoints: Path) -> Service:
    return Service(checkpoints, "cpu")


def kinds(service: Service, example: str) -> dict[str, Any]:
    *_, found = view.ask(service, None, *EXAMPLES[example])
    assert isinstance(found, Counted)
    return {one["title"]: one for one in data(found)["kinds"]}


@pytest.mark.weights
def test_what_the_room_is_told_of_these_sentences(service: Service) -> None:
    found = kinds(service, "Other words")
    own = {title: one["nearest_is_own"] for title, one in found.items()}
    assert all(one["among"] == 6 for one in found.values())
    assert not any(own[title] for title in ("Words, yes or no", "Words, counted", "TF-IDF"))
    assert own["Weighted"] == 6 > own["Averaged"] >= 5
    assert own["SIF"] < own["Weighted"]
    assert [found[title]["cosines"][0][1] for title in KINDS[:3]] == [0, 0, 0]
    assert found["Averaged"]["cosines"][0][1] > 0.4
    for title in KINDS[:6]:
        assert found[title]["cosines"][6][7] == pytest.approx(1.0)  # the dog and the man
    assert found["Fill-in"]["cosines"][6][7] < 0.995
    assert kinds(service, "Everyday")["Averaged"]["nearest_is_own"] == 6


@pytest.mark.weights
def test_none_of_them_understands_not(service: Service) -> None:
    assert not any(one["nearest_is_own"] for one in kinds(service, "Not").values())


@pytest.mark.weights
def test_too_little_is_refused(service: Service) -> None:
    with pytest.raises(OrreryError, match="cannot be compared"):
        list(view.ask(service, None, "A cat."))
