"""The words that stand near a word, counted: the oldest word vectors, and the most readable.

A row of a co-occurrence table, weighted by positive pointwise mutual information, is a vector with
a name for every dimension (Levy & Goldberg 2014; Levy, Goldberg & Dagan 2015, doi
10.1162/tacl_a_00134).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

SMOOTHING = 0.75  # the power that lifts rare contexts: without it they have the highest PMI


@dataclass(frozen=True)
class SparseRows:
    """A matrix of which only the entries that are not 0 are kept, row after row.

    It takes the place of a dense one wherever rows are read or multiplied by a vector.
    """

    starts: NDArray[np.int64]
    """(rows + 1,) where each row begins in the two arrays below; the last is their length."""
    columns: NDArray[np.int32]
    """(entries,) rising within a row."""
    values: NDArray[np.float32]
    """(entries,)"""
    width: int

    def __len__(self) -> int:
        return len(self.starts) - 1

    @property
    def size(self) -> int:
        """Numbers that are kept."""
        return len(self.values)

    def row(self, i: int) -> slice:
        """Where row `i` is in `columns` and `values`."""
        return slice(int(self.starts[i]), int(self.starts[i + 1]))

    def __getitem__(self, rows: int | Sequence[int]) -> NDArray[np.float32]:
        """One row as (width,), or several as (rows, width)."""
        if isinstance(rows, (int, np.integer)):
            dense = np.zeros(self.width, dtype=np.float32)
            dense[self.columns[self.row(int(rows))]] = self.values[self.row(int(rows))]
            return dense
        return np.stack([self[int(i)] for i in rows])

    def __matmul__(self, target: NDArray[np.float32]) -> NDArray[np.float32]:
        """(rows,) the product of every row with `target`, (width,)."""
        products = np.append(self.values * target[self.columns], np.float32(0))
        sums = np.add.reduceat(products, np.minimum(self.starts[:-1], len(products) - 1))
        sums[self.starts[:-1] == self.starts[1:]] = 0  # reduceat takes an empty row's next entry
        return np.asarray(sums, dtype=np.float32)


@dataclass(frozen=True)
class Contexts:
    """How often words stand near each other, and what PMI makes of it."""

    ppmi: SparseRows
    """(words, words) bits of surprise that the column stands near the row; never negative."""
    counts: NDArray[np.int32]
    """(entries,) how often each pair of `ppmi` was seen within the window."""
    window: int
    """Words on either side."""
    totals: NDArray[np.int64]
    """(words,) how many words stood near each, those of pairs that are not kept too."""

    @classmethod
    def of(
        cls,
        starts: NDArray[np.int64],
        columns: NDArray[np.int32],
        counts: NDArray[np.int32],
        totals: NDArray[np.int64],
        window: int,
    ) -> Contexts:
        """Weigh counts; `totals` are (words,) sums over all pairs, also those that were pruned."""
        rows = np.repeat(np.arange(len(totals)), np.diff(starts))
        values = np.maximum(pmi(counts, totals[rows], totals[columns], totals), 0)
        ppmi = SparseRows(starts, columns, values.astype(np.float32), len(totals))
        return cls(ppmi, counts, window, totals)

    @cached_property
    def unit(self) -> SparseRows:
        """The weighted rows, each of length 1, so that a product is a cosine."""
        rows = np.repeat(np.arange(len(self.ppmi)), np.diff(self.ppmi.starts))
        squares = np.bincount(rows, self.ppmi.values.astype(np.float64) ** 2, len(self.ppmi))
        lengths = np.sqrt(np.maximum(squares, 1e-24)).astype(np.float32)
        values = self.ppmi.values / lengths[rows]
        return SparseRows(self.ppmi.starts, self.ppmi.columns, values, self.ppmi.width)

    @cached_property
    def longest(self) -> int:
        """Contexts that are kept of a word at most."""
        return int(np.diff(self.ppmi.starts).max(initial=0))

    @cached_property
    def rarest(self) -> int:
        """The smallest count that is kept."""
        return int(self.counts.min()) if len(self.counts) else 1

    @cached_property
    def smoothed(self) -> NDArray[np.float64]:
        """(words,) the share of all contexts that each has, smoothed."""
        powers = self.totals.astype(np.float64) ** SMOOTHING
        shares: NDArray[np.float64] = powers / powers.sum()
        return shares


def pmi(
    counts: NDArray[np.int32],
    words: NDArray[np.int64],
    contexts: NDArray[np.int64],
    totals: NDArray[np.int64],
) -> NDArray[np.float64]:
    """Pointwise mutual information in bits, contexts smoothed.

    log2 of p(word, context) / (p(word) p(context)), where p(context) is its total to the power
    `SMOOTHING`, over the sum of all such powers. The first three are of one shape.
    """
    smoothed = contexts.astype(np.float64) ** SMOOTHING
    everything = (totals.astype(np.float64) ** SMOOTHING).sum()
    found: NDArray[np.float64] = np.log2(counts * everything / (words * smoothed))
    return found
