"""A growing vocabulary cuts a word as the library does with each of its first pieces."""

from __future__ import annotations

import json

import tokenizers
from hypothesis import given
from hypothesis import strategies as some

from models.text.growing import recuts
from models.text.symbols import INSIDE, WIDEST, tokenizer_file
from models.text.tokenizer import UNKNOWN

LETTERS = ["a", "b", INSIDE + "a", INSIDE + "b", INSIDE + "c"]
PIECES = some.lists(some.text("abc", min_size=2, max_size=4), max_size=12)
KNOWN = some.lists(some.sampled_from(LETTERS), unique=True)
MARKS = some.lists(some.booleans(), min_size=12, max_size=12)


def by_the_library(word: str, pieces: list[str]) -> list[str]:
    """The pieces of a word; none where it is unknown."""
    file = tokenizer_file(pieces, [], "wordpiece")
    found = tokenizers.Tokenizer.from_str(json.dumps(file)).encode(word).tokens
    return [] if found == [UNKNOWN] else found


@given(word=some.text("abc", min_size=1, max_size=9), letters=KNOWN, made=PIECES, marks=MARKS)
def test_r4_every_cut_is_the_longest_match_of_that_moment(
    word: str, letters: list[str], made: list[str], marks: list[bool]
) -> None:
    pieces = list(
        dict.fromkeys(INSIDE * mark + one for one, mark in zip(made, marks, strict=False))
    )
    born = dict.fromkeys(letters, 0) | {one: rank for rank, one in enumerate(pieces, start=1)}
    found = recuts(word, born, 4)
    assert found[0].rank == 0  # what a word is before the first merge, whatever it consists of
    assert [one.rank for one in found] == sorted({one.rank for one in found})
    for rank in range(len(pieces) + 1):
        *_, now = (one for one in found if one.rank <= rank)
        assert list(now.pieces) == by_the_library(word, letters + pieces[:rank])


def test_a_word_that_is_too_long_is_unknown() -> None:
    born = {"a": 0, INSIDE + "a": 0}
    assert recuts("a" * WIDEST, born, 1)[0].pieces
    assert not recuts("a" * (WIDEST + 1), born, 1)[0].pieces
    assert by_the_library("a" * WIDEST, list(born))
    assert not by_the_library("a" * (WIDEST + 1), list(born))


def test_what_has_no_letter_is_unknown() -> None:
    assert recuts("xyz", {"x": 0}, 1)[0].pieces == () == recuts("q", {"x": 0}, 1)[0].pieces
