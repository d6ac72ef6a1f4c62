"""The text of our own: in the formats of the corpora, repeatable, and fit to be measured on."""

from __future__ import annotations

import lzma
from pathlib import Path

import pytest

from training.data import corpus, grammar
from training.data.sentences import words_of
from training.evaluation import words as evaluate_words


@pytest.mark.parametrize("name", ["stories", "novels", "factbook"])
def test_every_corpus_can_be_read(tiny_corpus: Path, name: str) -> None:
    documents = list(corpus.read(tiny_corpus / f"{name}.jsonl.xz"))
    assert all(document.text for document in documents)
    held_out = [document for document in documents if document.split == "heldout"]
    assert bool(held_out) == (name != "factbook")


def test_a_seed_gives_the_same_text_and_another_seed_another(
    tmp_path: Path, tiny_corpus: Path
) -> None:
    grammar.write(tmp_path / "same")
    grammar.write(tmp_path / "other", seed=1)
    stories = "stories.jsonl.xz"
    assert (tmp_path / "same" / stories).read_bytes() == (tiny_corpus / stories).read_bytes()
    assert (tmp_path / "other" / stories).read_bytes() != (tiny_corpus / stories).read_bytes()


def test_sentence_pairs_are_two_columns(tiny_corpus: Path) -> None:
    packed = (tiny_corpus / "eng-fra.tsv.xz").read_bytes()
    lines = lzma.decompress(packed).decode("utf-8").splitlines()
    assert all(len(line.split("\t")) == 2 for line in lines)
    assert len(set(lines)) > 100


def test_the_questions_ask_for_words_that_the_text_holds(tiny_corpus: Path) -> None:
    stories = corpus.read(tiny_corpus / "stories.jsonl.xz")
    words = {word for document in stories for word in words_of(document.text)}
    for relation in ("family", "gram3-comparative", "gram7-past-tense", "gram8-plural"):
        path = tiny_corpus / "eval" / "analogies" / f"{relation}.txt"
        questions = evaluate_words.read_questions(path, "odd")
        assert questions
        assert {word for question in questions for word in question} <= words
    for name in evaluate_words.SIMILARITY.values():
        pairs = evaluate_words.read_pairs(tiny_corpus / "eval" / "similarity" / name)
        assert {word for one, other, _ in pairs for word in (one, other)} <= words
