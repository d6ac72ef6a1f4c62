"""embeddings-windows: what is drawn, what is refused, and what the room is told."""

from __future__ import annotations

import html
import json
import re
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest

from components.embeddings import windows as view
from components.embeddings.windows import EXAMPLES, Read, about, data, draw, fullest, read
from inference.errors import EmptyText, OrreryError, TooLong
from inference.service import Service
from inference.words import WordVectors

NAMES = ("the", "cat", "sat", "mat")


@dataclass
class Words:
    """What the view asks a service for."""

    vectors: WordVectors

    def word_vectors(self, _name: str) -> WordVectors:
        return self.vectors


@pytest.fixture(scope="module")
def vectors() -> WordVectors:
    return WordVectors(NAMES, np.array([90_000, 20, 10, 5]), np.eye(4, dtype=np.float32))


def test_unknown_words_are_as_if_not_there_and_rare_ones_always_stay(vectors: WordVectors) -> None:
    found = read(vectors, ("cat", "zzz", "sat", "cat"), 3)
    assert found.note == "Not in the vocabulary, as if not there: zzz."
    assert found.chances == (1.0, 0.0, 1.0, 1.0) and found.counts == (20, None, 10, 20)
    assert [window.centre for window in found.windows] == [0, 2, 3]
    for window, wrong, centre in zip(found.windows, found.wrong, found.wrong_centres, strict=True):
        assert 1 not in window.near and 1 <= window.reach <= 5
        assert len(wrong) == len(window.near)
        assert all(len(each) == 5 and set(each) <= set(NAMES) for each in (*wrong, centre))
    assert found.pairs == sum(len(window.near) for window in found.windows)


def test_wrong_words_come_as_often_as_their_counts_to_the_power_say(vectors: WordVectors) -> None:
    drawn = [
        word
        for seed in range(300)
        for each in read(vectors, ("cat", "sat", "mat"), seed).wrong
        for pair in each
        for word in pair
    ]
    share = np.array([drawn.count(name) for name in NAMES]) / len(drawn)
    powers = np.array([90_000, 20, 10, 5]) ** 0.75
    assert share == pytest.approx(powers / powers.sum(), abs=0.005)


def test_the_same_dice_read_the_same_and_others_do_not(vectors: WordVectors) -> None:
    words = ("cat", "sat", "mat", "cat", "sat")
    assert read(vectors, words, 1) == read(vectors, words, 1)
    assert len({data(read(vectors, words, seed))["pairs"] for seed in range(9)}) > 1


def test_where_nothing_stays_nothing_is_drawn(vectors: WordVectors) -> None:
    found = next(
        one for seed in range(99) if not (one := read(vectors, ("the", "the"), seed)).windows
    )
    assert (found.pairs, fullest(found), data(found)["windows"]) == (0, 0, [])


def test_what_is_typed_is_escaped_and_refused_with_a_sentence(vectors: WordVectors) -> None:
    service = Words(vectors)

    def ask(text: str, seed: int = 7) -> Read:
        return view.ask(service, None, text, seed)  # type: ignore[arg-type]

    shown = str(draw(ask('<b>cat</b> "sat"'))[1])
    assert "<b>" not in shown
    facts = re.search(r'data-value="([^"]*)"', shown)
    assert facts is not None
    assert json.loads(html.unescape(facts[1]))["words"][1]["text"] == "cat"
    for text, error in (("", EmptyText), ("...", EmptyText), ("a " * 41, TooLong)):
        with pytest.raises(error):
            ask(text)
    with pytest.raises(TooLong, match="600"):
        ask("x" * 601)
    with pytest.raises(OrreryError, match="seed"):
        ask("cat", -1)


@pytest.fixture(scope="module")
def opened(checkpoints: Path) -> Read:
    return view.ask(Service(checkpoints, "cpu"), None, *EXAMPLES["A king"])  # type: ignore[arg-type]


@pytest.mark.weights
def test_what_the_room_is_told_of_the_king(opened: Read) -> None:
    assert opened.pairs == 26
    window = opened.windows[fullest(opened)]
    assert opened.words[window.centre] == "golden" and window.reach == 3
    near = [opened.words[place] for place in window.near]
    assert near[:2] == ["king", "gave"] and near[-1] == "cup"
    assert window.near[-1] - window.centre == 5
    gone = {word for word, _ in zip(opened.words, opened.counts, strict=True)} - {
        opened.words[one.centre] for one in opened.windows
    }
    assert gone >= {"the", "a", "old"}
    chance = dict(zip(opened.words, opened.chances, strict=True))
    assert (round(chance["the"], 2), round(chance["old"], 2)) == (0.04, 0.36)
    assert "'the' is 5.5 % of the text and 1.6 % of them" in about(opened)
