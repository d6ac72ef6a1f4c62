"""What own words cost: bits of the true text after them, beyond those after the true text."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


def excess(bits: Floats, forced: Floats) -> tuple[Floats, Floats]:
    """By how many bits each character of the true text is dearer than under teacher forcing.

    bits: (places, samples, characters). forced: (places, characters), of the very same characters.
    Returns the mean over places and samples, (characters,), and its standard error over places,
    since samples of one place are not independent; nan where there is one place alone.
    """
    by_place = (bits - forced[:, None]).mean(axis=1)
    count = len(by_place)
    error = np.full(by_place.shape[1], np.nan)
    if count > 1:
        error = by_place.std(axis=0, ddof=1) / np.sqrt(count)
    return by_place.mean(axis=0), error
