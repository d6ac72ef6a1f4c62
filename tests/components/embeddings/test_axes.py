"""embeddings-axes: cosines against numpy, what is left out, and what is refused."""

from __future__ import annotations

import json
from dataclasses import dataclass

import numpy as np
import pytest

from analysis.words.axes import axis
from components.embeddings import axes as view
from components.embeddings.axes import Laid, data, draw
from inference.errors import OrreryError, TooLong, UnknownWord
from inference.words import WordVectors
from models.words.vectors import unit_rows

NAMES = ("he", "she", "man", "woman", "low", "high", "<i>nurse</i>", "doctor", "king")


@pytest.fixture(scope="module")
def vectors() -> WordVectors:
    numbers = np.random.default_rng(2).normal(size=(len(NAMES), 6)).astype(np.float32)
    return WordVectors(NAMES, np.full(len(NAMES), 500), unit_rows(numbers))


@dataclass
class Words:
    """What a view asks a service for."""

    vectors: WordVectors

    def word_vectors(self, _name: str) -> WordVectors:
        return self.vectors

    def word(self, text: str) -> str:
        return text


def laid(vectors: WordVectors, words: str, across: str, upwards: str | None = "") -> Laid:
    return view.ask(Words(vectors), None, words, across, upwards, "any")  # type: ignore[arg-type]


def test_places_are_cosines_with_the_mean_direction(vectors: WordVectors) -> None:
    found = laid(vectors, "doctor, king", "he - she, man - woman", "low - high")
    unit = vectors.unit[range(len(NAMES))].astype(np.float64)
    steps = [unit[1] - unit[0], unit[3] - unit[2]]
    mean = sum(step / np.linalg.norm(step) for step in steps)
    expected = unit[[7, 8]] @ mean / np.linalg.norm(mean)
    assert found.positions[:, 0] == pytest.approx(expected, abs=1e-6)
    up = (unit[5] - unit[4]) / np.linalg.norm(unit[5] - unit[4])
    assert found.positions[:, 1] == pytest.approx(unit[[7, 8]] @ up, abs=1e-6)
    value = data(found)
    assert value["angle"] == pytest.approx(float(mean @ up) / np.linalg.norm(mean), abs=1e-6)
    assert [one["word"] for one in value["words"]] == ["doctor", "king"]
    json.dumps(value)


def test_a_second_axis_may_be_left_out(vectors: WordVectors) -> None:
    found = laid(vectors, "king doctor king", "he she", None)
    assert len(found.axes) == 1 and data(found)["angle"] is None
    assert [word.text for word in found.words] == ["king", "doctor"]  # each once
    assert found.axes[0].agreement == pytest.approx([1.0])
    assert "nothing says whether" in str(draw(found)[2])


def test_two_pairs_agree_at_one_number_and_more_from_one_to_another() -> None:
    assert view.span((0.734, 0.731)) == "0.73" and view.span((0.9, 0.671, 0.8)) == "0.67 to 0.90"


def test_unknown_words_are_left_out_and_told(vectors: WordVectors) -> None:
    found = laid(vectors, "king zzz doctor <b>", "he she")
    assert found.missing == ("zzz", "<b>")
    assert "zzz, &lt;b&gt;." in str(draw(found)[0])


@pytest.mark.parametrize(
    ("words", "across", "error", "says"),
    [
        ("king", "", OrreryError, "needs a pair"),
        ("king", "he she they", OrreryError, "not two words"),
        ("king", "he he", OrreryError, "are the same"),
        ("king", "he she, she he", OrreryError, "against each other"),
        ("king", "he zzz", UnknownWord, "zzz"),
        ("zzz", "he she", UnknownWord, "zzz"),
        ("", "he she", OrreryError, "There is no word"),
        ("king " * 61, "he she", TooLong, "60"),
        ("king", "he she," * 13, TooLong, "12"),
        ("k" * 2_001, "he she", TooLong, "2,000"),
    ],
)
def test_what_gives_no_picture_is_refused(
    vectors: WordVectors, words: str, across: str, error: type[OrreryError], says: str
) -> None:
    with pytest.raises(error, match=says):
        laid(vectors, words, across)


def test_words_are_escaped_for_the_figure(vectors: WordVectors) -> None:
    found = view.laid(
        vectors,
        tuple(word for name in NAMES[6:] if (word := vectors.look_up(name))),
        (((vectors.look_up("he"), vectors.look_up("she")),),),  # type: ignore[arg-type]
    )
    plot = json.loads(draw(found)[1].plot)  # type: ignore[attr-defined]
    assert "&lt;i&gt;nurse&lt;/i&gt;" in plot["data"][0]["text"]
    assert plot["data"][0]["x"] is not None
    assert axis([(np.zeros(2), np.array([0.0, 2.0]))]).direction == pytest.approx([0, 1])
