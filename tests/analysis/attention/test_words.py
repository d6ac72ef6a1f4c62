"""Pieces of words and marks, by hand."""

from __future__ import annotations

from analysis.attention.words import punctuation, words


def test_pieces_of_one_word_share_its_number() -> None:
    pieces = [b"", b"The", b" um", b"brel", b"la", b",", b" don", b"'t", b" lo", b"st", b"."]
    assert words(pieces) == [-1, 0, 1, 1, 1, -1, 2, 2, 3, 3, -1]


def test_a_character_cut_into_bytes_belongs_to_its_word() -> None:
    assert words([b"caf", b"\xc3", b"\xa9", b" au"]) == [0, 0, 0, 1]


def test_what_no_token_holds_parts_words() -> None:
    assert words([b"red", b"fox"], [b"", b" ", b""]) == [0, 1]
    assert words([b"red", b"fox"]) == [0, 0]


def test_bytes_that_are_no_text_are_no_word() -> None:
    assert words([b"\xff\xfe", b" a"]) == [-1, 0]


def test_only_marks_are_punctuation() -> None:
    pieces = [b"", b" ", b",", b'."', b" a.", b"?", b"$", b"\xe2\x80", b"\xe2\x80\x94", b"7"]
    assert punctuation(pieces) == [
        *(False, False, True, True, False, True, True, False, True, False),
    ]
