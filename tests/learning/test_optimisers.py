"""Every weight has an optimiser, and rates run as their names say."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from learning.optimisers import constant, cosine, rate_share
from learning.trainer import Trainer


def test_every_weight_has_exactly_one_optimiser(new_trainer: Callable[..., Trainer]) -> None:
    trainer = new_trainer()
    muon, adam = trainer.optimisers
    given = [id(p) for o in (muon, adam) for group in o.param_groups for p in group["params"]]
    assert sorted(given) == sorted(id(p) for p in trainer.model.parameters())
    embedding = trainer.model.embedding.weight
    assert id(embedding) in {id(p) for p in adam.param_groups[0]["params"]}


def test_the_learning_rate_rises_then_falls_in_straight_lines() -> None:
    rates = [rate_share(step, steps=100, warm_up=10) for step in range(101)]
    assert rates[:10] == pytest.approx([(i + 1) / 10 for i in range(10)])
    assert rates[10] == 1.0
    assert rates[55] == pytest.approx((1 + 0.05) / 2)
    assert rates[100] == pytest.approx(0.05)


def test_cosine_falls_slowly_fast_slowly_and_constant_not_at_all() -> None:
    falling = [rate_share(step, 110, 10, cosine) for step in (10, 35, 60, 85, 110)]
    assert falling == pytest.approx([1.0, 0.861, 0.525, 0.189, 0.05], abs=1e-3)
    assert {rate_share(step, 110, 10, constant) for step in range(10, 110)} == {1.0}
    assert rate_share(4, 110, 10, constant) == 0.5
