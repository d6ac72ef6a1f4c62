"""Remarks that quote what was typed can be read, whatever was typed."""

from __future__ import annotations

import unicodedata

import pytest

from inference.errors import UnknownWord
from inference.text.notes import changed, strange
from inference.types.tokenized import Detail, Tokenized


def remark(text: str) -> str:
    """Of a model of characters that knows no character at all."""
    pieces = tuple(map(str.encode, text))
    lost = (Detail("", unknown=True, origin=None),) * len(text)
    return strange(Tokenized(text, (1,) * len(text), pieces, details=lost))


@pytest.mark.parametrize(
    ("typed", "shown"),
    [
        ("\u202e", "U+202E (right-to-left override)"),
        ("\t", "U+0009 (horizontal tabulation)"),
        ("\0", "U+0000 (null)"),
        ("\u0301", "U+0301 (combining acute accent)"),
        ("\u3164", "U+3164 (hangul filler)"),
        ("\U000e0069", "U+E0069 (tag latin small letter i)"),
        ("\u0436", "\u0436"),
    ],
)
def test_an_unknown_character_is_named_so_that_it_is_seen(typed: str, shown: str) -> None:
    assert remark(typed) == f"This model has not learned {shown}; it reads them as unknown."


@pytest.mark.parametrize("typed", ["\u202eabc", "\u2067\u05d0", "\u05d0\u05d1", "\u061cx"])
def test_no_remark_turns_around(typed: str) -> None:
    for said in (remark(typed), str(UnknownWord(typed, []))):
        depth = 0
        for character in said:
            kind = unicodedata.bidirectional(character)
            depth += (kind == "FSI") - (kind == "PDI")
            assert kind not in ("RLO", "LRO", "RLE", "LRE", "RLI", "LRI")
            assert depth or kind not in ("R", "AL")
        assert depth == 0


def test_every_character_is_named_once_and_many_are_counted() -> None:
    assert "learned a, b;" in remark("abab")
    assert "learned a, b, c, d, e, f, g, h and 2 more;" in remark("abcdefghij")


def test_an_unknown_word_is_named_whole() -> None:
    lost = Detail("", unknown=True, origin=None)
    said = strange(Tokenized("tail\tor", (1,), (b"tail\tor",), details=(lost,)))
    assert said == "This model has not learned tail<U+0009>or; it reads them as unknown."


def test_nothing_is_said_where_nothing_is_lost() -> None:
    known = (Detail("", unknown=False, origin=None),) * 2
    assert strange(Tokenized("ab", (5, 6), (b"a", b"b"), details=known)) == ""
    assert strange(Tokenized("ab", (5, 6), (b"a", b"b"))) == ""
    assert changed([b"a"], [Detail("", False, None)]) == ""


def test_a_character_that_is_dropped_is_said_to_be_read_as_nothing() -> None:
    read = Detail("", False, None, changed="a")
    assert "reads U+00AD (soft hyphen) as nothing" in changed(["a\u00ad".encode()], [read])
