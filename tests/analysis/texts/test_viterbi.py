"""Exact search in a bigram table, against all texts."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

from analysis.texts.viterbi import best_texts


def table(size: int, seed: int) -> np.ndarray:
    shares = np.random.default_rng(seed).dirichlet(np.full(size, 0.4), size=size)
    return np.log(shares)


@pytest.mark.parametrize("seed", range(8))
def test_r46_no_text_of_exactly_that_length_is_more_probable(seed: int) -> None:
    logs = table(4, seed)
    found = best_texts(logs, 2, 5, ends=(0,))
    assert [len(one.ids) for one in found] == [1, 2, 3, 4, 5]
    for one in found:
        texts = {
            ids: sum(float(logs[pair]) for pair in itertools.pairwise((2, *ids)))
            for ids in itertools.product((1, 2, 3), repeat=len(one.ids))
        }
        assert one.log_probability == pytest.approx(max(texts.values()))
        assert texts[one.ids] == pytest.approx(one.log_probability)


def test_a_search_worked_out_by_hand() -> None:
    # 0 prefers 1 at once, and 2 for two steps: 0.4 * 0.9 is above 0.6 * 0.5
    logs = np.log([[0.01, 0.59, 0.4], [0.01, 0.5, 0.49], [0.9, 0.05, 0.05]])
    one, two = best_texts(logs, 0, 2)
    assert one.ids == (1,)
    assert two.ids == (2, 0)
    assert two.log_probability == pytest.approx(np.log(0.4 * 0.9))


def test_what_never_follows_is_in_no_text_and_ties_go_to_lower_ids() -> None:
    with np.errstate(divide="ignore"):
        logs = np.log([[0.5, 0.5], [0.0, 1.0]])
    assert [one.ids for one in best_texts(logs, 0, 2)] == [(0,), (1, 1)]


def test_without_a_length_or_a_token_there_is_no_text() -> None:
    for longest, ends in ((0, ()), (1, (0, 1))):
        with pytest.raises(ValueError, match="needs a length"):
            best_texts(np.zeros((2, 2)), 0, longest, ends)
