"""Sentence pairs are read whole, and held out by their English side."""

from __future__ import annotations

import lzma
from pathlib import Path

import pytest

from training.data import grammar, pairs
from training.data.corpus import CorpusError


def packed(path: Path, text: str) -> Path:
    path.write_bytes(lzma.compress(text.encode()))
    return path


def test_pairs_are_read_in_order(tmp_path: Path) -> None:
    path = packed(tmp_path / "p.tsv.xz", "Go.\tVa !\nGo.\tAllez !\n")
    assert list(pairs.read(path)) == [pairs.Pair("Go.", "Va !"), pairs.Pair("Go.", "Allez !")]


def test_an_english_sentence_is_held_out_with_all_its_translations() -> None:
    splits = [{pairs.Pair(f"Number {n}.", f).split for f in ("a", "b")} for n in range(2000)]
    assert all(len(split) == 1 for split in splits)
    assert 20 <= splits.count({"heldout"}) <= 60  # one in fifty


def test_the_split_is_the_same_everywhere() -> None:
    held_out = [n for n in range(200) if pairs.Pair(f"Number {n}.", "").split == "heldout"]
    assert held_out == [56, 164]


@pytest.mark.parametrize("line", ["one", "one\ttwo\tthree", "\ttwo", "one\t"])
def test_a_line_that_is_no_pair_is_named(tmp_path: Path, line: str) -> None:
    path = packed(tmp_path / "p.tsv.xz", f"Go.\tVa !\n{line}\n")
    with pytest.raises(CorpusError, match=r"p\.tsv\.xz, line 2"):
        list(pairs.read(path))


def test_missing_and_damaged_files_are_named(tmp_path: Path) -> None:
    with pytest.raises(CorpusError, match="does not exist"):
        list(pairs.read(tmp_path / "none.tsv.xz"))
    (tmp_path / "bad.tsv.xz").write_bytes(b"no archive")
    with pytest.raises(CorpusError, match=r"bad\.tsv\.xz is damaged after line \d+"):
        list(pairs.read(tmp_path / "bad.tsv.xz"))


def test_the_text_of_our_own_can_be_read(tmp_path: Path) -> None:
    grammar.write(tmp_path)
    found = list(pairs.read(tmp_path / "eng-fra.tsv.xz"))
    assert {pair.split for pair in found} == {"train", "heldout"}


def test_nothing_is_trained_on_that_is_held_out_but_for_case_and_punctuation() -> None:
    assert pairs.bare("Don't you,  TOM?") == pairs.bare("don't -- you tom") == "don t you tom"
    known = [pairs.Pair(f"Number {n}.", "un") for n in range(200)]
    alike = pairs.Pair("number 56!", "deux")
    assert alike.split == "train"
    train, held = pairs.split([alike, *known])
    assert held == [known[56], known[164]]
    assert train == [pair for pair in known if pair not in held]
