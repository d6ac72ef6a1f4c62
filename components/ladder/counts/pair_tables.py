"""The tables that can be opened: which letter follows which, in names and in stories."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from analysis.characters import visible
from analysis.pairs import count_pairs

if TYPE_CHECKING:
    from inference.tasks.ladder.pairs import PairCounts

NAMES, STORIES = "names", "stories"
EDGE = "."
"""Stands before and after every name."""
ALPHABET = "abcdefghijklmnopqrstuvwxyz"
SHOWN = {NAMES: EDGE + ALPHABET, STORIES: " \n.,'\"" + ALPHABET}
"""The rows of the map; all other characters share one more."""
READ = {
    NAMES: "Counted in 10,000 first names, a dot before and after each.",
    STORIES: "Counted by the ladder's bigram in 13 million characters of old stories.",
}


@dataclass(frozen=True)
class PairTable:
    """Counts of letters and what followed them."""

    source: str
    letters: tuple[str, ...]
    counts: NDArray[np.int64]
    """(letters, letters): rows are followed by columns."""

    @property
    def shown(self) -> list[int]:
        """The letters with a row of their own on the map."""
        return [self.letters.index(letter) for letter in SHOWN[self.source]]

    @property
    def first(self) -> str:
        """The letter that a text begins at unless another is chosen."""
        return SHOWN[self.source][0]

    def label(self, letter: int) -> str:
        """A letter as the page spells it."""
        return "".join(span.text for span in visible(self.letters[letter]))


def of_names(names: Iterable[str]) -> PairTable:
    """Counted here."""
    letters = tuple(SHOWN[NAMES])
    return PairTable(
        NAMES, letters, count_pairs((f"{EDGE}{name}{EDGE}" for name in names), letters)
    )


def of_stories(found: PairCounts) -> PairTable:
    """The bigram's own table."""
    letters = tuple(piece.decode("utf-8", errors="replace") for piece in found.pieces)
    return PairTable(STORIES, letters, found.counts)
