"""Passages that are told again at once: what comes next is known to whoever looks back.

Random ids have no other pattern, so a model that learns to predict them has learned to look for an
earlier occurrence of the token at hand and to copy what followed it (induction; Olsson et al. 2022,
arXiv 2209.11895).
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

LENGTHS = (4, 64)  # of what is told, in tokens; short ones as often as long ones, by ratio
TELLINGS = (2, 4)


def passage(random: np.random.Generator, vocabulary: int, end_of_text: int) -> np.ndarray:
    """An end-of-text, then a string of random ids that is told two to four times in a row."""
    low, high = np.log(LENGTHS)
    others = np.delete(np.arange(vocabulary), end_of_text)
    told = random.choice(others, round(float(np.exp(random.uniform(low, high)))))
    return np.concatenate([[end_of_text], np.tile(told, random.integers(*TELLINGS, endpoint=True))])


def mixed_in(
    stream: np.ndarray, share: float, vocabulary: int, end_of_text: int, seed: int
) -> np.ndarray:
    """The stream with such passages between its documents, until they are `share` of all ids."""
    random = np.random.default_rng(seed)
    passages = list(_until(random, len(stream) * share / (1 - share), vocabulary, end_of_text))
    places = np.sort(random.choice(np.flatnonzero(stream == end_of_text), len(passages)))
    parts = np.split(stream, places)
    told = [piece for pair in zip(parts, passages, strict=False) for piece in pair]
    return np.concatenate([*told, parts[-1]])


def _until(
    random: np.random.Generator, ids: float, vocabulary: int, end_of_text: int
) -> Iterator[np.ndarray]:
    """Passages of so many ids together, the last one beyond."""
    while ids > 0:
        told = passage(random, vocabulary, end_of_text)
        yield told
        ids -= len(told)
