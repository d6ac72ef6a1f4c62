"""What each order knows, against counters over the text, and the mixture against the model."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pytest
import torch

from analysis.mixture import contributions
from models.ladder.backing_off import back_off
from models.ladder.ngram import discounts
from tests.models.ladder.test_ngram import STREAM, Slow, built


@pytest.mark.parametrize("order", [2, 3, 5])
def test_counts_and_shares_are_those_of_counters(order: int) -> None:
    model, slow = built(STREAM, order), Slow(STREAM.tolist(), order, 7)
    text = STREAM.tolist()
    longest = Counter(tuple(text[i : i + order]) for i in range(len(text) - order + 1))
    for context in np.random.default_rng(4).integers(0, 6, (12, order - 1)).tolist():
        for found in back_off(model, context):
            ends = tuple(context[order - found.order :])
            if found.order == order:
                counted = [longest[(*ends, w)] for w in range(7)]
            else:  # different tokens before, over n-grams that are one longer
                longer = {gram[-found.order - 1 :] for gram in longest}
                counted = [sum(gram[1:] == (*ends, w) for gram in longer) for w in range(7)]
            assert found.counts.tolist() == counted
            expected = discounts(np.array(list(slow.counts[found.order].values())))
            assert found.discounts == pytest.approx(expected.tolist(), rel=1e-6)
            if not sum(counted):
                assert found.left == 1 and not found.kept.any()
                continue
            taken = [expected[min(n, 3)] for n in counted]
            kept = (np.array(counted) - taken) / sum(counted)
            assert found.kept == pytest.approx(kept, rel=1e-5)
            assert found.left == pytest.approx(sum(taken) / sum(counted), rel=1e-5)


def mixture(orders: object) -> np.ndarray:
    kept = np.stack([one.kept for one in orders])  # type: ignore[attr-defined]
    return contributions(kept, np.array([one.left for one in orders])).sum(axis=0)  # type: ignore[attr-defined]


@pytest.mark.parametrize("length", [0, 1, 3, 4, 9])
def test_the_mixture_of_the_orders_is_what_the_model_says(length: int) -> None:
    model = built(STREAM, 5)
    text = np.random.default_rng(6).integers(0, 7, length).tolist()
    seen = [7, 7, 7, 7, *text][-4:]
    (expected,) = model.probabilities(torch.tensor([seen])).tolist()
    assert mixture(back_off(model, text)) == pytest.approx(expected, rel=1e-5)
