"""Directions that pairs of words give, and where words stand along them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from analysis.words.formulas import MINUS

_PAIRS = re.compile(r"[,;\n]")
_APART = re.compile(rf"[\s/{re.escape(MINUS)}]+")


@dataclass(frozen=True)
class Axis:
    """A direction of length 1."""

    direction: NDArray[np.float64]
    """(width,)"""
    agreement: tuple[float, ...]
    """The cosine of every pair's difference with it: 1 where all pairs say the same."""


def parsed_pairs(text: str) -> tuple[tuple[str, str], ...]:
    """Pairs as `he - she, man - woman`: a comma, semicolon or line end between pairs.

    Raises ValueError, with a sentence, where something is no pair.
    """
    pairs: list[tuple[str, str]] = []
    for piece in _PAIRS.split(text):
        words = [word for word in _APART.split(piece) if word]
        if not words:
            continue
        if len(words) != 2:
            raise ValueError(f"'{piece.strip()}' is not two words, as in he - she.")
        pairs.append((words[0], words[1]))
    return tuple(pairs)


def axis(pairs: Sequence[tuple[NDArray[np.floating], NDArray[np.floating]]]) -> Axis:
    """The mean of the differences of pairs, each of length 1, as a direction.

    pairs: from, to: (width,) each. Raises ValueError where the words of all pairs coincide, or
    where their differences cancel.
    """
    differences = np.array([np.subtract(end, start, dtype=np.float64) for start, end in pairs])
    lengths = np.linalg.norm(differences, axis=1)
    if (lengths < 1e-6).any():
        raise ValueError("The two words of a pair are the same, so they give no direction.")
    units = differences / lengths[:, None]
    mean = units.mean(axis=0)
    length = float(np.linalg.norm(mean))
    if length < 1e-6:
        raise ValueError("The pairs point against each other, so they give no direction.")
    direction = mean / length
    return Axis(direction, tuple(float(one) for one in units @ direction))


def outside(unit: NDArray[np.floating], axes: Sequence[Axis]) -> NDArray[np.float64]:
    """(words,) share of each vector's squared length that none of the axes holds, 0 to 1."""
    basis, _ = np.linalg.qr(np.stack([one.direction for one in axes], axis=1))
    inside = (unit.astype(np.float64) @ basis) ** 2
    left: NDArray[np.float64] = np.clip(1 - inside.sum(axis=1), 0.0, 1.0)
    return left


def middle(positions: NDArray[np.floating], share: float = 0.95) -> tuple[float, float]:
    """Between which positions so many of the words stand, as many left out on either side."""
    low, high = np.quantile(positions, [(1 - share) / 2, (1 + share) / 2])
    return float(low), float(high)
