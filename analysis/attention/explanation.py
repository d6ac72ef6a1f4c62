"""What explanations of one prediction say of its tokens, and how far two of them agree."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


def rollout(weights: NDArray[np.floating]) -> Floats:
    """How much of every token reaches the last position, if attention were all that flows.

    weights: (layers, queries, keys), the mean over heads. Abnar and Zuidema 2020, arXiv 2005.00928,
    section 3: (A + I) / 2 with rows that sum to 1, multiplied from the lowest layer up (truth:
    R37). Returns (tokens,), which sum to 1.
    """
    tokens = weights.shape[-1]
    reached: Floats = np.eye(tokens)
    for layer in weights.astype(np.float64):
        mixed = layer + np.eye(tokens)
        reached = (mixed / mixed.sum(axis=1, keepdims=True)) @ reached
    last: Floats = reached[-1]
    return last


def ranks(values: Floats) -> Floats:
    """From 1 for the smallest; equal values share the mean of their ranks."""
    _, inverse, counts = np.unique(values, return_inverse=True, return_counts=True)
    ends = counts.cumsum()
    shared: Floats = ends - (counts - 1) / 2
    return shared[inverse]


def agreement(rows: Floats) -> Floats:
    """Spearman's rank correlation of every two rows, (rows, rows); nan where a row is constant.

    rows: (explanations, tokens). Equal values share a rank.
    """
    ranked = np.stack([ranks(one) for one in rows])
    away = ranked - ranked.mean(axis=1, keepdims=True)
    length = np.sqrt((away**2).sum(axis=1))
    with np.errstate(invalid="ignore", divide="ignore"):
        found: Floats = away @ away.T / np.outer(length, length)
    return np.clip(found, -1, 1)
