"""Neighbours in several models: what is marked, and what is said where a word is not known."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from html import unescape
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from components.embeddings import neighbours
from components.embeddings.models import looked_up
from components.embeddings.near.columns import (
    ALL,
    HUB,
    SOME,
    columns,
    columns_data,
    likeness,
    listed,
)
from inference.service import Service
from models.words import vectors as word_vectors
from models.words.usage import Usage
from models.words.vectors import WordVectors, unit_rows

WORDS = ("king", "queen", "crown", "fish", "<b>")


def vectors(*cosines: float) -> WordVectors:
    """Words at these cosines with the first."""
    near = np.array([1.0, *cosines])
    rows = np.stack([near, np.sqrt(1 - near**2)], axis=1).astype(np.float32)
    return WordVectors(WORDS, np.arange(50, 0, -10), unit_rows(rows))


def drawn(*models: WordVectors, least: int = 20) -> list[Any]:
    """The lists as the browser draws them: a title, a caption and rows each."""
    lists = [listed(one, f"M{i}", "king", "queen", least, False) for i, one in enumerate(models)]
    found = re.findall(r'data-value="([^"]*)"', str(columns(lists)))
    return [json.loads(unescape(value)) for value in found]


def remarks(rows: list[Any]) -> dict[str, str]:
    return {label: remark for label, _, _, remark, _ in rows}


def test_r10_words_of_every_list_and_of_two_are_marked_and_hubs_too() -> None:
    first = replace(vectors(0.9, 0.8, 0.7, 0.1), hubness=np.array([10, 51, 50, 0, 0]))
    short = WordVectors(WORDS[:3], first.counts[:3], first.unit[:3])
    lists = drawn(first, vectors(0.1, 0.2, 0.9, 0.8), short)
    assert [title for title, _, _ in lists] == ["M0", "M1", "M2"]
    assert remarks(lists[0][2]) == {
        "queen": f"{ALL}{HUB} 40 \N{MULTIPLICATION SIGN}",
        "crown": f"{ALL} 30 \N{MULTIPLICATION SIGN}",
        "fish": f"{SOME} 20 \N{MULTIPLICATION SIGN}",
    }  # <b> was seen too seldom
    assert [row[0] for row in lists[1][2]] == ["fish", "crown", "queen"]
    assert [row[4] for row in lists[0][2]] == ["shared"] * 3


def test_one_list_alone_has_no_marks_and_no_title() -> None:
    ((title, caption, rows),) = drawn(vectors(0.9, 0.8, 0.7, 0.1), least=1)
    assert (title, caption) == ("", "")
    assert remarks(rows)["<b>"] == "10 \N{MULTIPLICATION SIGN}"
    assert {row[4] for row in rows} == {""}


def test_a_model_that_does_not_know_the_word_says_so() -> None:
    other = WordVectors(("ship", "boat"), np.array([9, 8]), np.eye(2, dtype=np.float32))
    lists = [
        listed(one, title, "king", "queen", 1, False)
        for one, title in ((vectors(*[0.5] * 4), "A"), (other, "B"))
    ]
    assert "B does not know this word." in unescape(str(columns(lists)))
    assert columns_data(lists, ("a", "b"))[1] == {
        "model": "b", "known": False, "cosine": None, "neighbours": [],
    }  # fmt: skip
    assert "king and queen: cosine 0.50 in A." in str(likeness(lists, "king", "queen"))
    assert str(likeness(lists[1:], "king", "queen")) == ""
    assert "&lt;i&gt;" in str(likeness(lists, "<i>", "queen"))


def test_the_cosine_of_two_words_is_that_of_their_vectors() -> None:
    found = listed(vectors(0.9, 0.8, 0.7, 0.1), "A", "queen", "fish", 1, False)
    one, other = (np.array([x, np.sqrt(1 - x * x)]) for x in (0.9, 0.7))
    assert found.cosine is not None and abs(found.cosine - one @ other) < 1e-6
    assert listed(vectors(*[0.5] * 4), "A", "queen", "unheard", 1, False).cosine is None


@pytest.mark.weights
def test_a_model_beside_the_first_that_is_not_here_is_named(
    checkpoints: Path, tmp_path: Path
) -> None:
    folder = tmp_path / "word-vectors"
    folder.mkdir()
    for path in (checkpoints / "word-vectors").glob("*"):
        if not path.name.startswith("glove"):
            (folder / path.name).symlink_to(path)
    service = Service(tmp_path, "cpu")
    found = neighbours.ask(service, None, "king", "", "cbow", 100, "glove", "fasttext")
    assert found.models == ("cbow", "fasttext")
    said = unescape(str(neighbours.draw(found)[0]))
    assert "The model word vectors glove is not available" in said


def test_names_are_left_out_unless_they_are_asked_for_or_asked_with() -> None:
    """Of five words the second and third are written with a capital."""
    capitals = np.array([79, 80, 100, 0, 0], np.uint8)
    marked = replace(vectors(0.9, 0.8, 0.7, 0.6), usage=Usage(capitals, capitals * 0))

    def words(word: str, names: bool = False) -> list[str]:
        return listed(marked, "A", word, "", 1, names).words

    assert words("king") == ["fish", "<b>"]
    assert words("king", names=True) == ["queen", "crown", "fish", "<b>"]
    assert words("queen")[:2] == ["crown", "fish"]  # a name, so that names are beside it
    near = neighbours.neighbours(marked, looked_up(marked, "king"), 1, names=False)
    assert near.among.count == 3 and near.words == ["king", "fish", "<b>"]
    assert "names (a capital at least 80 times of 100) left out" in str(neighbours.shown(near))
    for shown in (
        neighbours.neighbours(marked, looked_up(marked, "queen"), 1, names=False),
        neighbours.neighbours(marked, looked_up(marked, "king"), 1, names=True),
        neighbours.neighbours(vectors(*[0.5] * 4), looked_up(marked, "king"), 1, names=False),
    ):
        assert "names" not in str(neighbours.shown(shown))


EVERYDAY = (
    "dog cat horse bird fish apple bread milk water tea house door window table chair bed kitchen "
    "garden tree flower river sea mountain road car train ship school teacher book pen letter "
    "mother father sister brother baby child friend king queen doctor soldier farmer money shop "
    "work play run walk eat sleep happy sad big small red summer winter music"
)


@pytest.mark.weights
def test_beside_everyday_words_stands_no_heroine_of_a_single_story(checkpoints: Path) -> None:
    found = word_vectors.load(checkpoints / "word-vectors", "skip-gram-1")
    assert found.usage is not None and len(EVERYDAY.split()) == 60
    before, unwanted = 0, (found.usage.capitals >= 80) | (found.usage.largest >= 80)
    for word in EVERYDAY.split():
        without, whole = (listed(found, "", word, "", 100, names) for names in (False, True))
        rows = [found.index[one] for one in whole.words]
        out = {one for one, row in zip(whole.words, rows, strict=True) if unwanted[row]}
        assert len(without.words) == 10 and not out.intersection(without.words)
        assert [one for one in whole.words if one not in out] == without.words[: 10 - len(out)]
        before += len(out)
    assert before == 26
    assert {"max", "buddy"} <= {*listed(found, "", "dog", "", 100, True).words}
