"""Sparse rows behave as the dense matrix, and weights are those worked out by hand."""

from __future__ import annotations

import numpy as np
import pytest

from models.words.contexts import SMOOTHING, Contexts, SparseRows, pmi


def sparse(dense: np.ndarray) -> SparseRows:
    rows, columns = np.nonzero(dense)
    starts = np.searchsorted(rows, np.arange(len(dense) + 1))
    values = dense[rows, columns].astype(np.float32)
    return SparseRows(starts, columns.astype(np.int32), values, dense.shape[1])


@pytest.mark.parametrize("empty", [(), (0,), (3, 4), (6,), (0, 5, 6), tuple(range(7))])
def test_sparse_rows_are_the_dense_matrix(empty: tuple[int, ...]) -> None:
    generator = np.random.default_rng(9)
    dense = generator.normal(size=(7, 5)) * (generator.random((7, 5)) < 0.5)
    dense[list(empty)] = 0
    rows = sparse(dense)
    assert len(rows) == 7
    assert rows.size == np.count_nonzero(dense)
    assert rows[2] == pytest.approx(dense[2], abs=1e-6)
    assert rows[[4, 4, 0]] == pytest.approx(dense[[4, 4, 0]], abs=1e-6)
    target = generator.normal(size=5).astype(np.float32)
    assert rows @ target == pytest.approx(dense @ target, abs=1e-5)


def test_pmi_of_a_table_worked_out_by_hand() -> None:
    # a and b stand together 6 times, a and c twice.
    totals = np.array([8, 6, 2])
    everything = sum(total**SMOOTHING for total in (8, 6, 2))
    expected = np.log2([6 * everything / (8 * 6**0.75), 2 * everything / (8 * 2**0.75)])
    found = pmi(np.array([6, 2]), totals[[0, 0]], totals[[1, 2]], totals)
    assert found == pytest.approx(expected)


def test_weights_are_never_negative_and_rows_have_length_1() -> None:
    counts = np.array([[0, 40, 1], [40, 0, 1], [1, 1, 0]])
    rows, columns = np.nonzero(counts)
    starts = np.searchsorted(rows, np.arange(4))
    seen = counts[rows, columns].astype(np.int32)
    contexts = Contexts.of(starts, columns.astype(np.int32), seen, counts.sum(axis=1), window=3)
    assert contexts.ppmi.values.min() == 0  # c and a meet less often than chance would have it
    assert contexts.ppmi[0][1] > 0
    lengths = np.linalg.norm(contexts.unit[[0, 1, 2]], axis=1)
    assert lengths[:2] == pytest.approx(1)
    assert contexts.unit is contexts.unit  # worked out once
