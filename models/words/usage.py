"""How the text that vectors were trained on uses each word: what tells names from other words."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from models import files

NAME = "usage"
"""A file beside all models of a folder, which may be missing."""


@dataclass(frozen=True)
class Usage:
    """Two shares of every word, in percent of the times that it occurs."""

    capitals: NDArray[np.uint8]
    """(words,) with a capital, of the times inside a sentence."""
    largest: NDArray[np.uint8]
    """(words,) in the one story or novel that has it most often."""


def load(folder: Path, words: int, kept: int) -> Usage | None:
    """Of the first `kept` words of a folder's vocabulary, where it was counted.

    Raises ValueError where the file does not have a number for each of the `words`.
    """
    if not files.files(folder, NAME):
        return None
    arrays = files.load(folder, NAME)
    if {key: array.shape for key, array in arrays.items()} != dict.fromkeys(
        ("capitals", "largest"), (words,)
    ):
        raise ValueError(f"The usage in {folder.name} is damaged: it is not of {words} words.")
    return Usage(arrays["capitals"][:kept], arrays["largest"][:kept])
