"""Characters in sentences: what cannot be seen is named, what runs to the left is kept apart."""

from __future__ import annotations

import sys
import unicodedata

import pytest

from analysis.characters import visible
from models.text.characters import invisible, named, quoted


@pytest.mark.parametrize(
    ("character", "name"),
    [
        ("a", "a"),
        ("\u202e", "U+202E (right-to-left override)"),
        ("\t", "U+0009 (horizontal tabulation)"),
        ("\0", "U+0000 (null)"),
        ("\u0301", "U+0301 (combining acute accent)"),
        ("\u3164", "U+3164 (hangul filler)"),
        ("\U000e0069", "U+E0069 (tag latin small letter i)"),
        ("\u05d0", "\u2068\u05d0\u2069"),
        ("\x85", "U+0085"),
    ],
)
def test_a_character_is_quoted_so_that_it_can_be_read(character: str, name: str) -> None:
    assert named(character) == name


def test_what_a_label_names_a_sentence_names_too_and_nothing_else() -> None:
    """The page and the notes agree about every character that both tables of Unicode hold."""
    every = (chr(code) for code in range(sys.maxunicode + 1) if not 0xD800 <= code < 0xE000)
    known = [c for c in every if unicodedata.category(c) != "Cn"]
    symbols = {c for c in known if visible(c)[0].symbol and visible(c)[0].text[0] != "\u25cc"}
    assert len(symbols) > 130_000  # most of them are for private use
    assert {c for c in known if invisible(c)} == symbols


def test_a_quoted_word_cannot_turn_the_sentence() -> None:
    assert quoted("king") == "king"
    assert quoted("a\u202eb c") == "a<U+202E>b c"
    assert quoted("\u05e9\u05dc") == "\u2068\u05e9\u05dc\u2069"
