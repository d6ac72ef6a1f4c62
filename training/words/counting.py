"""Word vectors without any learning: counts of who stands near whom, weighted and reduced.

Levy, Goldberg & Dagan 2015, doi 10.1162/tacl_a_00134: pairs within a window, positive pointwise
mutual information with smoothed contexts (`models.contexts`), and a truncated SVD of that table.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray

from models.words.contexts import Contexts, SparseRows

MOST_SEEN = 65_535  # a pair that is stored has 16 bits for its count


@dataclass(frozen=True)
class Recipe:
    """How the text is counted; the defaults made the committed vectors."""

    window: int = 3
    """Words on either side; every pair within it counts as 1, however far apart."""
    kept: int = 400
    """Contexts of a word that the committed table keeps, at most."""
    least: int = 2
    """Times that a pair of the table was seen. The reduced vectors are made from all pairs."""
    width: int = 140
    power: float = 0.5
    """Of the singular values: 1 keeps them whole, 0 leaves them out."""
    seed: int = 0


@dataclass(frozen=True)
class Pairs:
    """Every pair of words that stood within the window, both ways round, row after row."""

    starts: NDArray[np.int64]
    columns: NDArray[np.int32]
    counts: NDArray[np.int32]
    totals: NDArray[np.int64]
    """(words,) sum of the counts of each word."""
    window: int


def pairs(text: Path, words: list[str], weights: Sequence[int]) -> Pairs:
    """Count `text`, a paragraph a line. Words outside the vocabulary are as if they were not there.

    weights: what a pair counts that stands one word apart, two, and so on to the window's end. No
    pair reaches over the end of a line.
    """
    ids, lines = read(text, {word: i for i, word in enumerate(words)})
    size = len(words)
    keys, counts = np.zeros(0, dtype=np.int64), np.zeros(0, dtype=np.int64)
    for apart, weight in enumerate(weights, start=1):
        near = lines[apart:] == lines[:-apart]
        one, other = ids[:-apart][near], ids[apart:][near]
        found, times = np.unique(one.astype(np.int64) * size + other, return_counts=True)
        turned = (found % size) * size + found // size  # the pair as the other word sees it
        keys, counts = _summed([keys, found, turned], [counts, weight * times, weight * times])
    rows, columns = keys // size, (keys % size).astype(np.int32)
    starts = np.searchsorted(rows, np.arange(size + 1))
    totals = np.bincount(rows, counts, size).astype(np.int64)
    return Pairs(starts, columns, counts.astype(np.int32), totals, len(weights))


def read(text: Path, index: dict[str, int]) -> tuple[NDArray[np.int32], NDArray[np.int32]]:
    """(known words,) their ids in order, and the number of the line that each stands in."""
    ids: list[NDArray[np.int32]] = []
    with text.open(encoding="utf-8") as lines:
        for line in lines:
            known = (index.get(word, -1) for word in line.split())
            found = np.fromiter(known, dtype=np.int32)
            ids.append(found[found >= 0])
    lengths = [len(line) for line in ids]
    return np.concatenate(ids), np.repeat(np.arange(len(ids), dtype=np.int32), lengths)


def _summed(
    keys: list[NDArray[np.int64]], counts: list[NDArray[np.int64]]
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    every, times = np.concatenate(keys), np.concatenate(counts)
    order = every.argsort(kind="stable")
    every, times = every[order], times[order]
    first = np.flatnonzero(np.append(True, every[1:] != every[:-1])[: len(every)])
    return every[first], np.add.reduceat(times, first) if len(first) else times


def weighted(pairs: Pairs, least: int) -> Contexts:
    """All pairs that were seen `least` times or more and have a positive weight."""
    seen = pairs.counts >= least
    contexts = Contexts.of(*_rows(pairs, seen), pairs.totals, pairs.window)
    positive = contexts.ppmi.values > 0
    full = np.flatnonzero(seen)[positive]
    chosen = np.zeros(len(seen), dtype=bool)
    chosen[full] = True
    return Contexts.of(*_rows(pairs, chosen), pairs.totals, pairs.window)


def _rows(
    pairs: Pairs, chosen: NDArray[np.bool_]
) -> tuple[NDArray[np.int64], NDArray[np.int32], NDArray[np.int32]]:
    """Starts, columns and counts of the chosen entries."""
    before = np.append(0, np.cumsum(chosen))
    return before[pairs.starts], pairs.columns[chosen], pairs.counts[chosen]


def pruned(pairs: Pairs, recipe: Recipe) -> Contexts:
    """The `kept` most telling contexts of every word: those with the most bits in all.

    Count times PMI is what a pair adds to the likelihood of the text over chance. PMI alone would
    keep what was seen twice, counts alone "the" and "of".
    """
    contexts = weighted(pairs, recipe.least)
    table = contexts.ppmi
    telling = contexts.counts * table.values
    telling[contexts.counts > MOST_SEEN] = 0  # the few pairs like "of the" that 16 bits cannot hold
    chosen = np.zeros(len(telling), dtype=bool)
    for i in range(len(table)):
        row = table.row(i)
        best = np.argsort(-telling[row], kind="stable")[: recipe.kept] + row.start
        chosen[best[telling[best] > 0]] = True
    kept = Pairs(table.starts, table.columns, contexts.counts, pairs.totals, pairs.window)
    return Contexts.of(*_rows(kept, chosen), pairs.totals, pairs.window)


def reduced(pairs: Pairs, recipe: Recipe) -> NDArray[np.float32]:
    """(words, width) the table on its strongest directions: U S^power of a truncated SVD."""
    table = weighted(pairs, least=1).ppmi
    torch.manual_seed(recipe.seed)
    width = min(recipe.width, len(table))
    left, strengths, _ = torch.svd_lowrank(_sparse(table), q=min(width + 20, len(table)), niter=2)
    vectors: NDArray[np.float32] = (left * strengths**recipe.power)[:, :width].numpy()
    return vectors


def _sparse(table: SparseRows) -> torch.Tensor:
    rows = np.repeat(np.arange(len(table)), np.diff(table.starts))
    places = torch.from_numpy(np.stack([rows, table.columns.astype(np.int64)]))
    values, size = torch.from_numpy(table.values), (len(table), table.width)
    return torch.sparse_coo_tensor(places, values, size, check_invariants=True, is_coalesced=True)
