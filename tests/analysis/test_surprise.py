"""Surprisal of words and of repetitions, against sums by hand."""

from __future__ import annotations

import numpy as np
import pytest

from analysis.surprise import Repetition, Word, repetitions, words


def ends(*pieces: str) -> np.ndarray:
    return np.cumsum([len(piece.encode()) for piece in pieces])


def test_a_word_costs_the_sum_of_its_tokens_and_marks_cost_no_word_anything() -> None:
    pieces = ("The", " wood", "c", "utter", " didn", "'t", " go", ",", " né", "e", "!")
    bits = np.array([1.0, 2, 3, 4, 5, 6, 7, 100, 8, 9, 100])
    found = words("".join(pieces), ends(*pieces), bits)
    assert found == [
        Word("née", 26, 17.0),
        Word("didn't", 15, 11.0),
        Word("woodcutter", 4, 9.0),
        Word("go", 22, 7.0),
        Word("The", 0, 1.0),
    ]


def test_a_character_that_is_a_space_belongs_to_the_word_after_it() -> None:
    text = "a bc"
    assert words(text, ends(*text), np.array([1.0, 2, 3, 4])) == [
        Word("bc", 2, 9.0),
        Word("a", 0, 1.0),
    ]


@pytest.mark.parametrize("text", ["...", "\N{FIRE}", " "])
def test_a_text_without_words_has_none(text: str) -> None:
    assert words(text, ends(text), np.array([1.0])) == []


def test_each_repetition_has_its_own_tokens_and_the_space_before_it() -> None:
    pieces = ("Go", "!", " Go", "!", " ", "Go", "!")
    bits = np.array([4.0, 2, 1, 1, 0, 0.5, 0.25])
    ranks = np.array([9, 1, 1, 2, 1, 1, 1])
    assert repetitions(ends(*pieces), bits, ranks, 3) == [
        Repetition(2.0**-3, 1, 2),
        Repetition(0.5, 1, 2),
        Repetition(2.0**-0.25, 3, 3),
    ]


def test_a_token_over_several_repetitions_counts_where_it_ends() -> None:
    first, second = repetitions(ends("a a"), np.array([3.0]), np.array([1]), 2)
    assert first == Repetition(None, 0, 0)
    assert second == Repetition(0.125, 1, 1)
