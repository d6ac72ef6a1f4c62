"""Pairs are counted as a slow count does, and both models keep what they should."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import numpy as np
import pytest

from models.words.contexts import SMOOTHING
from training.words import counting
from training.words.counting import Pairs, Recipe

WORDS = ["the", "cat", "dog", "sat", "ran"]
LINES = ["the cat sat", "the dog unheard ran the cat", "cat", "", "ran ran"]


@pytest.fixture
def pairs(tmp_path: Path) -> Pairs:
    path = tmp_path / "sentences.txt"
    path.write_text("\n".join(LINES) + "\n", encoding="utf-8")
    return counting.pairs(path, WORDS, (1, 1))


def slow(window: int) -> Counter[tuple[str, str]]:
    """Every pair within the window, one by one."""
    found: Counter[tuple[str, str]] = Counter()
    for line in LINES:
        known = [word for word in line.split() if word in WORDS]
        for i, one in enumerate(known):
            for j, other in enumerate(known):
                if i != j and abs(i - j) <= window:
                    found[one, other] += 1
    return found


def dense(starts: np.ndarray, columns: np.ndarray, values: np.ndarray) -> np.ndarray:
    table = np.zeros((len(WORDS), len(WORDS)))
    for row in range(len(WORDS)):
        place = slice(starts[row], starts[row + 1])
        table[row, columns[place]] = values[place]
    return table


def test_pairs_are_those_of_a_slow_count(pairs: Pairs) -> None:
    table = dense(pairs.starts, pairs.columns, pairs.counts)
    for i, one in enumerate(WORDS):
        for j, other in enumerate(WORDS):
            assert table[i, j] == slow(2)[one, other], (one, other)
    assert pairs.totals.tolist() == table.sum(axis=1).tolist()
    assert (table == table.T).all()


def test_weights_are_positive_pmi(pairs: Pairs) -> None:
    table = dense(pairs.starts, pairs.columns, pairs.counts)
    totals = table.sum(axis=1)
    expected = totals.copy() ** SMOOTHING
    with np.errstate(divide="ignore"):
        ratio = table * expected.sum() / (totals[:, None] * expected[None])
        ppmi = np.maximum(np.log2(ratio), 0)
    found = counting.weighted(pairs, least=1)
    shown = dense(found.ppmi.starts, found.ppmi.columns, found.ppmi.values)
    assert shown == pytest.approx(ppmi, abs=1e-5)
    assert found.ppmi.values.min() > 0


def test_the_most_telling_contexts_are_kept_with_their_counts(pairs: Pairs) -> None:
    whole = counting.weighted(pairs, least=1)
    kept = counting.pruned(pairs, Recipe(kept=1, least=1))
    for i in range(len(WORDS)):
        row = whole.ppmi.row(i)
        telling = whole.counts[row] * whole.ppmi.values[row]
        place = kept.ppmi.row(i)
        assert place.stop - place.start == min(1, len(telling))
        if len(telling):
            best = row.start + int(telling.argmax())
            assert kept.ppmi.columns[place.start] == whole.ppmi.columns[best]
            assert kept.counts[place.start] == whole.counts[best]
            assert kept.ppmi.values[place.start] == pytest.approx(whole.ppmi.values[best])


def test_a_count_beyond_sixteen_bits_is_left_out(
    pairs: Pairs, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(counting, "MOST_SEEN", 1)
    kept = counting.pruned(pairs, Recipe(kept=5, least=1))
    assert kept.counts.max() == 1


def test_the_reduced_vectors_are_those_of_a_full_svd(pairs: Pairs) -> None:
    table = counting.weighted(pairs, least=1).ppmi
    left, strengths, _ = np.linalg.svd(table[range(len(WORDS))])
    reduced = counting.reduced(pairs, Recipe(width=2, least=1))
    assert reduced.shape == (len(WORDS), 2)
    ours, theirs = reduced @ reduced.T, (left[:, :2] * strengths[:2]) @ left[:, :2].T
    assert ours == pytest.approx(theirs, abs=1e-4)  # power 0.5: each product carries S once
