"""Sums of words as people type them."""

from __future__ import annotations

import pytest

from analysis.words.formulas import parsed


@pytest.mark.parametrize(
    ("text", "terms"),
    [
        ("king", [(1, "king")]),
        ("king - man + woman", [(1, "king"), (-1, "man"), (1, "woman")]),
        ("paris-france+italy", [(1, "paris"), (-1, "france"), (1, "italy")]),
        ("  - hot  +  cold ", [(-1, "hot"), (1, "cold")]),
        ("+ a \N{MINUS SIGN} b \N{EN DASH} c", [(1, "a"), (-1, "b"), (-1, "c")]),
        ("don't + o'clock", [(1, "don't"), (1, "o'clock")]),
    ],
)
def test_a_sum_is_read(text: str, terms: list[tuple[int, str]]) -> None:
    assert list(parsed(text)) == terms


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "no word"),
        (" + ", "no word"),
        ("king queen", "no \\+ or - between king and queen"),
        ("king + - man", "Two signs"),
        ("king -", "ends with a sign"),
    ],
)
def test_what_is_no_sum_is_refused_with_the_reason(text: str, says: str) -> None:
    with pytest.raises(ValueError, match=says):
        parsed(text)
