"""GloVe: its cost and steps against a slow loop of our own, and words that group by use."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from models.words.vectors import unit_rows
from training.words import counting, glove
from training.words.glove import Entries, Recipe

WORDS = ["the", "cat", "dog", "sat", "ran"]
LINES = ["the cat sat", "the dog ran the cat", "cat", "", "ran ran sat the dog"]
SMALL = Recipe(window=3, least=0, width=4, epochs=3, most=2.0)


def counted(folder: Path, words: list[str], lines: list[str], recipe: Recipe) -> counting.Pairs:
    path = folder / "sentences.txt"
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return counting.pairs(path, words, recipe.weights)


@pytest.fixture
def pairs(tmp_path: Path) -> counting.Pairs:
    return counted(tmp_path, WORDS, LINES, SMALL)


def slow_counts() -> dict[tuple[int, int], float]:
    """X of every pair: the sum of 1 / distance."""
    found: dict[tuple[int, int], float] = {}
    for line in LINES:
        ids = [WORDS.index(word) for word in line.split()]
        for here, one in enumerate(ids):
            for there, other in enumerate(ids):
                if 0 < abs(here - there) <= SMALL.window:
                    found[one, other] = found.get((one, other), 0.0) + 1 / abs(here - there)
    return found


def test_weights_are_whole_numbers_in_the_ratio_of_one_over_the_distance() -> None:
    assert Recipe(window=5).weights == (60, 30, 20, 15, 12)


def test_pairs_count_one_over_their_distance(pairs: counting.Pairs) -> None:
    fitted, expected = glove.entries(pairs, SMALL), slow_counts()
    places = zip(fitted.rows.tolist(), fitted.columns.tolist(), strict=True)
    found = {pair: n for n, pair in enumerate(places)}
    assert found.keys() == expected.keys()
    for pair, n in found.items():
        assert np.exp(fitted.logs[n]) == pytest.approx(expected[pair], rel=1e-5)
        weight = min(1.0, (expected[pair] / SMALL.most) ** SMALL.power)
        assert fitted.weights[n] == pytest.approx(weight, rel=1e-5)
    assert {float(w) for w in fitted.weights} >= {1.0} and min(fitted.weights) < 1


def test_rare_pairs_are_left_out(pairs: counting.Pairs) -> None:
    kept = glove.entries(pairs, replace(SMALL, least=1.0))
    assert len(kept.rows) == sum(x >= 1 for x in slow_counts().values()) < len(slow_counts())


def slow_epoch(fitted: Entries, arrays: list[np.ndarray], squares: list[np.ndarray]) -> float:
    """AdaGrad on one pair after another, as the paper writes it, in double precision."""
    cost = 0.0
    fields = (fitted.rows, fitted.columns, fitted.logs, fitted.weights)
    for i, j, log, weight in zip(*fields, strict=True):
        words, contexts, biases, others = arrays
        error = float(words[i] @ contexts[j] + biases[i] + others[j]) - float(log)
        cost += float(weight) * error**2 / 2
        slope = float(weight) * error
        gradients = [slope * contexts[j], slope * words[i], slope, slope]
        both = zip(arrays, squares, (i, j, i, j), gradients, strict=True)
        for array, square, row, gradient in both:
            array[row] -= SMALL.rate * gradient / np.sqrt(square[row])
            square[row] += gradient**2
    return cost


def test_the_fast_loop_is_the_slow_one(pairs: counting.Pairs) -> None:
    fitted = glove.entries(pairs, SMALL)
    arrays = [one.astype(np.float64) for one in glove.start(len(WORDS), SMALL).arrays]
    squares = [np.ones_like(one) for one in arrays]
    costs = []
    parameters = glove.start(len(WORDS), SMALL)
    for cost in glove.train(parameters, pairs, SMALL):
        costs.append(cost)
        assert cost * len(fitted.rows) == pytest.approx(slow_epoch(fitted, arrays, squares), 1e-4)
        for ours, expected in zip(parameters.arrays, arrays, strict=True):
            assert ours == pytest.approx(expected, abs=1e-5)
    assert len(costs) == SMALL.epochs and costs == sorted(costs, reverse=True)


def test_a_cost_falls_by_what_its_gradient_says(pairs: counting.Pairs) -> None:
    """The slope of each parameter against a small change of it, cost by cost."""
    fitted = glove.entries(pairs, SMALL)
    one = Entries(fitted.rows[:1], fitted.columns[:1], fitted.logs[:1], fitted.weights[:1])
    for place in range(4):
        arrays = [a.astype(np.float64) for a in glove.start(len(WORDS), SMALL).arrays]
        row = int((one.rows if place % 2 == 0 else one.columns)[0])
        index = (row, 0) if arrays[place].ndim == 2 else (row,)
        moved = [a.copy() for a in arrays]
        before = slow_epoch(one, moved, [np.ones_like(a) for a in arrays])
        step = (arrays[place][index] - moved[place][index]) / SMALL.rate
        nudged = [a.copy() for a in arrays]
        nudged[place][index] += 1e-6
        after = slow_epoch(one, nudged, [np.ones_like(a) for a in arrays])
        assert step == pytest.approx((after - before) / 1e-6, rel=1e-3)


def test_words_of_one_use_come_close_and_others_do_not(tmp_path: Path) -> None:
    random = np.random.default_rng(0)
    animals, places = ["cat", "dog", "fox", "wolf"], ["wood", "town", "house", "garden"]
    lines = [
        f"the {random.choice(animals)} ran {random.choice(animals)} after and then "
        f"in their {random.choice(places)} stood {random.choice(places)} still"
        for _ in range(400)
    ]
    words = sorted({word for line in lines for word in line.split()})
    recipe = Recipe(window=2, width=8, epochs=40, most=50.0)
    parameters = glove.start(len(words), recipe)
    pairs = counted(tmp_path, words, lines, recipe)
    *_, cost = glove.train(parameters, pairs, recipe)
    unit = unit_rows(parameters.vectors)
    rows = {word: unit[words.index(word)] for word in words}
    within = [rows["cat"] @ rows["dog"], rows["fox"] @ rows["wolf"], rows["town"] @ rows["wood"]]
    across = [rows["cat"] @ rows["town"], rows["fox"] @ rows["house"], rows["dog"] @ rows["wood"]]
    assert min(within) > max(across) + 0.2
    fitted = glove.entries(pairs, recipe)
    i, j = fitted.rows, fitted.columns
    products = np.einsum("pw,pw->p", parameters.words[i], parameters.contexts[j])
    errors = products + parameters.word_biases[i] + parameters.context_biases[j] - fitted.logs
    assert float((fitted.weights * errors**2).mean()) / 2 < 0.06 < float(np.var(fitted.logs)) / 2
    assert cost < 0.06


def test_one_seed_gives_the_same_vectors_and_another_does_not(pairs: counting.Pairs) -> None:
    def vectors(seed: int) -> np.ndarray:
        recipe = replace(SMALL, seed=seed)
        parameters = glove.start(len(WORDS), recipe)
        list(glove.train(parameters, pairs, recipe))
        return parameters.vectors

    assert (vectors(1) == vectors(1)).all()
    assert not np.allclose(vectors(1), vectors(2))
