"""embeddings-classifier: what is learned from lines, what is refused, and what the room is told."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest

from components.embeddings import classifier as view
from components.embeddings.classifier import EXAMPLES, Classified, data, draw
from inference.errors import EmptyText, OrreryError, TooLong
from inference.service import Service
from inference.words import WordVectors

LINES = "good: great fun\ngood: fun\nbad: noise\nbad: dreadful noise"


@dataclass
class Words:
    """What a view asks a service for."""

    vectors: WordVectors

    def word_vectors(self, _name: str) -> WordVectors:
        return self.vectors


@pytest.fixture(scope="module")
def service() -> Words:
    names = ("great", "fun", "noise", "dreadful", "fine")
    unit = np.array([[1, 0], [0.8, 0.6], [-1, 0], [-0.8, 0.6], [0.96, 0.28]], dtype=np.float32)
    return Words(WordVectors(names, np.full(5, 500), unit))


def trained(service: Words, judged: str, lines: str = LINES) -> Classified:
    return view.ask(service, None, lines, judged)  # type: ignore[arg-type]


def test_a_word_never_learned_from_says_nothing_to_the_linear_one(service: Words) -> None:
    found = trained(service, "good: Fine!\nbad: fun\nfine noise")
    told = data(found)
    assert told["labels"] == ["good", "bad"]
    assert found.by_linear[0] == pytest.approx([0.5, 0.5], abs=1e-6)  # as many lines of each
    assert found.by_averaging[0][0] > 0.8
    assert told["weights"]["fun"][0] > told["weights"]["great"][0] > 0  # seen twice, and once
    assert told["weights"]["fun"] == pytest.approx([-one for one in told["weights"]["fun"]][::-1])
    assert found.right(found.by_averaging) == (1, 2)  # the third says no label
    json.dumps(told)


def test_the_table_marks_unseen_words_and_what_is_wrong(service: Words) -> None:
    shown = str(draw(trained(service, "bad: fun zzz\n<b>: fun"))[1])
    assert '<span class="unseen">zzz</span>' in shown and "<span>fun</span>" in shown
    assert shown.count("<i>wrong</i>") == 4
    assert "&lt;b&gt;" in shown and "0 of 2 right" in shown
    assert data(trained(service, "fun \ud800"))["lines"][0]["text"] == "fun \ufffd"
    assert trained(service, "zzz").note.endswith("averages: zzz.")
    assert "right" not in str(draw(trained(service, "fun"))[1])


def test_a_verdict_hangs_on_the_word_whose_leaving_out_moves_it_most(service: Words) -> None:
    line = "fun noise fun fine zzz"
    found = trained(service, line)
    words = line.split()
    for which, whole in enumerate((found.by_linear[0], found.by_averaging[0])):
        verdict = int(whole.argmax())
        left = {  # judged anew as lines of their own
            word: (anew.by_linear, anew.by_averaging)[which][0][verdict]
            for word in dict.fromkeys(words)
            for anew in [trained(service, " ".join(one for one in words if one != word))]
        }
        most = max(left, key=lambda word: abs(left[word] - whole[verdict]))
        told = data(found)["lines"][0]["hangs_on"][which]
        assert told == {"word": most, "probability": pytest.approx(left[most])}
        assert f"without {most}: {100 * left[most]:.0f}" in str(draw(found)[1])


def test_where_no_word_moves_a_verdict_none_is_named(service: Words) -> None:
    assert trained(service, "fun\nzzz yyy\nfine zzz").hangs_on[:2] == ((None, None),) * 2
    assert trained(service, "fine zzz").hangs_on[0][0] is None  # the linear one knows neither


@pytest.mark.parametrize(
    ("lines", "judged", "error", "says"),
    [
        ("", "fun", EmptyText, "lines to learn from"),
        (LINES, " ", EmptyText, "lines to judge"),
        ("good: fun\nnoise", "fun", OrreryError, "'noise' has no label"),
        ("good: fun", "fun", OrreryError, "2 to 4 labels; yours are good"),
        ("a: x\nb: x\nc: x\nd: x\ne: x", "fun", OrreryError, "2 to 4 labels"),
        ("good: ...\nbad: x", "fun", OrreryError, "holds no word"),
        ("a: x\n" * 61, "fun", TooLong, "60 lines"),
        (LINES, "x\n" * 13, TooLong, "12 lines"),
        ("x" * 6_001, "fun", TooLong, "6,000"),
    ],
)
def test_what_cannot_be_learned_from_is_refused(
    service: Words, lines: str, judged: str, error: type[OrreryError], says: str
) -> None:
    with pytest.raises(error, match=says):
        trained(service, judged, lines)


@pytest.mark.weights
def test_what_the_room_is_told_of_happy_and_sad(checkpoints: Path) -> None:
    found = view.ask(Service(checkpoints, "cpu"), None, *EXAMPLES["Happy or sad"])
    assert not found.note
    unseen = {"delightful", "joyful", "dreadful"}
    assert not unseen & {*found.vocabulary}
    assert np.abs(found.by_linear[:6] - 0.5).max() < 0.1  # close to a coin toss
    names = [found.names[i] for i in found.by_averaging.argmax(axis=1)]
    assert names[:6] == [one.label for one in found.judged[:6]]
    for by in (found.by_linear, found.by_averaging):
        given = [found.names[i] for i in by[6:].argmax(axis=1)]
        assert all(name != one.label for name, one in zip(given, found.judged[6:], strict=True))
    assert found.right(found.by_averaging) == (6, 8)
    party, lonely = found.hangs_on[0], found.hangs_on[4]
    assert [word and word.word for word in party] == ["a", "delightful"]
    assert lonely[1] and lonely[1].word == "miserable" and lonely[1].probability < 0.5


@pytest.mark.weights
def test_land_and_sea_are_told_apart_by_their_meaning(checkpoints: Path) -> None:
    found = view.ask(Service(checkpoints, "cpu"), None, *EXAMPLES["Land or sea"])
    assert found.right(found.by_averaging) == (4, 4)
