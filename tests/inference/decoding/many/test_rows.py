"""Choosing for many rows at once, against the chain and the dice of one row."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from inference.decoding import sampling
from inference.decoding.many.rows import alone, draw
from inference.types.options import FILTERS, LaneOptions

LANES = {
    "plain": LaneOptions("a", sample=True),
    "cold": LaneOptions("a", sample=True, temperature=0.6),
    "hot": LaneOptions("a", sample=True, temperature=2.0),
    "k": LaneOptions("a", sample=True, top_k=5),
    "k of all": LaneOptions("a", sample=True, top_k=4096),
    "k beyond the head": LaneOptions("a", sample=True, top_k=400, temperature=2.0),
    "p": LaneOptions("a", sample=True, top_p=0.9),
    "p of nearly all": LaneOptions("a", sample=True, top_p=0.999),
    "p of all": LaneOptions("a", sample=True, top_p=1.0),
    "k and p": LaneOptions("a", sample=True, top_k=12, top_p=0.7, temperature=1.4),
    "least": LaneOptions("a", sample=True, min_p=0.05),
    "least of all": LaneOptions("a", sample=True, min_p=0.0),
    "all": LaneOptions("a", sample=True, temperature=1.7, top_k=60, top_p=0.95, min_p=0.02),
    "typical": LaneOptions("a", sample=True, typical_p=0.7),
    "late": LaneOptions("a", sample=True, temperature=1.7, top_p=0.8, order=tuple(FILTERS)[::-1]),
    "greedy": LaneOptions("a"),
    "greedy, filtered": LaneOptions("a", top_k=3),
}


@pytest.mark.parametrize("options", LANES.values(), ids=LANES.keys())
@pytest.mark.parametrize("vocabulary", [9, 900])
def test_what_is_drawn_is_what_a_lane_draws(options: LaneOptions, vocabulary: int) -> None:
    dice = np.random.default_rng(vocabulary)
    scales = dice.uniform(0.2, 4, size=(30, 1))  # some rows flat, some with one peak
    logits = dice.normal(size=(30, vocabulary)).astype(np.float32) * scales.astype(np.float32)
    rows = dice.integers(30, size=400)
    numbers = dice.random(400)
    found = draw(torch.from_numpy(logits), options, rows, numbers)
    expected = [alone(logits[row], options, one) for row, one in zip(rows, numbers, strict=True)]
    assert found.tokens.tolist() == expected
    logs = sampling.log_softmax(logits.astype(np.float64))[rows, expected]
    assert found.logs == pytest.approx(logs, abs=1e-5)


@given(st.lists(st.integers(-2, 2), min_size=6, max_size=6), st.floats(0, 1, exclude_max=True))
def test_r20_ties_go_to_the_lower_id(row: list[int], number: float) -> None:
    logits = np.array([row], dtype=np.float32)
    for options in (LANES["plain"], LANES["k"], LANES["greedy"]):
        found = draw(torch.from_numpy(logits), options, np.array([0]), np.array([number]))
        assert found.tokens.tolist() == [alone(logits[0], options, number)]


def test_r20_ties_at_the_end_of_a_head_go_to_the_lower_id_too() -> None:
    dice = np.random.default_rng(3)
    logits = dice.integers(-1, 3, size=(20, 600)).astype(np.float32)  # hundreds of ties
    rows, numbers = dice.integers(20, size=200), dice.random(200)
    for options in (LANES["plain"], LANES["k"], LANES["p"]):
        expected = [alone(logits[row], options, n) for row, n in zip(rows, numbers, strict=True)]
        assert draw(torch.from_numpy(logits), options, rows, numbers).tokens.tolist() == expected


def test_r38_drawn_tokens_are_as_frequent_as_stated() -> None:
    shares = np.array([0.5, 0.3, 0.15, 0.05])
    logits = torch.from_numpy(np.log(shares).astype(np.float32))[None]
    count = 4_000
    found = draw(
        logits,
        LANES["plain"],
        np.zeros(count, dtype=np.int64),
        np.random.default_rng(2).random(count),
    )
    observed = np.bincount(found.tokens, minlength=4)
    statistic = ((observed - count * shares) ** 2 / (count * shares)).sum()
    assert statistic < 16.27  # p 0.001 at three degrees of freedom
