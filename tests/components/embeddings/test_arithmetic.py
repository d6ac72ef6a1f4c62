"""embeddings-arithmetic: a sum and its parts against numpy, and what is refused."""

from __future__ import annotations

import html
import json

import numpy as np
import pytest

from components.embeddings import arithmetic as view
from components.embeddings.arithmetic import Summed, data, draw
from inference.errors import OrreryError, TooLong, UnknownWord
from inference.words import WordVectors
from models.words.vectors import unit_rows
from tests.components.embeddings.test_axes import Words

NAMES = ("king", "man", "woman", "queen", "<b>", *(f"word{i}" for i in range(20)))


@pytest.fixture(scope="module")
def vectors() -> WordVectors:
    numbers = np.random.default_rng(6).normal(size=(len(NAMES), 8)).astype(np.float32)
    return WordVectors(NAMES, np.full(len(NAMES), 500), unit_rows(numbers))


def summed(vectors: WordVectors, words: object) -> Summed:
    return view.ask(Words(vectors), None, words, "any", 1)  # type: ignore[arg-type]


def test_the_ranking_and_the_shares_are_those_of_the_sum(vectors: WordVectors) -> None:
    found = summed(vectors, "king - man + woman")
    unit = vectors.unit[range(len(NAMES))].astype(np.float64)
    total = unit[0] - unit[1] + unit[2]
    cosines = unit @ total / np.linalg.norm(total)
    order = np.argsort(-cosines)
    value = data(found)
    assert [one["word"] for one in value["ranking"]][:10] == [NAMES[i] for i in order[:10]]
    assert value["answer"] == next(NAMES[i] for i in order if i > 2)
    assert [one["cosine"] for one in value["terms"]] == pytest.approx(
        [cosines[0], -cosines[1], cosines[2]], abs=1e-6
    )
    assert value["sum"] == found.text == "king \N{MINUS SIGN} man + woman"
    json.dumps(value)


def test_a_word_alone_is_its_own_sum_and_a_sum_of_nothing_points_nowhere(
    vectors: WordVectors,
) -> None:
    assert summed(vectors, "- king").text == "\N{MINUS SIGN}king"
    assert summed(vectors, "king").shares == pytest.approx((1.0,))
    nothing = summed(vectors, "king - king")
    assert nothing.shares == (0.0, 0.0)
    listed, _, made_of = map(str, draw(nothing))
    assert "Its words cancel." in listed and "queen" not in listed + made_of
    assert data(nothing)["answer"] is None and data(nothing)["ranking"] == []
    assert nothing.points == ("king",)


@pytest.mark.parametrize(
    ("words", "error", "says"),
    [
        (None, OrreryError, "no word"),
        ("king queen", OrreryError, "no \\+ or -"),
        ("king - ", OrreryError, "ends with a sign"),
        ("king + zzz", UnknownWord, "zzz"),
        (" + ".join(["king"] * 13), TooLong, "12"),
        ("k" * 401, TooLong, "400"),
    ],
)
def test_what_is_no_sum_is_refused(
    vectors: WordVectors, words: object, error: type[OrreryError], says: str
) -> None:
    with pytest.raises(error, match=says):
        summed(vectors, words)


def test_what_was_typed_is_escaped(vectors: WordVectors) -> None:
    shown = str(draw(summed(vectors, "<b> + king"))[0])
    assert "<b>" not in shown
    assert "<b> + king" in html.unescape(shown)
