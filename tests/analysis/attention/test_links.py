"""Links between words and their error rate, by hand."""

from __future__ import annotations

import numpy as np
import pytest

from analysis.attention.links import Known, error_rate, in_order, linked, spans, words_of

CAT = Known.of("A black cat.", "Un chat noir.", "0 2 1 3")


def test_words_are_cut_in_bytes_at_signs_and_after_an_apostrophe() -> None:
    text = "L'été, ici."
    assert [text.encode()[a:b].decode() for a, b in spans(text)] == ["L'", "été", ",", "ici", "."]


def test_tokens_belong_to_the_words_that_they_hold() -> None:
    found = words_of((b"Un", b" ch", b"at noir", b".", b""), "Un chat noir.")
    assert found.tolist() == [[1, 0, 0, 0, 0], [0, 1, 1, 0, 0], [0, 0, 1, 0, 0], [0, 0, 0, 1, 0]]


def test_a_word_goes_where_most_of_its_weight_lies() -> None:
    """The source's first word has two tokens, 0.3 and 0.3, which together beat one of 0.4; the
    second row looks most at the end, which is no word."""
    read = np.array([[1, 1, 0, 0], [0, 0, 1, 0]], dtype=np.float64)
    weights = np.array([[0.3, 0.3, 0.4, 0], [0.1, 0.1, 0.3, 0.5]], dtype=np.float32)
    assert linked(weights, np.eye(2), read) == {(0, 0)}
    both_tokens = np.ones((1, 2))
    assert linked(weights, both_tokens, read) == {(0, 0)}  # 0.4 against 0.35, and 0.25 of the end


def test_r33_the_error_rate_by_hand() -> None:
    """Three links found: one sure, one only possible, one wrong. Two are sure, and one is missed:
    1 - (1 + 2) / (3 + 2)."""
    known = Known(
        "a b c", "x y z", frozenset({(0, 0), (1, 1)}), frozenset({(0, 0), (1, 1), (2, 1)})
    )
    assert error_rate([(frozenset({(0, 0), (1, 2), (2, 1)}), known)]) == pytest.approx(0.4)
    assert error_rate([(CAT.sure, CAT)]) == 0
    assert error_rate([(frozenset(), CAT)]) == 1
    # Over two sentences links are counted together: 1 - (3 + 8) / (5 + 8).
    both = [(frozenset({(0, 0), (1, 2), (2, 1)}), known), (CAT.sure, CAT)]
    assert error_rate(both) == pytest.approx(2 / 13)


def test_in_order_misses_what_crosses() -> None:
    assert in_order(CAT) == {(0, 0), (1, 1), (2, 2), (3, 3)}
    assert error_rate([(in_order(CAT), CAT)]) == 0.5


def test_links_are_read_as_they_are_written() -> None:
    known = Known.of("I do not know.", "Je ne sais pas.", "0 2? 1?,3 2 4")
    assert known.sure == {(0, 0), (2, 3), (3, 2), (4, 4)}
    assert known.possible - known.sure == {(1, 2), (2, 1)}
    with pytest.raises(ValueError, match="2 links for 3 words"):
        Known.of("Yes I", "a b c", "0 1")
    with pytest.raises(ValueError, match="beyond"):
        Known.of("Yes", "Oui", "1")
