"""What a text costs in tokens, by hand and on the text of our own."""

from __future__ import annotations

import pytest

from models.text.tokenizer import Tokenizer
from training import tokenizer_kinds, tokenizers
from training.data import grammar, pairs
from training.evaluation import tokenizers as evaluate_tokenizers
from training.paths import Paths


def test_costs_by_hand() -> None:
    words = tokenizer_kinds.words({"a": 3, "fox": 2, ".": 2})
    found = evaluate_tokenizers.cost(Tokenizer(words), ["a fox ran.", "a wren."])
    assert found == {
        "vocabulary": 5,
        "tokens": 7,
        "tokens per word": 1.4,
        "bytes per token": round(17 / 7, 3),
        "unknown, % of tokens": round(100 * 2 / 7, 3),
    }


def test_languages_by_hand() -> None:
    letters = Tokenizer(tokenizer_kinds.characters(["abcdef"], rare=1))
    held_out = [pairs.Pair("ab", "abc"), pairs.Pair("abcd", "abcdef")]
    assert evaluate_tokenizers.languages(letters, held_out) == {
        "pairs": 2,
        "English, tokens per sentence": 3.0,
        "French, tokens per sentence": 4.5,
        "French / English": 1.5,
    }


@pytest.fixture(scope="module")
def where(tmp_path_factory: pytest.TempPathFactory) -> Paths:
    root = tmp_path_factory.mktemp("paths")
    grammar.write(root / "data")
    found = Paths(root / "data", root / "checkpoints", root / "runs")
    tokenizers.train(found, tokenizer_kinds.Recipe(vocabulary=320, rare=2))
    return found


def test_every_tokenizer_is_measured_on_held_out_text(where: Paths) -> None:
    figures = evaluate_tokenizers.evaluate(where.checkpoints / "tokenizers", where.data)
    stories, sentences = figures["Held-out stories"], figures["Held-out sentence pairs"]
    assert set(stories) == set(tokenizers.NAMES)
    assert stories["characters"]["tokens"] > stories["byte-bpe"]["tokens"]
    assert stories["byte-bpe"]["unknown, % of tokens"] == 0
    assert set(sentences) == {"byte-bpe", "multilingual"}
    assert sentences["multilingual"]["French / English"] < sentences["byte-bpe"]["French / English"]
