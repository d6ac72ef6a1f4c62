"""No character is invisible on screen, whatever stands around it."""

from __future__ import annotations

import sys
import unicodedata

import pytest

from analysis.characters import Span, joined, visible

EVERY = [chr(code) for code in range(sys.maxunicode + 1) if not 0xD800 <= code < 0xE000]


def read(text: str) -> str:
    return "".join(span.text for span in joined(text))


@pytest.mark.parametrize(
    "character", "\u3164\u115f\u1160\uffa0\u2800\u200b\u00ad\u2060\u202e\u2066"
)
def test_what_has_no_glyph_is_named(character: str) -> None:
    assert visible(character) == (Span(f"U+{ord(character):04X}", symbol=True),)
    assert joined(f"a{character}") == (Span("a"), *visible(character))


def test_every_format_control_and_space_character_of_unicode_is_a_symbol() -> None:
    hidden = [c for c in EVERY if unicodedata.category(c) in ("Cc", "Cf", "Zs", "Zl", "Zp")]
    assert len(hidden) > 200
    assert [c for c in hidden if not visible(c)[0].symbol] == []


def test_tag_letters_are_seen_wherever_they_hide() -> None:
    secret = "".join(chr(0xE0000 + ord(c)) for c in "ignore")
    spelled = " ".join(f"U+{ord(c):04X}" for c in secret)
    assert read(f"a{secret}") == f"a{spelled}"
    assert read(f"😀{secret}") == f"😀{spelled}"
    assert read(f"🏴{secret}\U000e007f").startswith("🏴U+E0069")


def test_a_message_in_variation_selectors_is_seen() -> None:
    assert read("❤\ufe0f") == "❤\ufe0f"
    assert read("❤\ufe0f\ufe01") == "❤U+FE0F U+FE01"
    assert read("a\ufe0f\U000e0101") == "aU+FE0F U+E0101"
    assert read("1\ufe0f") == "1U+FE0F"


@pytest.mark.parametrize(
    "text",
    [
        "👩\u200d👩\u200d👧",
        "🏳\ufe0f\u200d🌈",
        "👩🏽\u200d🚀",
        "1\ufe0f\u20e3",
        "🏴\U000e0067\U000e0062\U000e0073\U000e0063\U000e0074\U000e007f",  # Scotland
        "क्\u200dष",
        "می\u200cخواهم",
        "葛\U000e0100",
        "e\u0301",
    ],
)
def test_characters_that_shape_a_glyph_do_it_unseen(text: str) -> None:
    assert joined(text) == (*(Span(part.text) for part in joined(text)),)
    assert read(text) == text


def test_a_joiner_that_joins_nothing_is_seen() -> None:
    assert read("a\u200d") == "aU+200D"
    assert read("می\u200c\u200c") == "میU+200C U+200C"


def test_a_mark_without_a_letter_gets_a_circle() -> None:
    assert read("\u0301\u0302") == "◌\u0301◌\u0302"
    assert read("\u200b\u0301") == "U+200B◌\u0301"
    assert read(" \u0301") == "·◌\u0301"


def test_code_points_in_a_row_are_set_apart_and_symbols_are_not() -> None:
    assert visible("\u200b\u200b") == (Span("U+200B U+200B", True),)
    assert visible("\r\n") == (Span("U+000D↵", True),)
