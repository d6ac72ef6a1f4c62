"""The five ways that are formulas: what each makes of a query and a key, and in which unit."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from math import nan

import numpy as np
from numpy.typing import NDArray

from analysis.positions.distance import distances
from analysis.positions.schemes import (
    alibi_slopes,
    bucket,
    frequencies,
    rotary_kept,
    similarity,
    sinusoids,
    unfinished,
    window,
)

Numbers = NDArray[np.float64]
WIDTH, HEAD_WIDTH = 256, 64  # of a token's vector and of a head, as the storyteller has them
HEADS, LAYERS = 8, 6
WINDOW, BUCKETS, FARTHEST = 32, 32, 128


@dataclass(frozen=True)
class Scheme:
    """One formula."""

    title: str
    unit: str
    """What its map and its curve show."""
    scores: Callable[[int, float], Numbers]
    """Of so many positions and a base: (heads, count, count), nan where nothing may be read."""
    said: Callable[[int, float], str]
    """The formula with its numbers, in a sentence or three."""
    signed: bool = True
    """Whether zero is in the middle of its scale."""


def _sinusoidal(count: int, base: float) -> Numbers:
    return similarity(sinusoids(count, WIDTH, base))[None]


def _rotary(count: int, base: float) -> Numbers:
    kept = rotary_kept(np.arange(count, dtype=np.float64), HEAD_WIDTH, base)
    return kept[np.abs(distances(count))][None]


def _alibi(count: int, base: float) -> Numbers:
    back = distances(count)
    return np.where(back >= 0, -alibi_slopes(HEADS)[:, None, None] * back, nan)


def _relative(count: int, base: float) -> Numbers:
    back = distances(count)
    return np.where(back >= 0, bucket(back, BUCKETS, FARTHEST), nan)[None]


def _window(count: int, base: float) -> Numbers:
    back = distances(count)
    return np.where(back >= 0, window(back, WINDOW), nan)[None].astype(np.float64)


def _of_sinusoidal(count: int, base: float) -> str:
    slowest = 2 * np.pi / frequencies(WIDTH, base)[-1]
    return (
        f"A vector is added to every token: sin(i / base^(2m/{WIDTH})) and the cosine of the same, "
        f"for m from 0 to {WIDTH // 2 - 1}. The shortest wave is 6.3 tokens long, the longest "
        f"{slowest:,.0f}. The cosine of two such vectors depends on their distance alone. No table "
        "ends; but what training has not met, it has not taught."
    )


def _of_rotary(count: int, base: float) -> str:
    never = unfinished(HEAD_WIDTH, base, count)
    return (
        f"Pair m of a query and of a key is turned by i \N{MULTIPLICATION SIGN} "
        f"base^(\N{MINUS SIGN}2m/{HEAD_WIDTH}), m from 0 to {HEAD_WIDTH // 2 - 1}. Nothing is "
        "added to a token, and a product depends on the distance alone. Shown is what is left of "
        f"the product of two equal vectors. Within {count:,} positions {never} of "
        f"{HEAD_WIDTH // 2} pairs do not finish one turn: in a longer text they stand at angles "
        "never met before."
    )


def _of_alibi(count: int, base: float) -> str:
    return (
        "From a score, slope \N{MULTIPLICATION SIGN} distance is subtracted; "
        f"slope 2^(\N{MINUS SIGN}8h/{HEADS}) of head h, so 1/2 of the first and 1/256 of the "
        f"last of {HEADS}. Nothing is learned and nothing ends: in a longer text far tokens only "
        "fade further."
    )


def _of_relative(count: int, base: float) -> str:
    return (
        "To a score a number is added that training has found for its bucket of distances, one a "
        f"head. {BUCKETS} buckets: {BUCKETS // 2} of one distance each, then ever wider ones; from "
        f"{FARTHEST} on, all distances share the last. Shown is the number of the bucket; what is "
        "added there only a trained T5 can say."
    )


def _of_window(count: int, base: float) -> str:
    reach = LAYERS * (WINDOW - 1)
    return (
        f"A query reads itself and {WINDOW - 1} tokens before; the rest is masked. That costs "
        f"{WINDOW} scores a token, however long the text. Each layer reaches {WINDOW - 1} tokens "
        f"further back: {LAYERS} layers {reach}, at most. It says who is read, and not in which "
        "order: it needs one of the others beside it."
    )


SCHEMES = {
    "sinusoidal": Scheme("Sinusoidal", "cosine of two positions", _sinusoidal, _of_sinusoidal),
    "rotary": Scheme("Rotary", "share left of the product", _rotary, _of_rotary),
    "alibi": Scheme("ALiBi", "added to the score", _alibi, _of_alibi),
    "relative": Scheme(
        "Relative, T5's buckets", "number of the bucket", _relative, _of_relative, False
    ),
    "window": Scheme("Local window", "read (1) or not (0)", _window, _of_window, False),
}
