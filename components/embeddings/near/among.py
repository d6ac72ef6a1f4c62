"""Which words a list may have: those seen often enough, and names only where they are wanted."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import gradio as gr
import numpy as np
from numpy.typing import NDArray

from inference.words import Word, WordVectors

LEAST = 100
"""Words seen less often have vectors that are little but chance."""
NAME = 80
"""Percent of a word inside sentences with a capital from which on it counts as a name."""
STORY = 80
"""Percent of a word in one story from which on it is a word of that story."""


@dataclass(frozen=True)
class Among:
    """The words that a list is over."""

    mask: NDArray[np.bool_]
    """(words,)"""
    least: int
    counted: bool
    """Whether it is known how often words were seen."""
    without: str
    """What is said of names that were left out, after what is said of the others."""

    @property
    def count(self) -> int:
        return int(self.mask.sum())

    @property
    def told(self) -> str:
        """Which words a ranking is over, and what stands behind each."""
        if not self.counted:
            return f"all {self.count:,} words, of which nobody knows how often they were seen"
        often = f"the {self.count:,} words seen at least {self.least:,} times"
        kept = ", ".join(filter(None, (often, self.without)))
        return f"{kept}; then how often the word was seen"


def beside(vectors: WordVectors, asked: Sequence[Word], least: int, names: bool) -> Among:
    """What may be listed for the words asked with: all that were seen often, if `names` is True.

    Else no names, unless one of the words is a name, and no words of a single story, most of which
    are its people, unless one of the words is such a word.
    """
    often, rows = frequent(vectors, least), [word.row for word in asked if word.row is not None]
    mask, without = often, []
    for left_out, rule in () if names else rules(vectors):
        if (often & left_out).any() and not left_out[rows].any():
            mask = mask & ~left_out
            without.append(rule)
    said = f"{' and '.join(without)} left out" if without else ""
    return Among(mask, least, vectors.counted, said)


def rules(vectors: WordVectors) -> tuple[tuple[NDArray[np.bool_], str], ...]:
    """Kinds of words that nobody wants unasked, as (words,) and in words."""
    return (
        (names_of(vectors), f"names (a capital at least {NAME} times of 100)"),
        (in_one_story(vectors), f"words of one story (at least {STORY} times of 100 in it)"),
    )


def frequent(vectors: WordVectors, least: int) -> NDArray[np.bool_]:
    """(words,) which words were seen so often; all where that is not known."""
    return vectors.counts >= (least if vectors.counted else 0)


def names_of(vectors: WordVectors) -> NDArray[np.bool_]:
    """(words,) which words are names, of persons, places or months; none where it is not known."""
    if vectors.usage is None:
        return np.zeros(len(vectors.words), dtype=np.bool_)
    return np.asarray(vectors.usage.capitals >= NAME)


def in_one_story(vectors: WordVectors) -> NDArray[np.bool_]:
    """(words,) which words stand almost only in one story; none where it is not known."""
    if vectors.usage is None:
        return np.zeros(len(vectors.words), dtype=np.bool_)
    return np.asarray(vectors.usage.largest >= STORY)


def least_count() -> gr.Slider:
    """How often a word must have been seen to be listed."""
    return gr.Slider(1, 1000, value=LEAST, step=1, label="List words seen at least")


def names_choice() -> gr.Radio:
    """Whether a list names persons, places and months that nobody asked with."""
    return gr.Radio([("left out", 0), ("listed too", 1)], value=0, label="Names")
