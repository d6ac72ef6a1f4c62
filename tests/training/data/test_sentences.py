"""The training text: what counts as a word, where a sentence ends, and what is kept of it all."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

from training.data import corpus, facts, pairs, slurs
from training.data.corpus import CorpusError, Document, Split
from training.data.pairs import Pair
from training.data.sentences import (
    CORPORA,
    LONGEST,
    english_sentences,
    sentences,
    vocabulary,
    words_of,
    write,
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


def test_english_sentences_are_read_once_and_held_out_ones_never() -> None:
    found = [Pair(f"Sentence {'a' * n}.", "Une phrase.") for n in range(200)]
    held_out = [one for one in found if one.split == "heldout"]
    words = list(english_sentences([*found, *found, Pair("42!", "42 !")]))
    assert 0 < len(held_out) < 20 and len(words) == 200 - len(held_out)
    assert words_of(held_out[0].english) not in words
    assert not any("phrase" in sentence for sentence in words)


def test_a_long_paragraph_is_cut_and_loses_nothing() -> None:
    parts = list(sentences([document("word " * (2 * LONGEST + 5))]))
    assert [len(part) for part in parts] == [LONGEST, LONGEST, 5]


def read(path: Path) -> list[str]:
    return path.read_text(encoding="utf-8").splitlines()


def test_the_text_is_every_paragraph_and_some_facts_shuffled(
    tiny_corpus: Path, tmp_path: Path
) -> None:
    write(tiny_corpus, tmp_path / "bare.txt", facts_share=0.0, seed=1)
    write(tiny_corpus, tmp_path / "told.txt", facts_share=0.4, seed=1)
    documents = [one for name in CORPORA for one in corpus.read(tiny_corpus / name)]
    paragraphs = [" ".join(words) for words in sentences(documents)]
    spoken = [" ".join(words) for words in english_sentences(pairs.read(tiny_corpus / pairs.FILE))]
    assert len(spoken) > 20
    paragraphs += spoken
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
    assert list(vocabulary(path, 2).items()) == [("a", 3), ("b", 2), ("c", 2)]
