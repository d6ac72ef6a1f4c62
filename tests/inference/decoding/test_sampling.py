"""Filters and choosers, against hand-computed cases, exact arithmetic and another library."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as st_numpy

from inference.decoding import lanes, sampling
from inference.decoding.sampling import Distribution
from inference.types.options import LaneOptions

finite = st.floats(allow_nan=False, allow_infinity=False, width=32)
weights = st.lists(st.integers(1, 20), min_size=1, max_size=30)


def distribution(probabilities: list[float]) -> Distribution:
    """In float64 all through: logits rounded to float32 would blur what happens at equality."""
    given = np.asarray(probabilities, dtype=np.float64)
    tokens = np.argsort(-given, kind="stable")
    return Distribution.of(tokens, np.log(given[tokens]), len(given))


def survivors(filtered: Distribution) -> list[int]:
    return filtered.tokens[: filtered.survivors].tolist()


@pytest.mark.parametrize(
    ("temperature", "expected"),
    [
        (1.0, [0.575, 0.211, 0.128, 0.086]),
        (2.0, [0.406, 0.246, 0.192, 0.157]),
        (0.1, [0.99995, 0.00005, 0.0, 0.0]),
    ],
)
def test_r18_temperature_divides_the_logits(temperature: float, expected: list[float]) -> None:
    logits = np.array([2.0, 1.0, 0.5, 0.1], dtype=np.float32)
    heated = sampling.temperature(temperature)(sampling.ranked(logits))
    assert heated.probabilities == pytest.approx(expected, abs=6e-4 if temperature > 0.1 else 6e-6)


def test_r18_probabilities_are_over_the_whole_vocabulary_after_a_cut() -> None:
    cut = sampling.top_k(2)(distribution([0.4, 0.3, 0.2, 0.1]))
    assert cut.probabilities == pytest.approx([0.4, 0.3, 0.2, 0.1])
    assert cut.mass == pytest.approx(0.7)


def test_r18_temperature_zero_is_refused() -> None:
    with pytest.raises(ValueError, match="above 0"):
        sampling.temperature(0.0)
    with pytest.raises(ValueError, match="above 0"):
        sampling.temperature(float("nan"))


@pytest.mark.parametrize(
    ("probabilities", "p", "expected"),
    [
        ([0.4, 0.3, 0.2, 0.08, 0.02], 0.9, [0, 1, 2]),  # 0.4 + 0.3 + 0.2 < 0.9 in float64
        ([0.5, 0.3, 0.1, 0.1], 0.8, [0, 1]),
        ([0.25, 0.25, 0.25, 0.25], 0.5, [0, 1]),  # ties go to the lower id
        ([0.1, 0.6, 0.3], 0.7, [1, 2]),  # the token that crosses p stays
        ([0.6, 0.3, 0.1], 0.01, [0]),
        ([0.6, 0.3, 0.1], 1e-12, [0]),  # at least one, however small p is
        ([0.6, 0.4 - 1e-12, 1e-12], 1.0, [0, 1, 2]),  # p = 1 asks for everything
    ],
)
def test_r19_top_p_keeps_the_crossing_token(
    probabilities: list[float], p: float, expected: list[int]
) -> None:
    assert survivors(sampling.top_p(p)(distribution(probabilities))) == expected


def test_r19_the_nucleus_is_counted_over_the_whole_vocabulary() -> None:
    uniform = distribution([1 / 1000] * 1000)
    assert len(survivors(sampling.top_p(0.9)(uniform))) == 900


@pytest.mark.parametrize("p", [0.0, -1.0, 1.1, float("nan")])
def test_top_p_refuses_what_is_no_probability(p: float) -> None:
    with pytest.raises(ValueError, match="above 0 and at most 1"):
        sampling.top_p(p)


def test_r20_top_k_keeps_exactly_k_with_ties_by_lower_id() -> None:
    assert survivors(sampling.top_k(2)(distribution([0.4, 0.2, 0.2, 0.2]))) == [0, 1]
    assert survivors(sampling.top_k(2)(distribution([0.2, 0.2, 0.2, 0.4]))) == [3, 0]


def test_r20_top_k_beyond_the_vocabulary_keeps_everything() -> None:
    assert survivors(sampling.top_k(50)(distribution([0.5, 0.5]))) == [0, 1]
    with pytest.raises(ValueError, match="at least 1"):
        sampling.top_k(0)


def test_r21_top_p_sees_the_survivors_of_top_k_renormalised() -> None:
    given = distribution([0.4, 0.3, 0.2, 0.1])
    assert survivors(sampling.top_p(0.5)(sampling.top_k(2)(given))) == [0]  # 4/7 is enough
    assert survivors(sampling.top_p(0.5)(given)) == [0, 1]


def test_r21_a_lane_applies_temperature_then_top_k_then_top_p() -> None:
    from transformers import TemperatureLogitsWarper, TopKLogitsWarper, TopPLogitsWarper

    options = LaneOptions("All", sample=True, temperature=1.7, top_k=30, top_p=0.8)
    for seed in range(20):
        logits = np.random.default_rng(seed).normal(scale=3, size=(1, 200)).astype(np.float32)
        lane = lanes.build(options, seed=seed, end_of_text=0)
        lane.advance(logits, steps_left=1)
        scores = torch.from_numpy(logits).double()
        for warp in (TemperatureLogitsWarper(1.7), TopKLogitsWarper(30), TopPLogitsWarper(0.8)):
            scores = warp(None, scores)
        assert lane.state.steps[0].survivors == int(scores.isfinite().sum())


@given(weights, st.integers(1, 40), st.integers(1, 100))
def test_filters_agree_with_exact_arithmetic(values: list[int], k: int, percent: int) -> None:
    order = sorted(range(len(values)), key=lambda i: (-values[i], i))[:k]
    total = sum(values[i] for i in order)
    expected: list[int] = []
    before = Fraction(0)
    for i in order:
        if before < Fraction(percent, 100):
            expected.append(i)
        before += Fraction(values[i], total)
    given = distribution([value / sum(values) for value in values])
    assert survivors(sampling.top_p(percent / 100)(sampling.top_k(k)(given))) == expected


@pytest.mark.parametrize("seed", range(10))
def test_filters_agree_with_transformers_where_nothing_is_tied(seed: int) -> None:
    from transformers import TopKLogitsWarper, TopPLogitsWarper

    generator = np.random.default_rng(seed)
    logits = generator.normal(scale=2, size=300).astype(np.float32)
    assert len(set(logits)) == 300
    scores = torch.from_numpy(logits)[None].double()
    k, p = int(generator.integers(1, 300)), float(generator.uniform(0.01, 0.999))
    for ours, theirs in (
        (sampling.top_k(k), TopKLogitsWarper(k)),
        (sampling.top_p(p), TopPLogitsWarper(p)),
    ):
        expected = theirs(None, scores)[0].isfinite().nonzero()[:, 0].tolist()
        assert sorted(survivors(ours(sampling.ranked(logits)))) == expected


@given(st_numpy.arrays(np.float32, st.integers(1, 50), elements=finite))
def test_ranked_is_a_stable_argsort(logits: np.ndarray) -> None:
    ranking = sampling.ranked(logits)
    assert ranking.tokens.tolist() == np.argsort(-logits, kind="stable").tolist()
    assert ranking.logits.tolist() == logits[ranking.tokens].tolist()
    assert ranking.survivors == len(logits)


def test_ranked_breaks_ties_by_id_across_signed_zeros_and_negatives() -> None:
    logits = np.array([-0.0, 0.0, -1.0, -0.0, 3.0, -1.0, 3.0], dtype=np.float32)
    assert sampling.ranked(logits).tokens.tolist() == [4, 6, 0, 1, 3, 2, 5]


def test_forbidden_tokens_have_no_probability_and_are_never_kept() -> None:
    without = sampling.forbid(0)(distribution([0.5, 0.3, 0.2]))
    assert without.tokens.tolist() == [1, 2, 0]
    assert without.probabilities == pytest.approx([0.6, 0.4, 0])
    assert survivors(without) == [1, 2]
    assert sampling.most_probable(without) == 1


@given(st_numpy.arrays(np.float64, st.integers(1, 20), elements=st.floats(-1e4, 1e4)))
def test_log_softmax_is_finite_where_softmax_has_underflowed(logits: np.ndarray) -> None:
    logs = sampling.log_softmax(logits)
    assert np.isfinite(logs).all()
    assert np.exp(logs) == pytest.approx(sampling.softmax(logits))


def dice(generator: np.random.Generator) -> Callable[[sampling.Distribution], int]:
    return lambda given: sampling.drawn(given, generator.random())


def test_dice_follow_the_distribution() -> None:
    probabilities = np.array([0.4, 0.3, 0.2, 0.08, 0.02])
    roll = dice(np.random.default_rng(1))
    given, rolls = distribution(probabilities.tolist()), 20_000
    seen = np.bincount([roll(given) for _ in range(rolls)], minlength=5)
    expected = probabilities * rolls
    assert ((seen - expected) ** 2 / expected).sum() < 18.5  # chi-square, 4 degrees, 99.9 %


def test_dice_never_leave_the_survivors() -> None:
    cut = sampling.top_k(3)(distribution([0.4, 0.3, 0.2, 0.1]))
    roll = dice(np.random.default_rng(2))
    assert {roll(cut) for _ in range(300)} == {0, 1, 2}


class Fixed(np.random.Generator):
    """A generator that always rolls the same number."""

    def __init__(self, number: float) -> None:
        super().__init__(np.random.PCG64(0))
        self.number = number

    def random(self) -> float:  # type: ignore[override]
        return self.number


def test_dice_at_the_ends_of_the_unit_interval() -> None:
    given = sampling.forbid(0)(distribution([0.5, 0.3, 0.2]))
    assert dice(Fixed(0.0))(given) == 1
    assert dice(Fixed(np.nextafter(1.0, 0.0)))(given) == 2
    assert dice(Fixed(0.6 - 1e-9))(given) == 1
    assert dice(Fixed(0.6 + 1e-9))(given) == 2


def test_r25_one_roll_is_one_place_in_every_ranking() -> None:
    here, there = distribution([0.1, 0.2, 0.7]), distribution([0.7, 0.1, 0.2])
    for seed in range(50):
        first = dice(np.random.default_rng(seed))(here)
        second = dice(np.random.default_rng(seed))(there)
        assert here.tokens.tolist().index(first) == there.tokens.tolist().index(second)
