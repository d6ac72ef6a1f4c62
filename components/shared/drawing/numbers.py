"""Numbers as text: with a minus sign, and no 0 % for what is not 0."""

from __future__ import annotations

import math


def percent(share: float, digits: int = 1) -> str:
    """As `orrery.percent` writes it, with its sign; a dash for what is no number."""
    number, least = 100 * share, 10.0**-digits
    if math.isnan(share):
        return "\N{EN DASH}"
    sign, shown = "", number
    if 0 < number < least / 2:
        sign, shown = "< ", least
    elif 100 - least / 2 < number < 100:
        sign, shown = "> ", 100 - least
    return f"{sign}{shown:.{digits}f}\N{NO-BREAK SPACE}%"


def signed(value: float, digits: int = 2) -> str:
    """As `orrery.signed` writes it: so many digits, and no sign where they are 0."""
    return minus(f"{value:z.{digits}f}")


def minus(number: str) -> str:
    """A number as Python writes it, with the sign of mathematics; a hyphen is none."""
    return number.replace("-", "\N{MINUS SIGN}")
