"""R1, R2: whole characters, visible whitespace, and counts in the right units."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis.characters import Span, joined, visible
from analysis.tokens import Counts, counts, groups, label, longest

TEXT = st.text(st.characters(exclude_categories=("Cs",)))


def single_bytes(text: str) -> tuple[list[int], list[bytes]]:
    """The worst tokenizer there is: every byte a token."""
    raw = text.encode()
    return list(raw), [bytes([byte]) for byte in raw]


@given(TEXT)
def test_r1_groups_are_whole_and_together_they_are_the_text(text: str) -> None:
    grouped = groups(*single_bytes(text))
    assert "".join(group.text for group in grouped) == text
    assert b"".join(chip.piece for group in grouped for chip in group.chips) == text.encode()


@given(TEXT)
def test_r1_no_label_holds_a_replacement_character_that_was_not_typed(text: str) -> None:
    shown = [chip.spelled for group in groups(*single_bytes(text)) for chip in group.chips]
    assert not any("�" in spelled for spelled in shown)


@pytest.mark.parametrize(
    ("text", "grapheme_count"),
    [("é", 1), ("e\u0301", 1), ("👩\u200d👧", 1), ("🇫🇷", 1), ("नि", 1), ("ab", 2), ("\r\n", 1)],
)
def test_r2_a_grapheme_is_one_group_however_many_tokens(text: str, grapheme_count: int) -> None:
    assert len(groups(*single_bytes(text))) == grapheme_count
    assert counts(text, []).graphemes == grapheme_count


def test_bytes_that_are_no_utf8_stand_for_themselves() -> None:
    grouped = groups([1, 2, 3], [b"\xf0", b"a", b"\x80"])
    assert [group.chips[0].spelled for group in grouped] == ["F0", "a", "80"]


def test_a_token_may_hold_the_end_of_one_character_and_the_start_of_another() -> None:
    raw = "éé".encode()
    grouped = groups([1, 2, 3], [raw[:1], raw[1:3], raw[3:]])
    assert [group.text for group in grouped] == ["éé"]
    assert [chip.spelled for chip in grouped[0].chips] == ["C3", "A9 C3", "A9"]


@pytest.mark.parametrize(
    ("piece", "spelled"),
    [
        (b" the", "·the"),
        (b"\n\n", "↵↵"),
        (b"\t", "⇥"),
        (b"\x00", "U+0000"),
        ("\u202e".encode(), "U+202E"),
        ("\u200d".encode(), "U+200D"),
        ("\u2028".encode(), "U+2028"),
        ("\u0301".encode(), "◌\u0301"),
        ("\u00a0".encode(), "⍽"),
        (b"\x7f", "U+007F"),
        (b"\xc3", "C3"),
    ],
)
def test_whatever_has_no_shape_is_given_one(piece: bytes, spelled: str) -> None:
    assert "".join(span.text for span in label(piece)) == spelled


def test_a_family_is_shown_as_a_family_and_a_lone_joiner_by_its_number() -> None:
    assert joined("👩\u200d👧") == (Span("👩\u200d👧"),)
    assert joined(" e\u0301") == (Span("·", True), Span("e\u0301"))
    assert joined("\u200d") == (Span("U+200D", True),)
    assert joined("\r\n") == (Span("U+000D↵", True),)


def test_symbols_are_told_apart_from_text() -> None:
    assert visible("a b") == (Span("a"), Span("·", True), Span("b"))
    assert visible("a b", spaces=False) == (Span("a b"),)


def test_counts_by_hand() -> None:
    assert counts("né👩\u200d👧", [5, 6]) == Counts(3, 5, 14, 2)


def test_what_no_token_holds_is_a_group_without_tokens() -> None:
    found = groups(
        [1, 2, 3], [b"a", "e\u0301"[:1].encode(), "\u0301".encode()], [b"", b" ", b"", b"\n"]
    )
    assert [(group.text, len(group.chips)) for group in found] == [
        ("a", 1), (" ", 0), ("e\u0301", 2), ("\n", 0)
    ]  # fmt: skip


def test_a_grapheme_that_a_gap_tears_apart_stays_apart() -> None:
    found = groups([1, 2], [b"a", "\u0301".encode()], [b"", b" ", b""])
    assert [group.text for group in found] == ["a", " ", "\u0301"]


def test_the_longest_token_is_measured_in_characters_and_holds_whole_ones() -> None:
    smile = [bytes([byte]) for byte in "\U0001f600".encode()]
    assert longest([b"a", b" b", b" ", *smile]) == "a"
    assert longest([b"ab", "e\u0301e\u0301e\u0301".encode()]) == "e\u0301e\u0301e\u0301"
    assert longest([b"ab", "e\u0301".encode()]) == "ab"
    assert longest(smile) == longest([]) == ""


def test_a_token_without_bytes_has_a_label() -> None:
    assert label(b"") == (Span("no text", symbol=True),)
