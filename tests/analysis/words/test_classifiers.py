"""The linear classifier against scikit-learn's, the averaging one against torch's gradients."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from sklearn.linear_model import LogisticRegression

from analysis.words.classifiers import (
    DECAY,
    Averaging,
    fit_averaging,
    fit_linear,
    gradient,
    softmax,
)


@pytest.mark.parametrize("classes", [2, 3])
def test_weights_are_those_of_scikit_learn(classes: int) -> None:
    random = np.random.default_rng(classes)
    features = random.poisson(0.4, size=(20, 30)).astype(float)
    labels = np.arange(20) % classes
    ours = fit_linear(features, labels, classes)
    strength = 2.0 if classes == 2 else 1.0  # of two classes it penalises the difference alone
    theirs = LogisticRegression(C=strength, tol=1e-10, max_iter=5000).fit(features, labels)
    if classes == 2:
        assert ours.weights[1] - ours.weights[0] == pytest.approx(theirs.coef_[0], abs=1e-4)
    else:
        centred = theirs.coef_ - theirs.coef_.mean(axis=0)
        assert ours.weights == pytest.approx(centred, abs=1e-4)
    expected = theirs.predict_proba(features)
    assert ours.probabilities(features) == pytest.approx(expected, abs=1e-4)
    assert ours.weights.sum(axis=0) == pytest.approx(0, abs=1e-9)


def test_gradients_are_those_of_torch() -> None:
    random = np.random.default_rng(3)
    means, labels = random.normal(size=(7, 5)), np.array([0, 1, 2, 0, 1, 2, 0])
    sizes = ((4, 5), (4,), (3, 4), (3,))
    network = Averaging(*(random.normal(size=size) for size in sizes))
    parts = [torch.tensor(getattr(network, name), requires_grad=True)
             for name in ("first", "first_bias", "second", "second_bias")]  # fmt: skip
    hidden = torch.tanh(torch.tensor(means) @ parts[0].T + parts[1])
    scores = hidden @ parts[2].T + parts[3]
    loss = torch.nn.functional.cross_entropy(scores, torch.tensor(labels))
    loss = loss + DECAY / 2 * ((parts[0] ** 2).sum() + (parts[2] ** 2).sum())
    loss.backward()  # type: ignore[no-untyped-call]
    for ours, theirs in zip(gradient(network, means, labels), parts, strict=True):
        assert theirs.grad is not None
        assert ours == pytest.approx(theirs.grad.numpy(), abs=1e-9)
    assert network.probabilities(means) == pytest.approx(torch.softmax(scores, 1).detach().numpy())


def test_it_learns_what_can_be_learned_and_the_same_each_time() -> None:
    random = np.random.default_rng(5)
    means = np.r_[random.normal(1, 1, (20, 6)), random.normal(-1, 1, (20, 6))]
    labels = np.repeat([0, 1], 20)
    network = fit_averaging(means, labels, 2)
    assert (network.probabilities(means).argmax(axis=1) == labels).all()
    assert (fit_averaging(means, labels, 2).first == network.first).all()


def test_a_softmax_of_large_scores_is_finite() -> None:
    assert softmax(np.array([[1000.0, 1000.0]])) == pytest.approx(np.array([[0.5, 0.5]]))
