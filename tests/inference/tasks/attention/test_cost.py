"""Seconds of attention: of which work they are, in bounded slices, and once for everybody."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from inference.decoding.inside import cost
from inference.service import Service
from inference.tasks.attention.cost import AttentionCost, fastest
from inference.wire import dumps, known, loads
from models.transformer.model import Transformer, TransformerConfig

CHECKPOINTS = Path(__file__).parents[4] / "checkpoints"


def test_every_length_is_measured_a_repetition_a_slice(monkeypatch: pytest.MonkeyPatch) -> None:
    """By a clock that counts: every piece of work takes one second on it, and is repeated till
    there is enough."""
    clock = iter(range(1000))
    for name in ("perf_counter", "thread_time"):
        monkeypatch.setattr(cost.time, name, lambda: next(clock))
    monkeypatch.setattr(cost, "LENGTHS", (4, 8))
    model = Transformer(TransformerConfig(7, 64, 1, 2, 8, 8)).eval()
    seen: list[tuple[int, int]] = []
    forward = model.forward

    def spied(ids: torch.Tensor, cache: Any = None, trace: Any = None) -> torch.Tensor:
        seen.append((ids.shape[1], int(cache.lengths[0])))
        return forward(ids, cache, trace)

    monkeypatch.setattr(model, "forward", spied)
    steps, slices = cost.measure(model, model, "cpu"), 0
    while True:
        try:
            next(steps)
        except StopIteration as end:
            found = end.value
            break
        slices += 1
    assert found.read.tolist() == [16, 32, 58]
    for name in ("written_out", "fused", "again", "cached"):
        assert set(getattr(found, name)) == {1}
    assert slices == 2 * 2 + 3 * (1 + 2)
    for count in (16, 32, 58):
        assert (count + 1, 0) in seen  # all again
        assert [(1, count + i) in seen for i in range(6)] == [True] * 6  # with the cache


@pytest.mark.parametrize(
    ("context", "lengths"), [(64, [16, 32, 58]), (512, [16, 32, 64, 128, 256, 506])]
)
def test_lengths_double_up_to_the_context(context: int, lengths: list[int]) -> None:
    assert cost.lengths_of(context) == lengths


@pytest.mark.weights
def test_it_is_measured_once_for_everybody() -> None:
    service = Service(CHECKPOINTS, "cpu")
    first, second = (service.answer(AttentionCost(model="gpt")) for _ in range(2))
    assert (first.layers, first.heads, first.head_width, first.device) == (5, 4, 32, "cpu")
    assert first.again.tolist() == second.again.tolist()
    assert (first.written_out > 0).all() and (first.cached > 0).all()
    late = replace(first, again=first.again * [0.5, 2, 1, 1, 1], cached=first.cached * 3)
    both = fastest(late, first)
    assert both.again.tolist() == (first.again * [0.5, 1, 1, 1, 1]).tolist()
    assert both.cached.tolist() == first.cached.tolist()
    np.testing.assert_array_equal(loads(dumps(first), known()).fused, first.fused)
