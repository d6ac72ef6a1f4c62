"""What two words share is worked out by hand, and adds up to their cosine."""

from __future__ import annotations

import numpy as np
import pytest

from analysis.contexts import Row, Shared, shared

KING = Row(np.array([1, 4, 7], np.int32), np.array([9, 3, 2], np.int32),
           np.array([0.8, 0.6, 0.0], np.float32))  # fmt: skip
QUEEN = Row(np.array([0, 4, 1], np.int32)[[0, 2, 1]], np.array([5, 2, 8], np.int32),
            np.array([0.48, 0.64, 0.6], np.float32))  # fmt: skip


def test_what_two_words_share_comes_with_its_counts_and_its_part() -> None:
    assert shared(KING, QUEEN) == (
        Shared(1, (9, 2), pytest.approx(0.8 * 0.64)),
        Shared(4, (3, 8), pytest.approx(0.6 * 0.6)),
    )


def test_the_parts_add_up_to_the_cosine() -> None:
    generator = np.random.default_rng(2)
    dense = np.maximum(generator.normal(size=(2, 50)), 0).astype(np.float32)
    dense /= np.linalg.norm(dense, axis=1, keepdims=True)
    rows = []
    for vector in dense:
        columns = np.flatnonzero(vector).astype(np.int32)
        rows.append(Row(columns, np.ones(len(columns), np.int32), vector[columns]))
    found = shared(*rows)
    assert sum(one.part for one in found) == pytest.approx(dense[0] @ dense[1], abs=1e-6)
    assert [one.part for one in found] == sorted((one.part for one in found), reverse=True)


def test_words_may_share_nothing() -> None:
    alone = Row(np.array([3], np.int32), np.array([2], np.int32), np.array([1.0], np.float32))
    assert shared(KING, alone) == ()
