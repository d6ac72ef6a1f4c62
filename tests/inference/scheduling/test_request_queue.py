"""The queue is bounded, fair, and says how long it is."""

from __future__ import annotations

import random
from typing import Any

import pytest

from inference.errors import Busy, Cancelled
from inference.scheduling.job import Job
from inference.scheduling.request_queue import RequestQueue
from inference.scheduling.throughput import Workload
from inference.types.waiting import Waiting


def place(owner: object = None, rows: int = 1, tokens: int = 10, ready: bool = True) -> Job[Any]:
    return Job(60.0, owner, cost=Workload(rows, tokens), ready=ready)


def entered(queue: RequestQueue, *places: Job[Any]) -> None:
    for one in places:
        queue.enter(one)


def test_f6_a_full_line_refuses_and_says_how_many_are_ahead_and_how_long() -> None:
    queue = RequestQueue(limit=2, capacity=1)
    first, second = place(tokens=100), place(tokens=100)
    entered(queue, first, second)
    assert queue.next(short=False) is first
    queue.throughput.measured(50, 1.0)
    with pytest.raises(Busy, match=r"2 are ahead of you.*Your input is kept.*in about 4 s") as told:
        queue.enter(place())
    assert told.value.seconds == pytest.approx(4.0)
    assert queue.jobs() == [first, second]  # nobody who was accepted has been dropped
    queue.leave(first)
    queue.enter(place())


def test_nobody_knows_the_time_before_anything_was_measured() -> None:
    queue = RequestQueue(limit=1, capacity=1)
    entered(queue, place())
    with pytest.raises(Busy, match=r"1 is ahead of you.*in a few seconds"):
        queue.enter(place())


def test_who_waits_is_told_the_place_and_about_how_long() -> None:
    queue = RequestQueue(limit=9, capacity=4)
    places = [place(rows=4, tokens=100) for _ in range(3)]
    entered(queue, *places)
    queue.next(short=False)
    queue.throughput.measured(400, 1.0)
    places[0].left = Workload(4, 50)
    assert queue.waiting(places[1]) == Waiting(1, pytest.approx(0.5))
    assert queue.waiting(places[2]) == Waiting(2, pytest.approx(1.5))
    assert queue.waiting(places[2]).sentence == "2 people are ahead of you; about 2 s."
    assert queue.waiting(places[0]) == Waiting()
    assert queue.waiting(places[0]).sentence == ""
    assert queue.waiting(places[0], "storyteller").sentence == "Loading the model storyteller."


def test_the_first_in_line_goes_first_even_where_a_smaller_one_would_fit() -> None:
    queue = RequestQueue(limit=9, capacity=8)
    running, large, small = place(rows=6), place(rows=8), place(rows=1)
    entered(queue, running, large, small)
    assert queue.next(short=False) is running
    assert queue.next(short=False) is None
    queue.leave(running)
    assert queue.next(short=False) is large
    queue.leave(large)
    assert queue.next(short=False) is small


def test_one_that_asks_for_more_than_there_is_runs_alone() -> None:
    queue = RequestQueue(limit=9, capacity=8)
    huge = place(rows=16)
    queue.enter(huge)
    assert queue.next(short=False) is huge


def test_short_jobs_pass_long_ones_and_jobs_whose_model_is_not_there_wait() -> None:
    queue = RequestQueue(limit=9, capacity=1)
    loading, long, short = place(ready=False), place(), place(rows=0, tokens=0)
    entered(queue, loading, long, short)
    assert queue.next(short=True) is short
    assert queue.next(short=False) is long
    queue.leave(long)
    assert queue.next(short=False) is None
    queue.ready(loading)
    assert queue.next(short=False) is loading


def test_f7_one_session_has_one_run_at_work_and_one_waiting_and_the_newest_stays() -> None:
    queue = RequestQueue(limit=9, capacity=99)
    ours = [place(owner="me") for _ in range(4)]
    queue.enter(ours[0])
    assert queue.next(short=False) is ours[0]
    queue.enter(ours[1])
    assert queue.next(short=False) is None  # one at work
    other = place(owner="you")
    entered(queue, other, ours[2], ours[3])
    assert queue.next(short=False) is other  # others go on
    for replaced in ours[1:3]:
        with pytest.raises(Cancelled, match="a newer run of yours took its place"):
            list(replaced.results())
    assert queue.jobs() == [ours[0], other, ours[3]]
    queue.leave(ours[0])
    assert queue.next(short=False) is ours[3]


def test_f7_a_flooder_makes_nobody_wait_longer_than_one_run() -> None:
    queue = RequestQueue(limit=64, capacity=1)
    for _ in range(200):
        queue.enter(place(owner="flooder"))
    students = [place(owner=i) for i in range(40)]
    entered(queue, *students)
    order = []
    while (one := queue.next(short=False)) is not None:
        order.append(one)
        if one.owner == "flooder":
            for _ in range(5):
                queue.enter(place(owner="flooder"))
        queue.leave(one)
        if len(order) == 60:
            break
    ahead = [sum(o.owner == "flooder" for o in order[: order.index(s)]) for s in students]
    assert max(ahead) == 1


def test_a_full_line_still_takes_a_newer_run_in_place_of_an_older() -> None:
    queue = RequestQueue(limit=2, capacity=1)
    entered(queue, place(owner="me"), place(owner="you"))
    queue.enter(place(owner="me"))
    with pytest.raises(Busy):
        queue.enter(place(owner="third"))


def test_f1_leaving_a_block_leaves_the_line_unless_the_worker_has_it() -> None:
    queue = RequestQueue(limit=9, capacity=9)
    waits, runs = place(), place()
    with queue.admitted(waits):
        assert len(queue) == 1
    assert len(queue) == 0
    with queue.admitted(runs):
        queue.next(short=False)
    assert runs.cancelled
    assert queue.jobs() == [runs]
    queue.leave(runs)
    queue.leave(runs)


def test_a_closed_line_admits_nobody() -> None:
    queue = RequestQueue(limit=9, capacity=9)
    queue.close()
    with pytest.raises(Busy):
        queue.enter(place())


def test_the_announced_wait_is_the_real_one_for_nine_of_ten() -> None:
    """A worker in simulated time, with rounds of uneven length and people who come at random."""
    dice, queue, now = random.Random(20), RequestQueue(limit=64, capacity=64), 0.0
    announced: list[tuple[Job[Any], float, float]] = []
    errors: list[bool] = []
    arrivals = sorted(dice.uniform(0, 30) for _ in range(200))
    while arrivals or len(queue):
        while arrivals and arrivals[0] <= now:
            came = place(rows=8, tokens=dice.randint(8, 128))
            arrivals.pop(0)
            try:
                queue.enter(came)
            except Busy:
                continue
            seconds = queue.waiting(came).seconds
            if seconds is not None:
                announced.append((came, now, seconds))
        while queue.next(short=False) is not None:
            pass
        running = [p for p in queue.jobs() if p.running]
        for p, at, seconds in list(announced):
            if p.running:
                announced.remove((p, at, seconds))
                errors.append(abs(now - at - seconds) <= max(2.0, 0.3 * (now - at)))
        if not running:
            now = arrivals[0] if arrivals else now
            continue
        rows = sum(p.left.rows for p in running)
        took = rows / 900 * dice.uniform(0.6, 1.4)
        now += took
        queue.throughput.measured(rows, took)
        for p in running:
            p.left = Workload(p.left.rows, p.left.tokens - 1)
            if not p.left.tokens:
                queue.leave(p)
    assert len(errors) > 50
    assert sum(errors) >= 0.9 * len(errors)
