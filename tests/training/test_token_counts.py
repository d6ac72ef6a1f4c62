"""Tokens are counted in what was trained on, once through, as a plain loop counts them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from models.text import uses
from models.text.tokenizer import Tokenizer
from training import token_counts, tokenizers
from training.data import corpus, grammar
from training.paths import Paths
from training.tokenizer_kinds import Recipe


@pytest.fixture(scope="module")
def where(tmp_path_factory: pytest.TempPathFactory) -> Paths:
    root = tmp_path_factory.mktemp("counts")
    grammar.write(root / "data")
    found = Paths(root / "data", root / "checkpoints", root / "runs")
    tokenizers.train(found, Recipe(vocabulary=320, rare=2), ("words", "byte-bpe"))
    token_counts.write(found, ("words", "byte-bpe"))
    return found


@pytest.mark.parametrize("name", ["words", "byte-bpe"])
def test_every_token_of_the_training_text_is_counted_once(where: Paths, name: str) -> None:
    folder = where.checkpoints / "tokenizers" / name
    tokenizer = Tokenizer.load(folder)
    found = uses.load(folder, tokenizer.vocabulary)
    assert list(found) == ([uses.OLD, uses.SIMPLE] if name == "byte-bpe" else [uses.OLD])
    for text, counted in found.items():
        expected = [0] * tokenizer.vocabulary
        for document in corpus.read(where.data / token_counts.FILES[text]):
            if document.split == "train":
                for token in tokenizer.encode(document.text):
                    expected[token] += 1
        assert list(counted) == expected and sum(expected) > 1_000


def test_many_texts_are_counted_in_parts(where: Paths) -> None:
    tokenizer = Tokenizer.load(where.checkpoints / "tokenizers" / "words")
    texts = ["The old king."] * (2 * token_counts.PART + 1)
    once = token_counts.counts(tokenizer, texts[:1])
    assert token_counts.counts(tokenizer, texts) == [len(texts) * one for one in once]


def test_a_file_that_is_written_is_one_line_of_json(where: Paths, tmp_path: Path) -> None:
    written = (where.checkpoints / "tokenizers" / "words" / uses.USES).read_text()
    assert written.count("\n") == 1
    assert set(json.loads(written)) == {uses.OLD}
