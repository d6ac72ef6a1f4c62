"""Following a search as a task: bounds, wire, slices."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from inference import wire
from inference.errors import OrreryError
from inference.service import Service
from inference.tasks.beam_trail import BeamTrail, FollowBeams


@pytest.fixture(scope="module")
def service(tiny_ladder: Path) -> Service:
    return Service(tiny_ladder, "cpu")


def follow(service: Service, *args: Any) -> BeamTrail:
    found = service.answer(FollowBeams(*args))
    assert isinstance(found, BeamTrail)
    return found


def test_kept_candidates_are_the_parents_of_the_next_step(service: Service) -> None:
    found = follow(service, "The miller", "gpt", 3, 6)
    assert len(found.searched.steps) == 6
    beams: list[tuple[tuple[int, ...], float]] = [((), 0.0)]
    for step in found.searched.steps:
        assert [one.log_probability for one in step] == sorted(
            (one.log_probability for one in step), reverse=True
        )
        assert all(one.log_probability <= beams[one.parent][1] for one in step)
        beams = [
            ((*beams[one.parent][0], one.token), one.log_probability)
            for one in step
            if one.fate == "kept"
        ]
        assert 0 < len(beams) <= 3
    if found.searched.outcome.ids[-1] not in found.task.ends:
        assert found.searched.outcome.ids == beams[0][0]
    assert found.searched.transitions is None


def test_task_and_trail_travel_as_bytes(service: Service) -> None:
    task = FollowBeams("The miller", "gpt", 3, 6, 0.5, True)
    assert wire.loads(wire.dumps(task), wire.known()) == task
    found = follow(service, "The miller", "gpt", 2, 3).searched
    again = wire.loads(wire.dumps(found), wire.known())
    assert again.steps == found.steps
    assert again.outcome.ids == found.outcome.ids


def test_every_step_is_a_slice_of_its_own(service: Service) -> None:
    placed = service._backend.registry.member("gpt").get()  # type: ignore[attr-defined]
    task = FollowBeams("The miller", "gpt", 4, 5).prepare(service.preprocessor("gpt", "write"))
    assert len(list(task.program(placed))) == 10  # five of the search, five of greedy decoding


def test_beyond_the_context_it_searches_as_far_as_there_is_room(service: Service) -> None:
    room = service.preprocessor("gpt", "write").bounds
    long = ("The miller had three goats. " * 40)[: room.context - 4]
    if len(long) > room.prompt:
        pytest.skip("this context is longer than a prompt may be")
    found = follow(service, long, "gpt", 2, 20)
    assert len(found.searched.steps) < 20
    assert "so far it searches" in found.tokens.note


@pytest.mark.parametrize(
    "wrong",
    [
        {"beams": 0},
        {"beams": 9},
        {"beams": 2.5},
        {"new_tokens": 0},
        {"new_tokens": 25},
        {"alpha": float("nan")},
        {"alpha": 3.0},
        {"early_stopping": "soon"},
        {"early_stopping": None},
    ],
)
def test_what_is_out_of_range_is_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(OrreryError):
        FollowBeams("The miller", **wrong)
