"""Tokenizers are trained on the stories alone and stored whole."""

from __future__ import annotations

import json
import lzma

import pytest

from models.tokenizer import END_OF_TEXT, UNKNOWN, Tokenizer
from training import tokenizers
from training.places import Places

TRAINED = "The fox saw the hen. The hen saw the fox, and off she ran!\n" * 40 + "q"
HELD_OUT = "Zebras zigzag."


@pytest.fixture(scope="module")
def where(tmp_path_factory: pytest.TempPathFactory) -> Places:
    """A corpus of the test's own writing, and empty folders beside it."""
    root = tmp_path_factory.mktemp("places")
    (root / "data").mkdir()
    with lzma.open(root / "data" / "stories.jsonl.xz", "wt", encoding="utf-8") as file:
        for split, text in (("train", TRAINED), ("heldout", HELD_OUT)):
            story = {"title": split, "source": "ours", "text": text, "split": split}
            file.write(json.dumps(story) + "\n")
    return Places(root / "data", root / "checkpoints", root / "runs")


def test_characters_of_the_training_stories_alone_become_tokens() -> None:
    tokenizer = Tokenizer(tokenizers.characters(["aab\n" * 10, "c" * 9]))
    assert [tokenizer.bytes_of(i).decode() for i in range(tokenizer.vocabulary)] == [
        END_OF_TEXT, UNKNOWN, "\n", "a", "b"
    ]  # fmt: skip
    assert tokenizer.encode("cab") == [tokenizer.unknown, 3, 4]


def test_every_tokenizer_is_stored_and_opens(where: Places) -> None:
    tokenizers.train(where)
    characters = Tokenizer.load(where.checkpoints / "tokenizers" / "characters")
    assert characters.decode(characters.encode("The hen\n")) == "The hen\n"
    assert characters.unknown in characters.encode(HELD_OUT)
    assert not list(where.checkpoints.rglob("*.tmp"))
