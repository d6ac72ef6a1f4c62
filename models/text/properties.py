"""What can be said of every character of a text by looking at the text alone.

Each property is a number for every character, once that character has been read.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

Series = NDArray[np.float64]


def inside_quotes(text: Sequence[str]) -> Series:
    """1 from an opening quotation mark up to the closing one; the end of a line closes too."""
    inside, found = False, []
    for character in text:
        if character == '"':
            inside = not inside
        elif character in "\u201c\u201d\n":
            inside = character == "\u201c"
        found.append(inside)
    return np.array(found, dtype=np.float64)


def line_ends(text: Sequence[str]) -> Series:
    """1 at the end of a line."""
    return np.array([character == "\n" for character in text], dtype=np.float64)


def spaces(text: Sequence[str]) -> Series:
    """1 at a blank between words."""
    return np.array([character == " " for character in text], dtype=np.float64)


def word_length(text: Sequence[str]) -> Series:
    """How many letters of the word have been read; 0 between words."""
    length, found = 0, []
    for character in text:
        length = length + 1 if character.isalpha() else 0
        found.append(length)
    return np.array(found, dtype=np.float64)


def vowels(text: Sequence[str]) -> Series:
    """1 at a, e, i, o, u."""
    return np.array([character.lower() in tuple("aeiou") for character in text], dtype=np.float64)


PROPERTIES: Mapping[str, Callable[[Sequence[str]], Series]] = {
    "quotes": inside_quotes,
    "line ends": line_ends,
    "spaces": spaces,
    "word length": word_length,
    "vowels": vowels,
}


def correlations(values: NDArray[np.floating], series: Series) -> Series:
    """Pearson's r of every column of (characters, columns) with a series; nan where one of the two
    does not change."""
    if not series.std():
        return np.full(values.shape[1], np.nan)
    centred = values - values.mean(axis=0)
    spread = centred.std(axis=0, dtype=np.float64)
    with np.errstate(invalid="ignore", divide="ignore"):
        mean = (centred * (series - series.mean())[:, None]).mean(axis=0, dtype=np.float64)
        found: Series = np.where(spread > 0, mean / (spread * series.std()), np.nan)
    return found
