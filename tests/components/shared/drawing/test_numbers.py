"""No percentage rounds what is little to nothing, or what is almost all to all."""

from __future__ import annotations

import math

import pytest

from components.shared.drawing.numbers import minus, percent, signed


@pytest.mark.parametrize(
    ("share", "shown"),
    [
        *((0.0, "0.0"), (1e-9, "< 0.1"), (0.000501, "0.1"), (0.126, "12.6")),
        *((0.9994, "99.9"), (0.99951, "> 99.9"), (1.0, "100.0")),
    ],
)
def test_a_share_in_percent(share: float, shown: str) -> None:
    assert percent(share) == f"{shown}\N{NO-BREAK SPACE}%"


def test_digits_of_a_percentage_and_none_for_no_number() -> None:
    assert percent(0.046893, 2) == "4.69\N{NO-BREAK SPACE}%"
    assert percent(0.00001, 2) == "< 0.01\N{NO-BREAK SPACE}%"
    assert percent(math.nan) == "\N{EN DASH}"


def test_a_minus_sign_and_none_before_zero() -> None:
    assert [signed(one) for one in (-1.5, -0.004, 0.25)] == ["\N{MINUS SIGN}1.50", "0.00", "0.25"]
    assert signed(-0.04, 1) == "0.0" and signed(-12.345, 1) == "\N{MINUS SIGN}12.3"
    assert minus(f"{-0.789:+.3f}") == "\N{MINUS SIGN}0.789" and minus("1.5") == "1.5"
