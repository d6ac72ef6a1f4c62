"""Words, sentences and a whole small training of word vectors, on text that the test writes."""

from __future__ import annotations

import hashlib
import random
from pathlib import Path

import numpy as np
import pytest

from analysis.embeddings import neighbours
from models import word_vectors as stored
from training import slurs
from training.corpus import Document, Split
from training.word_vectors import (
    SENTENCE,
    Recipe,
    sentences,
    store,
    train,
    words_of,
    write_sentences,
)


def document(text: str, split: Split = "train", source: str = "ours") -> Document:
    return Document("A title", source, text, split)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("Alice's cat", ["alice", "cat"]),
        ("'Don't!' said HE", ["don't", "said", "he"]),
        ("five o'clock, e'er 'tis", ["five", "o'clock", "e'er", "tis"]),
        ("It\u2019s a Caf\u00e9", ["it", "a", "caf\u00e9"]),
        ("well-known_thing 42nd 1859", ["well", "known", "thing", "nd"]),
        ("the dogs' day", ["the", "dogs", "day"]),
        ("' '' ...", []),
    ],
)
def test_words_keep_apostrophes_inside(text: str, words: list[str]) -> None:
    assert words_of(text) == words


def test_sentences_are_the_paragraphs_of_training_documents() -> None:
    documents = [document("One two.\nThree four!"), document("Held out", split="heldout")]
    assert list(sentences(documents)) == [["one", "two"], ["three", "four"]]


def test_a_long_paragraph_is_cut_and_loses_nothing() -> None:
    parts = list(sentences([document("word " * (2 * SENTENCE + 5))]))
    assert [len(part) for part in parts] == [SENTENCE, SENTENCE, 5]


def test_a_failed_write_leaves_the_old_sentences(tmp_path: Path) -> None:
    path = tmp_path / "sentences.txt"
    assert write_sentences([["old", "words"], ["here"]], path) == 3
    with pytest.raises(ZeroDivisionError):
        write_sentences(([str(1 // n)] for n in (1, 0)), path)
    assert path.read_text(encoding="utf-8") == "old words\nhere\n"


@pytest.fixture
def gribble_is_a_slur(monkeypatch: pytest.MonkeyPatch) -> None:
    """A made-up word, since none of the real ones may stand here."""
    hashed = hashlib.sha256(b"gribble").hexdigest()[:16]
    monkeypatch.setattr(slurs, "_KNOWN", slurs._KNOWN | {hashed})


@pytest.mark.usefixtures("gribble_is_a_slur")
def test_slurs_are_known_by_their_hash_in_any_case() -> None:
    assert slurs.is_slur("Gribble")
    assert not any(slurs.is_slur(word) for word in ("gribbles", "cat", "savage", "black", ""))


def test_every_stored_hash_is_whole() -> None:
    assert slurs._KNOWN
    assert all(len(digits) == 16 and int(digits, 16) for digits in slurs._KNOWN)


MEALS, ROOMS = ("bread", "soup", "cake", "fish"), ("hall", "attic", "cellar", "porch")
SMALL = Recipe(width=12, window=3, epochs=4, min_count=5, subsample=0.0, most_words=40)


@pytest.fixture(scope="module")
def text(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Sentences in which meals are eaten and rooms are entered."""
    drawn = random.Random(4)
    parts = []
    for _ in range(1500):
        who = drawn.choice(("ann", "bob", "eve"))
        parts.append([who, "ate", "some", "warm", drawn.choice(MEALS), "for", "lunch"])
        parts.append([who, "walked", "into", "the", drawn.choice(ROOMS), "and", "sat"])
    parts += [["rare"]] * 4 + [["gribble"]] * 9
    path = tmp_path_factory.mktemp("words") / "sentences.txt"
    write_sentences(parts, path)
    return path


@pytest.mark.usefixtures("gribble_is_a_slur")
def test_a_whole_training_groups_words_by_their_use(text: Path, tmp_path: Path) -> None:
    kept = store(train(text, SMALL), SMALL.most_words, tmp_path / "vectors")
    loaded = stored.load(tmp_path / "vectors")
    assert kept == len(loaded.words) == 21  # neither the rare word nor the slur
    assert dict(zip(loaded.words, loaded.counts.tolist(), strict=True))["ate"] == 1500
    for group in (MEALS, ROOMS):
        near = neighbours(loaded.unit, loaded.index[group[0]], 3)
        assert {loaded.words[n.row] for n in near} == set(group[1:])
    assert [path.name for path in tmp_path.iterdir()] == ["vectors"]


def test_the_same_seed_gives_the_same_vectors(text: Path) -> None:
    first, second = (train(text, SMALL) for _ in range(2))
    assert first.index_to_key == second.index_to_key
    assert np.array_equal(first.vectors, second.vectors)


def test_only_the_most_frequent_words_are_kept(text: Path, tmp_path: Path) -> None:
    vectors = train(text, SMALL)
    assert store(vectors, 5, tmp_path / "few") == 5
    assert stored.load(tmp_path / "few").words == tuple(vectors.index_to_key[:5])
