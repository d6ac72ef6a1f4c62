"""What a pruned table says of the pairs that it lacks is true of the whole count."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from models.words.contexts import Contexts
from models.words.left_out import times_seen
from models.words.vectors import load
from training.words import counting
from training.words.counting import Pairs, Recipe

SIZE = 40


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Pairs:
    """A text in which some words are common and some keep company."""
    generator = np.random.default_rng(5)
    chances = 1 / np.arange(1, SIZE + 1)
    lines = []
    for _ in range(400):
        words = generator.choice(SIZE, size=12, p=chances / chances.sum())
        words[1::2] = np.where(generator.random(6) < 0.3, (words[::2] + 7) % SIZE, words[1::2])
        lines.append(" ".join(f"w{word}" for word in words))
    path = tmp_path_factory.mktemp("text") / "sentences.txt"
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return counting.pairs(path, [f"w{i}" for i in range(SIZE)], (1, 1, 1))


def dense(pairs: Pairs) -> np.ndarray:
    table = np.zeros((SIZE, SIZE), dtype=int)
    for row in range(SIZE):
        place = slice(pairs.starts[row], pairs.starts[row + 1])
        table[row, pairs.columns[place]] = pairs.counts[place]
    return table


@pytest.mark.parametrize(("kept", "least"), [(3, 2), (8, 2), (8, 5), (SIZE, 1), (SIZE, 3)])
def test_every_pair_was_seen_between_least_and_most(whole: Pairs, kept: int, least: int) -> None:
    table, contexts = dense(whole), counting.pruned(whole, Recipe(kept=kept, least=least))
    exact, useless = 0, 0
    for one in range(SIZE):
        for other in range(SIZE):
            low, high = times_seen(contexts, one, other)
            assert low <= table[one, other] <= high, (one, other)
            assert (low, high) == times_seen(contexts, other, one)
            exact += low == high
            useless += high > 4 * table[one, other] + 30
    assert exact >= len(contexts.counts) > 0  # a pair that either row holds is known
    assert useless < 0.02 * SIZE**2


def test_a_pair_too_frequent_for_sixteen_bits_has_no_bound_but_the_rest_of_its_row() -> None:
    starts, columns = np.array([0, 1, 1, 2]), np.array([2, 0], dtype=np.int32)
    counts, totals = np.array([9, 9], dtype=np.int32), np.array([100_000, 90_000, 9])
    contexts = Contexts.of(starts, columns, counts, totals, window=3)
    assert times_seen(contexts, 0, 2) == (9, 9)
    assert times_seen(contexts, 0, 1) == (0, 90_000)
    assert times_seen(contexts, 1, 2) == (0, 0)  # all that stood near the third is in its row


@pytest.mark.weights
def test_the_committed_table_knows_ice_and_steam(checkpoints: Path) -> None:
    """By a count of the training text: 1,152 and 0 for cream, 6 and 13 for hot."""
    vectors = load(checkpoints / "word-vectors", "ppmi")
    assert vectors.contexts is not None

    def seen(one: str, other: str) -> tuple[int, int]:
        assert vectors.contexts is not None
        return times_seen(vectors.contexts, vectors.index[one], vectors.index[other])

    assert seen("ice", "cream") == (1152, 1152)
    assert seen("steam", "hot") == seen("hot", "steam") == (13, 13)
    assert seen("steam", "cream") == (0, 1)
