"""Softmax, loss, gradient and step against torch's autograd and finite differences."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch

from analysis.loss import learn, predict

SCORES = np.array([2.0, 1.0, 0.5, 0.1])


def test_r18_softmax_is_what_it_is_and_not_what_slides_print() -> None:
    assert predict(SCORES, 0).chances == pytest.approx([0.575, 0.211, 0.128, 0.086], abs=5e-4)


@pytest.mark.parametrize("seed", range(5))
def test_loss_and_gradient_are_those_of_autograd(seed: int) -> None:
    generator = np.random.default_rng(seed)
    scores, right = generator.normal(0, 4, 7), int(generator.integers(7))
    found = learn(scores, right, 0.7)
    z = torch.tensor(scores, requires_grad=True)
    loss = torch.nn.functional.cross_entropy(z[None], torch.tensor([right]))
    loss.backward()
    assert z.grad is not None
    assert found.before.nats == pytest.approx(loss.item(), rel=1e-12)
    assert found.gradient == pytest.approx(z.grad.numpy(), abs=1e-12)
    assert found.gradient.sum() == pytest.approx(0, abs=1e-12)
    moved = scores - 0.7 * z.grad.numpy()
    assert found.after.scores == pytest.approx(moved)
    assert found.after.chances == pytest.approx(torch.tensor(moved).softmax(0).numpy())


def test_the_gradient_is_the_slope_of_the_loss() -> None:
    for i in range(4):
        step = np.eye(4)[i] * 1e-6
        up, down = predict(SCORES + step, 1).nats, predict(SCORES - step, 1).nats
        assert learn(SCORES, 1, 1.0).gradient[i] == pytest.approx((up - down) / 2e-6, abs=1e-8)


def test_bits_and_perplexity_are_other_words_for_the_loss() -> None:
    even = predict(np.zeros(8), 3)
    assert even.bits == pytest.approx(3) and even.perplexity == pytest.approx(8)
    assert predict(SCORES, 1).perplexity == pytest.approx(1 / predict(SCORES, 1).chances[1])


def test_the_largest_scores_give_finite_numbers() -> None:
    found = learn(np.array([100.0, -100.0]), 1, 10.0)
    assert found.before.nats == pytest.approx(200) and math.isfinite(found.before.perplexity)
    assert found.after.nats == pytest.approx(180)


def test_a_step_never_makes_the_right_answer_less_probable() -> None:
    generator = np.random.default_rng(3)
    for rate in (0.1, 1.0, 10.0):
        for _ in range(50):
            found = learn(generator.normal(0, 3, 5), 2, rate)
            assert found.after.nats < found.before.nats
