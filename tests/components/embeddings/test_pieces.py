"""embeddings-pieces: the vector is gensim's, pieces can be left out, and the answers are true."""

from __future__ import annotations

import html
import json
import re
from pathlib import Path

import numpy as np
import pytest

from components.embeddings import pieces as view
from components.embeddings.pieces import EXAMPLES, Pieces, data, draw, made
from inference.errors import EmptyText, OrreryError, TooLong
from inference.service import Service
from inference.words import WordVectors
from models.words.ngrams import NGrams
from models.words.vectors import unit_rows

NAMES = ("king", "queen", "café", "<i>", "kings")


@pytest.fixture(scope="module")
def trained() -> tuple[WordVectors, np.ndarray]:
    """A small fastText of gensim's as vectors of ours, and its vectors of pieces."""
    from gensim.models import FastText

    text = [[*NAMES, "the"], ["the", *NAMES[::-1]]] * 10
    theirs = FastText(
        text, vector_size=6, min_count=1, min_n=3, max_n=4, bucket=500, epochs=2, workers=1, seed=1
    )
    buckets = theirs.wv.vectors_ngrams
    unit = unit_rows(np.stack([theirs.wv[name] for name in NAMES]))
    vectors = WordVectors(NAMES, np.full(len(NAMES), 500), unit, NGrams(buckets, 3, 4))
    return vectors, theirs.wv["kingly"]


def test_with_all_pieces_it_is_the_vector_of_gensim(
    trained: tuple[WordVectors, np.ndarray],
) -> None:
    vectors, theirs = trained
    value = made(vectors, "kingly", [])
    unit = theirs / np.linalg.norm(theirs)
    cosines = vectors.unit[range(len(NAMES))] @ unit
    assert [one.row for one in value.whole] == np.argsort(-cosines, kind="stable").tolist()
    assert value.whole[0].cosine == pytest.approx(float(cosines.max()), abs=1e-5)
    assert value.left == () and value.likeness == pytest.approx(1.0)
    assert value.shares.sum() == pytest.approx(1.0)
    assert value.learned is None


def test_what_is_left_is_the_mean_of_the_other_pieces(
    trained: tuple[WordVectors, np.ndarray],
) -> None:
    vectors, _ = trained
    value = made(vectors, "banana", ["ana", "zzz"])
    assert value.note == "No piece of this word, and ignored: zzz."
    others = [piece for piece in value.pieces if piece != "ana"]
    assert len(others) == len(value.pieces) - 2  # it stands there twice
    assert vectors.ngrams is not None
    rows = vectors.ngrams.vectors(others)
    unit = rows.mean(axis=0) / np.linalg.norm(rows.mean(axis=0))
    expected = sorted((float(vectors.unit[[i]][0] @ unit) for i in range(len(NAMES))), reverse=True)
    assert [one.cosine for one in value.left] == pytest.approx(expected, abs=1e-5)
    assert not value.shares[[piece == "ana" for piece in value.pieces]].any()
    told = data(value)
    assert told["pieces"][0] == {"text": "<ba", "start": 0, "on": True, "share": value.shares[0]}
    marked = "<banana>"
    assert all(marked[one["start"] :].startswith(one["text"]) for one in told["pieces"])
    json.dumps(told)


def test_a_chip_switches_its_piece_and_no_two_cover_each_other(
    trained: tuple[WordVectors, np.ndarray],
) -> None:
    shown = str(draw(made(trained[0], "a<b>banana", ["ana"]))[1])
    asked = [json.loads(html.unescape(one)) for one in re.findall(r'data-inputs="([^"]*)"', shown)]
    assert {"off": ""} in asked and {"off": "ana nan"} in asked
    assert "<b>banana" not in shown
    places = re.findall(r"grid-column: (\d+) / span (\d); grid-row: (\d+)", shown)
    held = [
        (row, column)
        for start, length, row in places
        for column in range(int(start), int(start) + int(length))
    ]
    assert len(set(held)) == len(held)


class Words:
    """What a view asks a service for."""

    def __init__(self, vectors: WordVectors) -> None:
        self.vectors = vectors

    def word_vectors(self, _name: str) -> WordVectors:
        return self.vectors

    def word(self, text: str) -> str:
        return text


@pytest.mark.parametrize(
    ("word", "off", "error"),
    [
        ("", "", EmptyText),
        ("!", "", EmptyText),
        ("a", "<a> <a", OrreryError),
        ("a", "x" * 1_001, TooLong),
    ],
)
def test_what_has_no_vector_is_refused(
    trained: tuple[WordVectors, np.ndarray], word: str, off: str, error: type[OrreryError]
) -> None:
    with pytest.raises(error):
        view.ask(Words(trained[0]), None, word, off)  # type: ignore[arg-type]


def test_a_seen_word_is_compared_with_its_own_vector(
    trained: tuple[WordVectors, np.ndarray],
) -> None:
    found = view.ask(Words(trained[0]), None, "King\u2019s", None)  # type: ignore[arg-type]
    assert found.word == "king" and found.learned is not None and found.learned > 0.5
    assert "left out" in found.note
    assert "This word was seen" in str(draw(found)[2])


@pytest.fixture(scope="module")
def service(checkpoints: Path) -> Service:
    return Service(checkpoints, "cpu")


def near(service: Service, example: str) -> tuple[list[str], list[str]]:
    found: Pieces = view.ask(service, None, *EXAMPLES[example])
    told = data(found)
    assert found.learned is None and not found.note  # nobody has seen it, and all pieces are its
    return [one["word"] for one in told["whole"]], [one["word"] for one in told["left"]]


@pytest.mark.weights
def test_what_the_room_is_told_of_these_words(service: Service) -> None:
    whole, _ = near(service, "kingdomless")
    assert whole[0] == "kingdom" and "countless" in whole
    whole, left = near(service, "without less")
    assert "countless" not in left
    assert left.index("empire") < whole.index("empire")
    assert near(service, "definately")[0][0] == "definitely"
    assert near(service, "teh")[0][0] == "tehran"
    assert set(near(service, "snowdragon")[0][:2]) == {"dragon", "snow"}
    assert sum(word.endswith("ly") for word in near(service, "sleepingly")[0]) >= 4
