"""What a true text costs a model after its own words, and after others."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Forced:
    """Bits of the true text from every place on; the first `own` of each row are scored after own
    characters, or those from elsewhere, the others after true ones again."""

    forced: Floats
    """(places, characters) after the true text: teacher forcing."""
    own: Floats
    """(places, samples, characters) after the model's own characters."""
    elsewhere: Floats
    """(places, samples, characters) after true characters of other places."""
    written: NDArray[np.int64]
    """(places, samples, own)"""
    written_bits: Floats
    """(places, samples, own): how surprising the model finds its own characters."""
