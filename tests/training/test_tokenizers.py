"""Tokenizers are trained on the stories alone and stored whole."""

from __future__ import annotations

import dataclasses
import json
import lzma
from pathlib import Path

import pytest

from models.text import merges
from models.text.tokenizer import END_OF_TEXT, UNKNOWN, Tokenizer
from training import tokenizer_kinds, tokenizers
from training.data import grammar
from training.data.corpus import CorpusError
from training.paths import Paths
from training.tokenizer_kinds import Recipe

SMALL = Recipe(vocabulary=320, rare=2)


@pytest.fixture(scope="module")
def where(tmp_path_factory: pytest.TempPathFactory) -> Paths:
    """A corpus of the project's own writing, and every tokenizer trained on it."""
    root = tmp_path_factory.mktemp("paths")
    grammar.write(root / "data")
    found = Paths(root / "data", root / "checkpoints", root / "runs")
    tokenizers.train(found, SMALL)
    return found


def test_characters_of_the_training_stories_alone_become_tokens() -> None:
    tokenizer = Tokenizer(tokenizer_kinds.characters(["aab\n" * 10, "c" * 9]))
    assert [tokenizer.bytes_of(i).decode() for i in range(tokenizer.vocabulary)] == [
        END_OF_TEXT, UNKNOWN, "\n", "a", "b"
    ]  # fmt: skip
    assert tokenizer.encode("cab") == [tokenizer.unknown, 3, 4]


def test_words_are_the_most_frequent_ones_and_no_slurs(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tokenizer_kinds, "is_slur", lambda word: word == "sly")
    counted = tokenizer_kinds.words_of(["The sly, sly fox. A fox, a sly fox"])
    tokenizer = Tokenizer(tokenizer_kinds.words(counted, 6))
    pieces = [tokenizer.piece(i) for i in range(tokenizer.vocabulary)]
    assert pieces == [END_OF_TEXT, UNKNOWN, "fox", ",", ".", "A"]


@pytest.mark.parametrize("name", tokenizers.NAMES)
def test_every_tokenizer_is_stored_and_opens(where: Paths, name: str) -> None:
    folder = where.checkpoints / "tokenizers" / name
    tokenizer = Tokenizer.load(folder)
    assert 30 < tokenizer.vocabulary <= SMALL.vocabulary
    assert tokenizer.encode("The old king")
    assert json.loads((folder / "tokenizer_config.json").read_text())["eos_token"] == END_OF_TEXT
    assert (folder / merges.COUNTS).exists() == (name in ("bpe", "byte-bpe", "multilingual"))
    merges.load(folder)
    assert not list(where.checkpoints.rglob("*.tmp"))


@pytest.mark.parametrize("name", ["bpe", "wordpiece", "unigram"])
def test_training_again_writes_the_same_bytes(where: Paths, tmp_path: Path, name: str) -> None:
    again = dataclasses.replace(where, checkpoints=tmp_path)
    tokenizers.train(again, SMALL, [name])
    path = Path("tokenizers") / name / "tokenizer.json"
    assert (tmp_path / path).read_bytes() == (where.checkpoints / path).read_bytes()


def test_the_storyteller_gets_the_byte_level_one_and_keeps_what_it_has(
    where: Paths, tmp_path: Path
) -> None:
    ours = where.checkpoints / "tokenizers" / "byte-bpe" / "tokenizer.json"
    theirs = where.checkpoints / "storyteller" / "tokenizer.json"
    assert ours.read_bytes() == theirs.read_bytes()
    kept = tmp_path / "storyteller"
    tokenizers.save(tokenizer_kinds.byte_bpe(["another text"], 270), kept)
    tokenizers.train(dataclasses.replace(where, checkpoints=tmp_path), SMALL, ["byte-bpe"])
    copied = tmp_path / "tokenizers" / "byte-bpe" / "tokenizer.json"
    assert copied.read_bytes() == (kept / "tokenizer.json").read_bytes()
    assert copied.read_bytes() != ours.read_bytes()


def test_a_slur_among_the_tokens_is_refused_with_nothing_written(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(tokenizers, "is_slur", lambda word: word == "sly")
    tokenizer = tokenizer_kinds.byte_bpe(["a sly fox, a sly fox"], 300)
    with pytest.raises(ValueError, match="list of slurs"):
        tokenizers.save(tokenizer, tmp_path / "one")
    assert not (tmp_path / "one").exists()


def test_sentences_that_would_make_a_slur_a_token_are_passed_over(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    lines = ["Wren flies.\tLe wren vole.", "Wrens fly.\tElles volent.", "Go on.\tAllez."]
    path = tmp_path / "pairs.tsv.xz"
    path.write_bytes(lzma.compress("\n".join(lines * 2).encode()))
    monkeypatch.setattr(tokenizers.pairs, "ONE_IN", 2**40)  # nothing is held out
    monkeypatch.setattr(tokenizers, "is_slur", lambda word: word == "Wren")
    found = tokenizers.sentences(path, 300)
    assert found == ["Go on.", "Le wren vole.", "Elles volent.", "Allez."]


def test_missing_pairs_are_named_before_anything_is_written(where: Paths, tmp_path: Path) -> None:
    (tmp_path / "stories.jsonl.xz").write_bytes((where.data / "stories.jsonl.xz").read_bytes())
    with pytest.raises(CorpusError, match=r"eng-fra\.tsv\.xz does not exist"):
        tokenizers.train(Paths(tmp_path, tmp_path / "out", tmp_path))
    assert not (tmp_path / "out").exists()


def test_an_unknown_name_is_refused(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    monkeypatch.setattr("sys.argv", ["tokenizers", "--data", str(tmp_path), "runes"])
    with pytest.raises(SystemExit):
        tokenizers.main()
    assert "no tokenizer named runes" in capsys.readouterr().err
