"""embeddings-matrix: cosines in their order, equal labels, what is refused, and what is told."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from components.embeddings import matrix as view
from components.embeddings.drawing.heat import heat
from components.embeddings.matrix import EXAMPLES, Matrix, data, draw
from inference.errors import OrreryError, TooLong, UnknownWord
from inference.service import Service
from inference.words import WordVectors
from models.words.vectors import unit_rows

NAMES = ("one", "two", "<b>", "four", "five", "six")


@dataclass
class Words:
    """What a view asks a service for."""

    vectors: WordVectors

    def word_vectors(self, _name: str) -> WordVectors:
        return self.vectors

    def word(self, text: str) -> str:
        return text


@pytest.fixture(scope="module")
def vectors() -> WordVectors:
    numbers = np.random.default_rng(2).normal(size=(len(NAMES), 6)).astype(np.float32)
    return WordVectors(NAMES, np.full(len(NAMES), 500), unit_rows(numbers))


def compared(vectors: WordVectors, words: str, arranged: str = "clustered") -> Matrix:
    return view.ask(Words(vectors), None, words, "any", arranged)  # type: ignore[arg-type]


def figure(value: Matrix) -> dict[str, Any]:
    drawn: dict[str, Any] = json.loads(draw(value)[1].plot)  # type: ignore[attr-defined]
    return drawn


def test_every_cell_is_the_cosine_of_its_two_words(vectors: WordVectors) -> None:
    value = compared(vectors, "four, one; two\nfive zzz one")
    told = data(value)
    assert told["words"] == ["four", "one", "two", "five"] and told["missing"] == ["zzz"]
    assert told["note"] == "Not in this vocabulary, and left out: zzz."
    unit = vectors.unit[[3, 0, 1, 4]].astype(np.float64)
    assert np.array(told["cosines"]) == pytest.approx(unit @ unit.T, abs=1e-6)
    drawn = figure(value)
    along = told["order"]
    assert drawn["layout"]["xaxis"]["ticktext"] == [told["words"][i] for i in along]
    cells = drawn["data"][0]["z"]
    assert cells[0][1] == pytest.approx(told["cosines"][along[0]][along[1]], abs=1e-3)
    assert cells[2][2] is None
    typed = compared(vectors, "four one two five", "typed")
    assert typed.order == (0, 1, 2, 3)
    json.dumps(told)


def test_the_odd_one_out_is_farthest_from_the_mean(vectors: WordVectors) -> None:
    value = compared(vectors, "one two four five")
    unit = vectors.unit[[0, 1, 3, 4]].astype(np.float64)
    mean = unit.mean(axis=0)
    expected = ["one", "two", "four", "five"][int((unit @ mean).argmin())]
    assert data(value)["odd_one_out"] == expected
    assert f"Odd one out: {expected}" in str(draw(value)[2])
    two = compared(vectors, "one two")
    assert data(two)["odd_one_out"] is None and "type a third one" in str(draw(two)[2])


def test_r15_equal_labels_keep_their_rows_and_tags_are_text() -> None:
    drawn = json.loads(heat(np.eye(3), ["the", "<b>", "the"]).to_json())
    assert drawn["layout"]["xaxis"]["tickvals"] == [0, 1, 2]
    assert drawn["layout"]["yaxis"]["ticktext"] == ["the", "&lt;b&gt;", "the"]
    assert len(drawn["data"][0]["z"]) == 3


def test_two_hundred_words_fit_and_some_are_named() -> None:
    drawn = json.loads(heat(np.zeros((200, 200)), [str(i) for i in range(200)]).to_json())
    assert len(drawn["layout"]["xaxis"]["tickvals"]) <= 26
    assert drawn["data"][0]["texttemplate"] == ""


@pytest.mark.parametrize(
    ("words", "error", "says"),
    [
        ("", OrreryError, "There is no word to work with. Type at least 2"),
        ("one one", OrreryError, "There is one word to work with. Type at least 2"),
        ("zzz yyy", UnknownWord, "zzz"),
        ("one " * 201, TooLong, "200"),
        ("x" * 5_001, TooLong, "5,000"),
    ],
)
def test_what_gives_no_matrix_is_refused(
    vectors: WordVectors, words: str, error: type[OrreryError], says: str
) -> None:
    with pytest.raises(error, match=says):
        compared(vectors, words)
    with pytest.raises(OrreryError, match="clustered or typed"):
        compared(vectors, "one two", "backwards")


@pytest.fixture(scope="module")
def service(checkpoints: Path) -> Service:
    return Service(checkpoints, "cpu")


def told(service: Service, example: str) -> dict[str, Any]:
    return data(view.ask(service, None, *EXAMPLES[example], "skip-gram-1", "clustered"))


@pytest.mark.weights
def test_subjects_come_out_as_squares(service: Service) -> None:
    found = told(service, "Subjects")
    along = [found["words"][i] for i in found["order"]]
    subjects = ("red yellow green blue", "soup bread cheese tea", "uncle mother brother sister",
                "winter spring summer autumn")  # fmt: skip
    squares = {frozenset(along[i : i + 4]) for i in range(0, 16, 4)}
    assert squares == {frozenset(one.split()) for one in subjects}


@pytest.mark.weights
def test_the_odd_ones_out_are_those_the_room_is_told(service: Service) -> None:
    assert told(service, "Fruit")["odd_one_out"] == "hammer"
    assert told(service, "Days")["odd_one_out"] == "january"
    sea = told(service, "In the sea")
    assert sea["odd_one_out"] != "whale"
    assert sea["fits"][0] > sea["fits"][1]  # the whale fits better than the shark


@pytest.mark.weights
def test_orange_stands_between_colours_and_fruit(service: Service) -> None:
    found = told(service, "Orange")
    along = [found["words"][i] for i in found["order"]]
    at = along.index("orange")
    sides = {frozenset(along[:at]), frozenset(along[at + 1 :])}
    assert sides == {frozenset({"red", "green", "blue", "yellow"}),
                     frozenset({"apple", "banana", "pear"})}  # fmt: skip
