"""Counts and probabilities against the textbook's formulas, written out slowly."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from models.ladder.ngram import LEAST, NGram, NGramConfig, count, discounts

STREAM = np.random.default_rng(1).choice(6, 400, p=[0.4, 0.3, 0.15, 0.1, 0.04, 0.01])


def built(stream: np.ndarray, order: int, vocabulary: int = 7) -> NGram:
    config = NGramConfig(vocabulary, order)
    return NGram(config, count(stream, config))


class Slow:
    """Interpolated modified Kneser-Ney, one probability at a time; Chen and Goodman 1999."""

    def __init__(self, stream: list[int], order: int, vocabulary: int) -> None:
        self.vocabulary = vocabulary
        grams = [tuple(stream[i : i + order]) for i in range(len(stream) - order + 1)]
        self.counts = {order: Counter(grams)}
        for shorter in range(order - 1, 0, -1):  # how many different tokens come before
            self.counts[shorter] = Counter(gram[1:] for gram in self.counts[shorter + 1])
        self.discounts = {n: discounts(np.array(list(c.values()))) for n, c in self.counts.items()}

    def probability(self, context: tuple[int, ...], token: int) -> float:
        order = len(context) + 1
        below = self.probability(context[1:], token) if context else 1 / self.vocabulary
        found = self.counts[order]
        followers = [n for gram, n in found.items() if gram[:-1] == context]
        if not followers:
            return below
        discount = self.discounts[order]
        here = found[(*context, token)]
        kept = (here - discount[min(here, 3)]) / sum(followers)
        left = sum(discount[min(n, 3)] for n in followers) / sum(followers)
        return kept + left * below


@pytest.mark.parametrize("order", [2, 3, 5])
def test_probabilities_are_those_of_the_textbook(order: int) -> None:
    model, slow = built(STREAM, order), Slow(STREAM.tolist(), order, 7)
    contexts = np.random.default_rng(2).integers(0, 7, (40, order - 1))
    found = model.probabilities(torch.from_numpy(contexts))
    for context, row in zip(contexts.tolist(), found.tolist(), strict=True):
        expected = [slow.probability(tuple(context), token) for token in range(7)]
        assert row == pytest.approx(expected, rel=1e-5)


@given(st.lists(st.integers(0, 6), min_size=3, max_size=60), st.integers(2, 3))
def test_every_distribution_sums_to_one_and_rules_nothing_out(stream: list[int], n: int) -> None:
    model = built(np.array(stream), n)
    contexts = torch.cartesian_prod(*[torch.arange(8)] * (n - 1)).view(-1, n - 1)  # 7: nothing
    found = model.probabilities(contexts)
    assert found.sum(dim=1).tolist() == pytest.approx([1.0] * len(contexts), abs=1e-5)
    assert (found > 0).all()


def test_counts_are_grouped_by_context_in_order() -> None:
    counts = count(np.array([2, 0, 1, 2, 0, 3, 2, 0, 1]), NGramConfig(4, 3))
    assert counts.contexts.tolist() == [[0, 1], [0, 3], [1, 2], [2, 0], [3, 2]]
    assert counts.ends.tolist() == [1, 2, 3, 5, 6]
    assert counts.tokens.tolist() == [2, 2, 0, 1, 3, 0]
    assert counts.counts.tolist() == [1, 1, 1, 2, 1, 1]


def test_discounts_are_those_of_equation_26() -> None:
    counts = np.array([1] * 10 + [2] * 5 + [3] * 3 + [4] * 2 + [9])
    y = 10 / 20
    expected = [0, 1 - 2 * y * 5 / 10, 2 - 3 * y * 3 / 5, 3 - 4 * y * 2 / 3]
    assert discounts(counts).tolist() == pytest.approx(expected)


def test_where_counts_are_too_large_to_tell_something_is_taken_off_all_the_same() -> None:
    assert discounts(np.array([100, 200])).tolist() == [0.0, 0.5, 0.5, 0.5]
    steep = np.array([1] * 5 + [2] * 10 + [3] * 100 + [4])  # the formula would give less than 0
    assert min(discounts(steep)[1:]) == LEAST


def test_a_short_text_is_judged_by_the_shorter_n_grams() -> None:
    """One id is known: the distribution is that of the pairs, as Kneser-Ney counts them."""
    model = built(STREAM, 3)
    slow = Slow(STREAM.tolist(), 3, 7)
    found = model.forward(torch.tensor([[1]]))[0, 0].exp().tolist()
    assert found == pytest.approx([slow.probability((1,), t) for t in range(7)], rel=1e-5)


@pytest.mark.parametrize(("order", "vocabulary"), [(1, 7), (10, 100)])
def test_an_order_that_cannot_be_is_refused(order: int, vocabulary: int) -> None:
    with pytest.raises(ValueError, match=f"order {order} does not fit"):
        NGramConfig(vocabulary, order)


def test_ids_that_need_more_than_a_byte_are_refused() -> None:
    with pytest.raises(ValueError, match="stores ids in a byte"):
        count(STREAM, NGramConfig(257, 2))
