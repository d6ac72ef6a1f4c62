"""What is said of each character, and how closely numbers follow it."""

from __future__ import annotations

import numpy as np
import pytest

from models.text.properties import PROPERTIES, correlations


@pytest.mark.parametrize(
    ("name", "text", "expected"),
    [
        ("quotes", 'a "b" c', [0, 0, 1, 1, 0, 0, 0]),
        ("quotes", '"a\nb', [1, 1, 0, 0]),  # a line that nobody closed
        ("quotes", "\u201ca\u201d b\u201c", [1, 1, 0, 0, 0, 1]),
        ("line ends", "a\nb\n", [0, 1, 0, 1]),
        ("spaces", "a b\n", [0, 1, 0, 0]),
        ("word length", "ab, c1d", [1, 2, 0, 0, 1, 0, 1]),
        ("vowels", "aBE y", [1, 0, 1, 0, 0]),
    ],
)
def test_every_character_has_its_properties(name: str, text: str, expected: list[int]) -> None:
    assert PROPERTIES[name](tuple(text)).tolist() == expected


def test_correlations_are_those_of_numpy() -> None:
    dice = np.random.default_rng(5)
    values, series = dice.normal(size=(60, 4)).astype(np.float32), dice.normal(size=60)
    expected = [np.corrcoef(column, series)[0, 1] for column in values.T]
    np.testing.assert_allclose(correlations(values, series), expected, atol=1e-6)


def test_nothing_follows_what_does_not_change() -> None:
    values = np.array([[1.0, 0.0], [1.0, 1.0], [1.0, 2.0]])
    found = correlations(values, np.array([0.0, 1.0, 2.0]))
    assert np.isnan(found[0]) and found[1] == pytest.approx(1)
    assert np.isnan(correlations(values, np.ones(3))).all()
