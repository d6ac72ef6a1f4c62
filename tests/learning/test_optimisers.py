"""Every weight has an optimiser, and rates run as their names say."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import torch

from learning.optimisers import constant, cosine, optimisers, rate_share
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


def stepped(name: str, decay: float, steps: int = 3) -> list[float]:
    """One weight of a model whose loss is half its square, under a named optimiser."""
    model = torch.nn.Linear(1, 1, bias=False)
    model.weight.data.fill_(2.0)
    (chosen,) = optimisers(name, model, rate=0.1, weight_decay=decay)
    found = []
    for _ in range(steps):
        chosen.zero_grad()
        model.weight.square().sum().mul(0.5).backward()
        chosen.step()
        found.append(float(model.weight.detach()))
    return found


def by_hand(name: str, decay: float, steps: int = 3) -> list[float]:
    """The same from the equations of the papers; the gradient of half a square is the weight."""
    weight, velocity, first, second, found = 2.0, 0.0, 0.0, 0.0, []
    for step in range(1, steps + 1):
        gradient = weight + (decay * weight if name != "adamw" else 0.0)
        if name in ("sgd", "momentum"):
            velocity = (0.9 if name == "momentum" else 0.0) * velocity + gradient
            weight -= 0.1 * velocity
        else:
            weight -= 0.1 * decay * weight if name == "adamw" else 0.0
            first, second = 0.9 * first + 0.1 * gradient, 0.95 * second + 0.05 * gradient**2
            mean, spread = first / (1 - 0.9**step), second / (1 - 0.95**step)
            weight -= 0.1 * mean / (spread**0.5 + 1e-8)
        found.append(weight)
    return found


@pytest.mark.parametrize("name", ["sgd", "momentum", "adam", "adamw"])
@pytest.mark.parametrize("decay", [0.0, 0.5])
def test_every_optimiser_takes_the_steps_of_its_equations(name: str, decay: float) -> None:
    assert stepped(name, decay) == pytest.approx(by_hand(name, decay), rel=1e-5)


def test_muon_is_for_inner_matrices_and_a_model_without_any_has_none() -> None:
    inner = torch.nn.Sequential(torch.nn.Embedding(4, 3), torch.nn.Linear(3, 3))
    muon, rest = optimisers("muon", inner, rate=0.1, weight_decay=0.0)
    assert [group["lr"] for o in (muon, rest) for group in o.param_groups] == [0.1, 0.01]
    assert len(optimisers("muon", torch.nn.LayerNorm(4), 0.1, 0.0)) == 1
    with pytest.raises(KeyError):
        optimisers("newton", inner, 0.1, 0.0)
