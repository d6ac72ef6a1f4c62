"""What word2vec learns from: the words of a sentence that stay, their windows, and wrong words.

Mikolov et al. 2013 (1301.3781, 1310.4546), as word2vec.c and gensim do it: frequent words are
thinned out before windows are cut, every window draws its own reach, and wrong words are drawn by
how often they occur to the power 3/4.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Trainer:
    """The numbers that our vectors were trained with (`training.words.predicting.Recipe`)."""

    window: int = 5
    negatives: int = 5
    subsample: float = 1e-4
    power: float = 0.75
    epochs: int = 12
    width: int = 200


@dataclass(frozen=True)
class Window:
    """A word that stayed, and those around it."""

    centre: int
    """Its place in the sentence."""
    reach: int
    """Words on either side, of those that stayed."""
    near: tuple[int, ...]
    """Their places."""


def staying(counts: NDArray[np.integer], total: int, subsample: float) -> Floats:
    """(words,) with what chance each occurrence is read at all.

    sqrt(t / f) + t / f, at most 1, for a word that is the share f of the text: the formula of the
    program, which differs from that of the paper.
    """
    share = np.maximum(counts, 1) / max(total, 1)
    return np.asarray(np.minimum(np.sqrt(subsample / share) + subsample / share, 1.0))


def noise(counts: NDArray[np.integer], power: float) -> Floats:
    """(words,) with what chance each is drawn as a wrong word."""
    powers = counts.astype(np.float64) ** power
    return np.asarray(powers / powers.sum())


def stayed(chances: Sequence[float], generator: np.random.Generator) -> tuple[bool, ...]:
    """Which words of a sentence are read this time; a chance of 0 is a word that is unknown."""
    drawn = generator.random(len(chances))
    return tuple(bool(number < chance) for number, chance in zip(drawn, chances, strict=True))


def windows(read: Sequence[bool], most: int, generator: np.random.Generator) -> tuple[Window, ...]:
    """One for every word that stayed, each with a reach from 1 to `most`."""
    places = [place for place, stays in enumerate(read) if stays]
    reaches = generator.integers(1, most + 1, len(places)).tolist()
    return tuple(
        Window(place, reach, (*places[max(0, i - reach) : i], *places[i + 1 : i + 1 + reach]))
        for i, (place, reach) in enumerate(zip(places, reaches, strict=True))
    )
