"""Whatever people type for a word finds it, and what was left out is said."""

from __future__ import annotations

import numpy as np
import pytest

from models.words.lookup import plain
from models.words.vectors import WordVectors

WORDS = ("king", "queen", "cats", "caf\u00e9", "don't", "fish", "o'clock", "OK", "well-known")
VECTORS = WordVectors(WORDS, np.arange(9, 0, -1), np.eye(9, dtype=np.float32))


@pytest.mark.parametrize(
    ("typed", "word"),
    [
        ("king", "king"),
        (" King\n", "king"),
        ("cafe\u0301", "caf\u00e9"),
        ("CAFE\u0301", "caf\u00e9"),
        ("Don\u2019t", "don't"),
        ("OK", "OK"),
        ("well-known", "well-known"),
    ],
)
def test_another_spelling_of_the_same_word_needs_no_remark(typed: str, word: str) -> None:
    found = VECTORS.look_up(typed)
    assert found is not None
    assert (found.text, found.row, found.note) == (word, WORDS.index(word), "")
    assert found.vector[WORDS.index(word)] == 1


@pytest.mark.parametrize(
    ("typed", "word", "left_out"),
    [
        ("king\u200b", "king", "U+200B (zero width space)"),
        ("ki\u00adng", "king", "U+00AD (soft hyphen)"),
        ("\u202eking", "king", "U+202E (right-to-left override)"),
        ("\ufeffking\u2060", "king", "U+FEFF (zero width no-break space), U+2060 (word joiner)"),
        ("king\u3164", "king", "U+3164 (hangul filler)"),
        ("ki\0ng", "king", "U+0000 (null)"),
        ("cafe\u200b\u0301", "caf\u00e9", "U+200B (zero width space)"),
        ("queen's", "queen", "\u201c's\u201d"),
        ("Queen\u2019s!", "queen", "\u201c!\u201d, \u201c's\u201d"),
        ("cats!", "cats", "\u201c!\u201d"),
        ("cats'", "cats", "\u201c'\u201d"),
        ("\u201cking\u201d,", "king", "\u201c\u201c\u201d, \u201c\u201d\u201d, \u201c,\u201d"),
        ("(don't)", "don't", "\u201c(\u201d, \u201c)\u201d"),
    ],
)
def test_what_is_left_out_is_said(typed: str, word: str, left_out: str) -> None:
    found = VECTORS.look_up(typed)
    assert found is not None
    assert found.text == word
    assert found.note == f"Read as \u201c{word}\u201d; left out: {left_out}."


@pytest.mark.parametrize("typed", ["\uff4b\uff49\uff4e\uff47", "\ufb01sh"])
def test_compatibility_forms_are_the_letters_they_stand_for(typed: str) -> None:
    found = VECTORS.look_up(typed)
    assert found is not None and found.text in ("king", "fish")


@pytest.mark.parametrize("typed", ["", " ", "!", "'s", "\u200b", "kin", "ok", "king queen"])
def test_an_unknown_word_is_none(typed: str) -> None:
    assert VECTORS.look_up(typed) is None


def test_the_freest_reading() -> None:
    assert plain(" \u201cUnkingly\u2019s!\u201d") == "unkingly"
    assert plain("!") == ""
