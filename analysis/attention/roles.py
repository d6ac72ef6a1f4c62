"""What a head does, as one number a role: how much of its attention lies where the role looks.

A role is a set of cells of a map, its targets. Its score is the mean share of a row that lies on
them, over the rows that have any. A head that looks everywhere alike scores what `even` does.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from analysis.attention.words import punctuation, words

Floats = NDArray[np.float64]
Cells = NDArray[np.bool_]
ROLES = ("previous", "next", "duplicate", "induction", "first", "word", "punctuation")


def targets(
    ids: Sequence[int], pieces: Sequence[bytes], gaps: Sequence[bytes], causal: bool
) -> Mapping[str, Cells]:
    """Where every role of `ROLES` looks in a text: (queries, keys) each, without what is masked.

    pieces, gaps: the bytes of the text that every token covers, and what stands between; a token
    that covers none marks an end of the text and is nobody's duplicate. causal: whether a query
    sees itself and what came before alone; then nobody looks at the next token.
    """
    count = len(ids)
    held = [token if piece else -1 for token, piece in zip(ids, pieces, strict=True)]
    cells = {
        "previous": np.eye(count, k=-1, dtype=bool),
        "next": np.eye(count, k=1, dtype=bool),
        "duplicate": others(held),
        "induction": after_others(held),
        "first": column([at == 0 for at in range(count)]),
        "word": others(words(pieces, gaps)),
        "punctuation": column(punctuation(pieces)),
    }
    return {role: cells[role] & visible(count, causal) for role in ROLES}


def visible(count: int, causal: bool) -> Cells:
    """The cells that a query can read: (queries, keys)."""
    return np.tri(count, dtype=bool) if causal else np.ones((count, count), dtype=bool)


def others(groups: Sequence[int]) -> Cells:
    """The other tokens of a query's group; -1 marks a token that has none."""
    named = np.asarray(groups)
    found: Cells = (named[:, None] == named) & (named >= 0)
    return found & ~np.eye(len(named), dtype=bool)


def after_others(groups: Sequence[int]) -> Cells:
    """What followed the earlier tokens of a query's group: where an induction head looks.

    Olsson et al. 2022, arXiv 2209.11895.
    """
    found = np.zeros((len(groups), len(groups)), dtype=bool)
    found[:, 1:] = np.tril(others(groups), -1)[:, :-1]
    return found & ~np.eye(len(groups), dtype=bool)


def column(marked: Sequence[bool]) -> Cells:
    """The marked tokens, whoever asks but themselves."""
    found = np.tile(np.asarray(marked, dtype=bool), (len(marked), 1))
    return found & ~np.eye(len(marked), dtype=bool)


def scores(weights: NDArray[np.floating], cells: Cells) -> Floats:
    """The mean share of a row on its targets, over the rows that have one: (...).

    weights: (..., queries, keys). nan where no row has a target.
    """
    rows = cells.any(axis=1)
    if not rows.any():
        return np.full(weights.shape[:-2], np.nan)
    shares = np.where(cells, weights, 0.0)[..., rows, :].sum(axis=-1, dtype=np.float64)
    found: Floats = shares.mean(axis=-1)
    return found


def induction(weights: NDArray[np.floating]) -> Floats:
    """The score of induction on tokens that all come a second time: (...).

    weights: (..., 2 n, 2 n) over n tokens and the same again; the mean map of several such texts
    has their mean score. It is the share on what followed the token the first time, over the
    second half. A token that comes twice within the n counts for its own place alone.
    """
    place = np.arange(weights.shape[-1] // 2, weights.shape[-1])
    before = place - len(place) + 1
    found: Floats = weights[..., place, before].mean(axis=-1, dtype=np.float64)
    return found


def even(count: int, causal: bool) -> Floats:
    """The map of a head that looks everywhere alike: (queries, keys)."""
    seen = visible(count, causal)
    found: Floats = seen / seen.sum(axis=1, keepdims=True)
    return found
