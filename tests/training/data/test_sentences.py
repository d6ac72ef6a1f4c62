"""The training text: what counts as a word, where a sentence ends, and what is kept of it all."""

from __future__ import annotations

import hashlib
from collections import Counter
from pathlib import Path

import pytest

from training.data import facts, grammar, pairs, slurs
from training.data.corpus import CorpusError
from training.data.pairs import Pair
from training.data.sentences import (
    CORPORA,
    LONGEST,
    Least,
    documents_of,
    lines_of,
    vocabulary,
    words_of,
    write,
)


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


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Every corpus empty but for one document of novels and one of today, and four pairs."""
    for name in CORPORA:
        grammar._pack(tmp_path / name, [])
    texts = {"novels.jsonl.xz": "One two.\nThree four!", "modern.jsonl.xz": "Two!\nTwo."}
    for name, text in texts.items():
        fields = {"title": name, "source": "ours", "text": text}
        told = [fields | {"split": "train"}, fields | {"split": "heldout", "text": "Held out."}]
        grammar._pack(tmp_path / name, map(grammar._line, told))
    spoken = ["Two?", "Five.", "Five!", "Six two."]
    grammar._pack(tmp_path / pairs.FILE, (f"{english}\tUne phrase." for english in spoken))
    return tmp_path


def test_documents_are_the_training_texts_and_each_new_sentence(folder: Path) -> None:
    assert all(Pair(one, "").split == "train" for one in ("Two?", "Five.", "Five!", "Six two."))
    found = list(documents_of(folder))
    assert found == [["one two", "three four"], ["two", "two"], [], ["five"], [], ["six two"]]


def test_held_out_sentences_are_never_read(folder: Path) -> None:
    spoken = [Pair(f"Sentence {'a' * n}.", "") for n in range(200)]
    held_out = [one for one in spoken if one.split == "heldout"]
    grammar._pack(folder / pairs.FILE, (f"{one.english}\tUne phrase." for one in spoken))
    read = {line for lines in documents_of(folder) for line in lines if line.startswith("sent")}
    assert 0 < len(held_out) < 20 and len(read) == 200 - len(held_out)
    assert not read & {" ".join(words_of(one.english)) for one in held_out}


def test_a_long_paragraph_is_cut_and_loses_nothing() -> None:
    parts = list(lines_of("word " * (2 * LONGEST + 5)))
    assert [len(part.split()) for part in parts] == [LONGEST, LONGEST, 5]


def test_a_word_is_counted_once_a_document(folder: Path, tmp_path: Path) -> None:
    documents = write(folder, tmp_path / "text.txt", facts_share=0.0, seed=1)
    assert (documents["two"], documents["one"], documents["five"]) == (3, 1, 1)
    assert "held" not in documents


def read(path: Path) -> list[str]:
    return path.read_text(encoding="utf-8").splitlines()


def test_the_text_is_every_paragraph_and_some_facts_shuffled(
    tiny_corpus: Path, tmp_path: Path
) -> None:
    write(tiny_corpus, tmp_path / "bare.txt", facts_share=0.0, seed=1)
    write(tiny_corpus, tmp_path / "told.txt", facts_share=0.4, seed=1)
    paragraphs = [line for lines in documents_of(tiny_corpus) for line in lines]
    assert len(paragraphs) > 20
    bare, told = read(tmp_path / "bare.txt"), read(tmp_path / "told.txt")
    assert sorted(bare) == sorted(paragraphs) and bare != paragraphs
    added = list(told)
    for line in bare:
        added.remove(line)
    assert {"varn is the capital of norland", "a baker bakes bread"} <= set(added)
    words = [sum(len(line.split()) for line in lines) for lines in (added, told)]
    assert 0 < words[0] <= 0.4 * words[1]


def test_the_same_seed_gives_the_same_text(tiny_corpus: Path, tmp_path: Path) -> None:
    for name, seed in (("one", 1), ("same", 1), ("other", 2)):
        write(tiny_corpus, tmp_path / name, facts_share=0.3, seed=seed)
    one, same, other = (read(tmp_path / name) for name in ("one", "same", "other"))
    assert one == same != other


def test_a_failed_write_leaves_the_old_text(
    tiny_corpus: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "sentences.txt"
    write(tiny_corpus, path, facts_share=0.0, seed=1)
    before = path.read_bytes()
    with pytest.raises(CorpusError):
        write(tmp_path, path, facts_share=0.0, seed=1)
    monkeypatch.setattr(facts, "sentences", lambda *_: [None])
    with pytest.raises(AttributeError):
        write(tiny_corpus, path, facts_share=0.3, seed=1)
    assert path.read_bytes() == before


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


@pytest.mark.usefixtures("gribble_is_a_slur")
def test_the_vocabulary_holds_the_common_words_but_slurs(tmp_path: Path) -> None:
    path = tmp_path / "sentences.txt"
    path.write_text("b a gribble\na c gribble\nb a gribble\nc d\n", encoding="utf-8")
    documents = Counter({"a": 3, "b": 1, "c": 2, "d": 2, "gribble": 3})
    found = vocabulary(path, documents, Least(count=2, documents=1))
    assert list(found.items()) == [("a", 3), ("b", 2), ("c", 2)]


def test_a_word_of_a_single_document_is_left_out(tmp_path: Path) -> None:
    path = tmp_path / "sentences.txt"
    path.write_text("a mordecai\na mordecai\nb mordecai\nb\n", encoding="utf-8")
    documents = Counter({"a": 2, "b": 2, "mordecai": 1})
    assert list(vocabulary(path, documents, Least(count=2))) == ["a", "b"]
