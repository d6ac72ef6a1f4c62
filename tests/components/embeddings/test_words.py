"""embeddings-words: points, neighbours among one's own words, what is left out and refused."""

from __future__ import annotations

import json
import threading
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from sklearn.decomposition import PCA

from components.embeddings import words as view
from components.embeddings.words import EXAMPLES, Laid, data, draw
from inference.errors import OrreryError, TooLong, UnknownWord
from inference.loading.remembered import Remembered
from inference.service import Service
from inference.types.waiting import Waiting
from inference.words import WordVectors
from models.words.vectors import unit_rows

NAMES = ("one", "two", "<b>", "four", "five", "six", "seven", "eight")


@dataclass
class Words:
    """What a view asks a service for."""

    vectors: WordVectors
    remembered: Remembered = field(default_factory=lambda: Remembered(3))
    turn: threading.Lock = field(default_factory=threading.Lock)

    def word_vectors(self, _name: str) -> WordVectors:
        return self.vectors

    def word(self, text: str) -> str:
        return text


@pytest.fixture(scope="module")
def service() -> Words:
    numbers = np.random.default_rng(2).normal(size=(len(NAMES), 6)).astype(np.float32)
    return Words(WordVectors(NAMES, np.arange(8, 0, -1) * 100, unit_rows(numbers)))


def laid(service: Words, words: str, word: str | None = "", method: str = "pca") -> Laid:
    *_, found = view.ask(service, None, words, word, "any", method)  # type: ignore[arg-type]
    assert isinstance(found, Laid)
    return found


def test_points_and_neighbours_are_those_of_scikit_learn_and_numpy(service: Words) -> None:
    found = laid(service, "one two\n\nfour five six\nseven eight one", "six")
    unit = service.vectors.unit[[0, 1, 3, 4, 5, 6, 7]].astype(np.float64)
    expected = PCA(2).fit_transform(unit)
    ours = found.points - found.points.mean(axis=0)
    turned = expected * np.sign((expected * ours).sum(axis=0))
    scale = np.abs(ours).max() / np.abs(turned).max()
    assert ours == pytest.approx(turned * scale, abs=1e-5)
    assert np.abs(found.points).max() == pytest.approx(0.92)
    told = data(found)
    assert [one["line"] for one in told["words"]] == [0, 0, 1, 1, 1, 2, 2]
    cosines = unit @ unit[4]
    near = [i for i in np.argsort(-cosines) if i != 4][:3]
    assert told["words"][4]["neighbours"] == [told["words"][i]["text"] for i in near]
    assert found.found == 4 and "Truly nearest to six" in str(draw(found)[2])
    json.dumps(told)


def test_what_is_unknown_is_named_and_what_is_no_word_of_mine_too(service: Words) -> None:
    found = laid(service, "one two <i> <b> four", "nine")
    assert found.note == "Not in this vocabulary, and left out: <i>. nine is none of your words."
    assert found.found == 0
    plot = json.loads(draw(found)[1].plot)  # type: ignore[attr-defined]
    assert "&lt;b&gt;" in plot["data"][0]["text"]
    assert "&lt;i&gt;." in str(draw(found)[0])


def test_the_same_words_are_laid_out_once(service: Words, monkeypatch: pytest.MonkeyPatch) -> None:
    first = laid(service, "one two four five", "", "t-sne")
    monkeypatch.setattr(view, "slices", lambda _: pytest.fail("laid out again"))
    again = laid(service, "one two four\nfive", "five", "t-sne")
    assert (again.points == first.points).all() and again.found == 3


def test_progress_is_told_and_who_leaves_holds_nobody_up(service: Words) -> None:
    typed = "one two four five six"
    asked = view.ask(service, None, typed, "", "any", "t-sne")  # type: ignore[arg-type]
    told = [next(asked), next(asked)]
    assert [one.sentence for one in told if isinstance(one, Waiting)] == [
        "Laying out 5 words by t-SNE: 10\N{NO-BREAK SPACE}% done.",
        "Laying out 5 words by t-SNE: 20\N{NO-BREAK SPACE}% done.",
    ]
    assert not service.turn.locked()  # others go on between two slices
    asked.close()  # type: ignore[attr-defined]
    assert not service.turn.locked()
    again = list(view.ask(service, None, typed, "", "any", "t-sne"))  # type: ignore[arg-type]
    assert len(again) == 10 and isinstance(again[-1], Laid)
    assert [type(one) for one in view.ask(service, None, typed, "six", "any", "t-sne")] == [Laid]  # type: ignore[arg-type]


def test_how_many_stand_with_their_line_is_counted(service: Words) -> None:
    found = laid(service, "one two\nfour five six")
    nearest = [one["neighbours"][0] for one in data(found)["words"]]
    lines = {one["text"]: one["line"] for one in data(found)["words"]}
    expected = sum(lines[a] == lines[b] for a, b in zip(lines, nearest, strict=True))
    assert found.own == expected
    assert f"The nearest of {expected} of the 5 stands on their own line." in str(draw(found)[2])
    assert "own line" not in str(draw(laid(service, "one two four"))[2])


@pytest.mark.parametrize(
    ("words", "error", "says"),
    [
        ("", OrreryError, "Type at least 3"),
        ("one two one", OrreryError, "There are 2 words to work with. Type at least 3"),
        ("zzz yyy", UnknownWord, "zzz"),
        ("one " * 501, TooLong, "500"),
        ("x" * 12_001, TooLong, "12,000"),
    ],
)
def test_what_gives_no_picture_is_refused(
    service: Words, words: str, error: type[OrreryError], says: str
) -> None:
    with pytest.raises(error, match=says):
        laid(service, words)
    with pytest.raises(OrreryError, match="t-sne or pca"):
        laid(service, "one two four", "", "umap")


def told(checkpoints: Path, example: str, method: str) -> tuple[Laid, dict[str, Any]]:
    real = Service(checkpoints, "cpu")
    *_, found = view.ask(real, None, *EXAMPLES[example], "skip-gram-1", method)
    assert isinstance(found, Laid)
    return found, data(found)


@pytest.mark.weights
def test_r9_what_the_room_is_told_of_these_words(checkpoints: Path) -> None:
    found, by_tsne = told(checkpoints, "Eight lists", "t-sne")
    assert not found.note and len(found.words) > 200
    assert found.own > 0.95 * len(found.words)
    _, by_pca = told(checkpoints, "Eight lists", "pca")
    assert by_tsne["kept"] > 1.5 * by_pca["kept"]
    _, verbs = told(checkpoints, "Verbs", "t-sne")
    ran = next(one for one in verbs["words"] if one["text"] == "ran")
    assert ran["neighbours"][:3] == ["running", "run", "walked"]
