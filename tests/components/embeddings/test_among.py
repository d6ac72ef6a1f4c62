"""Names are left out of lists by one rule, and found where somebody asks with one.

Words of a single story only where it is one of them.
"""

from __future__ import annotations

from dataclasses import replace
from html import unescape
from pathlib import Path

import numpy as np
import pytest

from components.embeddings import analogies, arithmetic, neighbours
from components.embeddings.models import looked_up
from components.embeddings.near.among import beside, in_one_story, names_of
from inference.words import WordVectors
from models.words import vectors as word_vectors
from models.words.usage import Usage
from models.words.vectors import unit_rows
from tests.components.embeddings.test_axes import Words

WORDS = ("king", "man", "woman", "angelica", "queen", "paris", "crown")
CAPITALS = np.array([79, 0, 0, 80, 20, 100, 0], np.uint8)
LARGEST = np.array([4, 79, 9, 80, 9, 2, 80], np.uint8)
RULE = "names (a capital at least 80 times of 100)"
ONE_STORY = "words of one story (at least 80 times of 100 in it)"
SOLVED = (
    "man king woman", "man woman uncle", "king queen prince", "dog puppy cat", "he she actor",
    "boy girl brother", "father mother son", "hot cold summer", "cow milk hen", "run ran go",
)  # fmt: skip
SUMS = (
    "king - man + woman",
    "brother - boy + girl",
    "boy + dog",
    "friend + bear",
    "water + frozen",
)


@pytest.fixture(scope="module")
def marked() -> WordVectors:
    numbers = np.random.default_rng(3).normal(size=(len(WORDS), 4)).astype(np.float32)
    own = WordVectors(WORDS, np.full(len(WORDS), 500), unit_rows(numbers))
    return replace(own, usage=Usage(CAPITALS, LARGEST))


def test_names_are_left_out_unless_asked_for_or_with(marked: WordVectors) -> None:
    service, names, story = Words(marked), {"angelica", "paris"}, {"angelica", "crown"}

    def solved(c: str, names: int = 0) -> analogies.Solved:
        return analogies.ask(service, None, "man", "king", c, "any", names=names)  # type: ignore[arg-type]

    def summed(words: str, names: int = 0) -> arithmetic.Summed:
        return arithmetic.ask(service, None, words, "any", names=names)  # type: ignore[arg-type]

    for without, named, wanted in (
        (solved("woman"), solved("paris"), solved("woman", 1)),
        (summed("king + woman"), summed("king + paris"), summed("king + woman", 1)),
    ):
        view = analogies if isinstance(without, analogies.Solved) else arithmetic
        lists = [view.data(one) for one in (without, named, wanted)]  # type: ignore[arg-type]
        words = [{one["word"] for one in found["ranking"]} for found in lists]
        assert words == [{*WORDS} - names - story, {*WORDS} - story, {*WORDS}]
        assert [found["among"] for found in lists] == [4, 5, 7]
        shown = [unescape(str(view.draw(one)[0])) for one in (without, named, wanted)]  # type: ignore[arg-type]
        assert [RULE in one for one in shown] == [True, False, False]
        assert [ONE_STORY in one for one in shown] == [True, True, False]


def test_who_asks_with_a_word_of_one_story_is_answered_with_such_words(
    marked: WordVectors,
) -> None:
    asked = [looked_up(marked, "paris"), looked_up(marked, "angelica")]
    among = beside(marked, asked, 1, names=False)
    assert among.count == 7 and not among.without


def test_what_is_not_known_leaves_nothing_out(marked: WordVectors) -> None:
    asked = [looked_up(marked, "king")]
    for own in (
        replace(marked, usage=None),
        replace(marked, usage=Usage(CAPITALS * 0, LARGEST * 0)),
    ):
        among = beside(own, asked, 1, names=False)
        assert among.count == 7 and not among.without and RULE not in among.told


@pytest.mark.weights
def test_of_everyday_analogies_and_sums_no_name_is_left_and_no_answer_is_another(
    checkpoints: Path,
) -> None:
    found = word_vectors.load(checkpoints / "word-vectors", "skip-gram-1")
    named = {found.words[row] for row in np.flatnonzero(names_of(found))}
    service = Words(found)
    before = 0
    for question in (*SOLVED, *SUMS):
        lists = []
        for names in (0, 1):
            if question in SUMS:
                value = arithmetic.data(arithmetic.ask(service, None, question, "any", 100, names))  # type: ignore[arg-type]
            else:
                solved = analogies.ask(service, None, *question.split(), "any", names=names)  # type: ignore[arg-type, misc]
                value = analogies.data(solved)
            lists.append((value["answer"], {one["word"] for one in value["ranking"]}))
        (answer, words), (other, whole) = lists
        assert answer == other and not words & named, question
        before += len(whole & named)
    assert before >= 10
    said = [
        arithmetic.data(arithmetic.ask(service, None, "bunny + bird", "any", names=names))["answer"]  # type: ignore[arg-type]
        for names in (1, 0)
    ]
    assert said == ["tweety", "squirrel"]
    solved = analogies.ask(service, None, "man", "king", "woman", "any", names=1)  # type: ignore[arg-type]
    assert "angelica" in [one["word"] for one in analogies.data(solved)["ranking"][:10]]


@pytest.mark.weights
def test_who_asks_with_a_name_is_answered_with_names(checkpoints: Path) -> None:
    found = word_vectors.load(checkpoints / "word-vectors", "skip-gram-1")
    service = Words(found)
    solved = analogies.ask(service, None, "france", "paris", "austria", "any")  # type: ignore[arg-type]
    summed = arithmetic.ask(service, None, "london - england + france", "any")  # type: ignore[arg-type]
    near = neighbours.neighbours(found, looked_up(found, "monday"), 100, names=False)
    assert solved.answer == "vienna" and arithmetic.data(summed)["answer"] == "paris"
    assert "tuesday" in near.words


@pytest.mark.weights
@pytest.mark.parametrize(
    "word", ["king", "doctor", "cat", "internet", "money", "president", "big", "jew"]
)
def test_nobody_of_a_single_story_is_near(checkpoints: Path, word: str) -> None:
    found = word_vectors.load(checkpoints / "word-vectors", "skip-gram-1")
    near = neighbours.neighbours(found, looked_up(found, word), 100, names=False)
    assert len(near.rows) == 10 and not in_one_story(found)[near.rows].any()
    assert {"fagin", "sikes", "dodger"}.isdisjoint(near.words)
