"""What counts as a broken promise, and that a small class breaks none."""

from __future__ import annotations

import asyncio
import math
import random

import pytest

from benchmarks import lecture, server
from benchmarks.visitor import BUSY, REPLACED, Ending, Outcome, worst
from inference.errors import Busy, Cancelled
from inference.scheduling.job import Job
from inference.scheduling.request_queue import RequestQueue

COUNTS = {"received": 9, "admitted": 7, "refused": 2, "done": 6, "cancelled": 1, "running": 0}


@pytest.mark.parametrize(
    ("outcome", "broken"),
    [
        (Outcome("generate", "answered", 50.0), False),
        (Outcome("generate", "left", 1.0), False),
        (Outcome("generate", "busy", 1.9), False),
        (Outcome("generate", "busy", 2.1), True),
        (Outcome("generate", "refused", 0.1), True),
        (Outcome("generate", "lost", 0.1), True),
    ],
)
def test_lost_late_or_refused_without_reason_is_broken(outcome: Outcome, broken: bool) -> None:
    assert worst([outcome]) == [outcome] * broken


def test_counters_must_add_up_and_nothing_may_be_under_way() -> None:
    assert lecture.unbalanced({"requests": COUNTS}) == []
    assert lecture.unbalanced({"requests": {**COUNTS, "received": 10}})
    assert lecture.unbalanced({"requests": {**COUNTS, "admitted": 8}})
    assert lecture.unbalanced({"requests": {**COUNTS, "received": 10, "running": 1}})


def test_the_service_speaks_in_the_words_that_are_counted() -> None:
    assert str(Busy(3)).startswith(BUSY)
    queue = RequestQueue(limit=9, capacity=9)
    older = Job[object](60.0, owner="me")
    queue.enter(older)
    queue.enter(Job[object](60.0, owner="me"))
    with pytest.raises(Cancelled, match=REPLACED):
        list(older.results())


def test_shares_are_values_that_occurred() -> None:
    times = [float(n) for n in range(1, 101)]
    assert (lecture.share(times, 0.5), lecture.share(times, 0.95)) == (51.0, 96.0)
    assert math.isnan(lecture.share([], 0.5))


class Refused:
    """A visitor who is told so many times that the room is busy, each time after so long."""

    def __init__(self, times: int, seconds: float = 0.1) -> None:
        self.left, self.seconds = times, seconds
        self.presses = 0

    async def press(self, *kinds: object, leave_early: bool) -> list[Outcome]:
        self.presses += 1
        self.left -= 1
        ending: Ending = "answered" if self.left < 0 else "busy"
        return [Outcome("run", ending, self.seconds, self.seconds)]


@pytest.mark.parametrize(
    ("visitor", "presses", "ending"),
    [
        (Refused(0), 1, "answered"),
        (Refused(2), 3, "answered"),
        (Refused(9), 6, "busy"),  # the page gives up after five more
        (Refused(9, 2.1), 1, "busy"),  # told too late: that is to be seen
    ],
)
def test_who_is_told_to_be_busy_presses_again_as_the_page_does(
    monkeypatch: pytest.MonkeyPatch, visitor: Refused, presses: int, ending: str
) -> None:
    monkeypatch.setattr(lecture, "PAUSE", (0.01, 0.01))
    (last,) = asyncio.run(lecture.insist(visitor, (), False, random.Random(1)))  # type: ignore[arg-type]
    assert (visitor.presses, last.ending) == (presses, ending)
    if ending == "answered":  # with the pauses between, which the person has waited too
        assert last.seconds >= 0.1 + 0.01 * (presses - 1)


@pytest.mark.thorough
@pytest.mark.process
def test_a_small_class_is_all_answered(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lecture, "ARRIVING", 0.5)
    monkeypatch.setattr(lecture, "LOOKING", 0.0)
    monkeypatch.setattr(lecture, "TOGETHER", 0.5)
    with server.running() as app:
        notes, health = asyncio.run(lecture.lecture(app.address, people=6, seed=3))
    assert worst(notes.outcomes) == []
    assert lecture.unbalanced(health) == []
    endings = [one.ending for one in notes.outcomes if one.kind == "generation_lanes"]
    # person 0 leaves, person 5 presses twice: the newer run takes the place of one that waits
    assert sorted(endings) in (
        ["answered"] * 6 + ["left"],
        ["answered"] * 5 + ["left", "replaced"],
    )
    assert len(notes.outcomes) == 6 * (1 + 3) + 7  # a page opens with one event
