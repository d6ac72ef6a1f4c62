"""What a person typed becomes valid Unicode of bounded length, and is otherwise left alone."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inference.errors import EmptyText, OrreryError, TooLong
from inference.text.cleaning import REPLACEMENT, clean

LIMIT = 2_000


def test_t11_a_lone_surrogate_is_replaced_and_noted() -> None:
    cleaned = clean("a\ud800b", LIMIT)
    assert cleaned.text == f"a{REPLACEMENT}b"
    assert cleaned.note == "One character was not valid Unicode and is shown as U+FFFD."


def test_t11_a_reversed_pair_is_two_lone_surrogates() -> None:
    cleaned = clean("\ude00\ud83d", LIMIT)
    assert cleaned.text == REPLACEMENT * 2
    assert cleaned.note.startswith("2 characters were")


def test_t11_a_well_formed_pair_is_one_character() -> None:
    cleaned = clean("\ud83d\ude00", LIMIT)
    assert cleaned.text == "\N{GRINNING FACE}"
    assert cleaned.note == ""


def test_t11_a_replacement_character_that_was_typed_needs_no_note() -> None:
    assert clean(f"{REPLACEMENT}?", LIMIT).note == ""
    assert clean(f"{REPLACEMENT}\ud800", LIMIT).note.startswith("One character")


@given(st.text(alphabet=st.characters(), min_size=1, max_size=40))
def test_t11_any_text_becomes_encodable(text: str) -> None:
    try:
        cleaned = clean(text, LIMIT)
    except EmptyText:
        assert not text.strip()
        return
    paired = re.sub("[\ud800-\udbff][\udc00-\udfff]", "-", text)
    halves = len(re.findall("[\ud800-\udfff]", paired))
    assert len(cleaned.text) == len(paired)
    assert cleaned.text.encode().count(REPLACEMENT.encode()) == halves + text.count(REPLACEMENT)
    assert bool(cleaned.note) == (halves > 0)


@pytest.mark.parametrize(
    "text", ["\0", "\x1b[0m", "\ufeffa", "a\u2028b", "\u202eabc", "e\u0301", " a\r\n", "\U000e0041"]
)
def test_t12_odd_but_valid_characters_are_kept(text: str) -> None:
    assert clean(text, LIMIT).text == text


@pytest.mark.parametrize("text", ["", " ", "\n\t \u00a0\u3000", None])
def test_nothing_to_read_is_said(text: object) -> None:
    with pytest.raises(EmptyText, match="The prompt is empty"):
        clean(text, LIMIT, "prompt")


def test_t15_length_is_bounded_before_any_tokenizer() -> None:
    assert len(clean("a" * LIMIT, LIMIT).text) == LIMIT
    with pytest.raises(TooLong, match="yours has 100,000"):
        clean("a" * 100_000, LIMIT)


def test_length_counts_characters_not_halves_of_pairs() -> None:
    assert len(clean("\N{GRINNING FACE}" * LIMIT, LIMIT).text) == LIMIT


@pytest.mark.parametrize("value", [7, b"bytes", ["list"]])
def test_only_text_is_text(value: object) -> None:
    with pytest.raises(OrreryError, match=f"not {type(value).__name__}"):
        clean(value, LIMIT)
