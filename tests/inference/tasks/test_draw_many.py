"""Many draws as a task: bounds, wire, slices, and whoever else wants to draw."""

from __future__ import annotations

from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from inference import wire
from inference.errors import OrreryError
from inference.service import Service
from inference.tasks.draw_many import AT_ONCE, DrawMany, Draws
from inference.types.options import LaneOptions


@pytest.fixture(scope="module")
def service(tiny_ladder: Path) -> Service:
    return Service(tiny_ladder, "cpu")


def prepared(service: Service, texts: int = 250, steps: int = 3) -> tuple[DrawMany, Any]:
    task = DrawMany("The miller", "gpt", texts=texts, new_tokens=steps)
    placed = service._backend.registry.member("gpt").get()  # type: ignore[attr-defined]
    return task.prepare(service.preprocessor("gpt", "write")), placed


def test_draws_come_in_batches_of_bounded_slices(service: Service) -> None:
    task, placed = prepared(service)
    news = list(task.program(placed))
    assert len(news) == 1 + 2 + 1 + 2  # the prompt; two steps more of 200 texts, and of 50
    (first,) = [one for one in news if one is not None]
    assert first.tokens.shape == (200, 3)
    found = service.answer(task).draws
    assert found.tokens.shape == (250, 3)
    assert np.array_equal(found.tokens[:200], first.tokens)


def test_who_comes_third_waits_and_who_leaves_makes_room(service: Service) -> None:
    task, placed = prepared(service)
    running = [task.program(placed) for _ in range(AT_ONCE)]
    for one in running:
        next(one)
    third = task.program(placed)
    assert list(islice(third, 20)) == [None] * 20  # more slices than it has
    running[0].close()
    assert [one for one in third if one is not None]
    running[1].close()
    assert placed.derived["drawing"] == 0


def test_task_and_draws_travel_as_bytes(service: Service) -> None:
    task = DrawMany("The miller", "gpt", LaneOptions("a", sample=True, top_k=3), 9, 4, 2)
    assert wire.loads(wire.dumps(task), wire.known()) == task
    found = service.answer(task).draws
    again = wire.loads(wire.dumps(found), wire.known())
    assert isinstance(again, Draws)
    assert np.array_equal(again.tokens, found.tokens)
    assert again.lengths.tolist() == found.lengths.tolist()


@pytest.mark.parametrize(
    "wrong",
    [
        {"texts": 0},
        {"texts": 1_001},
        {"texts": None},
        {"new_tokens": 25},
        {"seed": -1},
        {"seed": 2**32 - 1},
        {"options": LaneOptions("a", beams=3)},
        {"options": LaneOptions("a", sample=True, repetition_penalty=1.2)},
    ],
)
def test_what_cannot_be_drawn_is_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(OrreryError):
        DrawMany("The miller", **wrong)
