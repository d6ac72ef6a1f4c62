"""The worker is fair, bounded, cancellable, and outlives every job."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator

import pytest

from inference.errors import Busy, EmptyText, InternalError, TimedOut
from inference.worker import Worker

PATIENCE = 20.0  # seconds; no test waits so long unless something is broken


def wait_until(true: Callable[[], bool]) -> None:
    ends = time.monotonic() + PATIENCE
    while not true():
        assert time.monotonic() < ends, "waited too long"
        time.sleep(0.002)


class Gated:
    """Work that does one step whenever the test opens the gate, and counts its steps."""

    def __init__(self, steps: int = 100) -> None:
        self.gate = threading.Semaphore(0)
        self.done = 0
        self.steps = steps
        self.closed = False

    def __call__(self) -> Iterator[int]:
        try:
            for _ in range(self.steps):
                assert self.gate.acquire(timeout=PATIENCE)
                self.done += 1
                yield self.done
        finally:
            self.closed = True


def count_to(number: int) -> Callable[[], Iterator[int]]:
    return lambda: iter(range(1, number + 1))


def test_a_short_job_submitted_after_a_long_one_finishes_first() -> None:
    worker, steps = Worker(limit=4), []

    def long() -> Iterator[int]:
        for i in range(200):
            time.sleep(0.001)
            steps.append(i)
            yield i

    job = worker.submit(long, PATIENCE)
    assert list(worker.submit(count_to(3), PATIENCE).results())[-1] == 3
    assert len(steps) < 200
    job.cancel()


def test_jobs_take_turns_one_step_each() -> None:
    worker, order = Worker(limit=4), []
    opener = Gated(steps=1)
    worker.submit(opener, PATIENCE)  # holds the worker until both others have been submitted

    def named(name: str) -> Iterator[str]:
        for _ in range(3):
            order.append(name)
            yield name

    jobs = [worker.submit(lambda name=name: named(name), PATIENCE) for name in "ab"]
    opener.gate.release()
    for job in jobs:
        list(job.results())
    assert "".join(order) == "ababab"


def test_cancelling_stops_within_one_step() -> None:
    worker, work = Worker(limit=4), Gated()
    job = worker.submit(work, PATIENCE)
    results = job.results()
    work.gate.release()
    assert next(results) == 1
    job.cancel()
    work.gate.release(50)
    assert list(results) in ([], [2])
    wait_until(lambda: worker.waiting == 0)
    assert work.done <= 2  # the step that was under way may have ended, no other began
    assert work.closed
    job.cancel()  # harmless


def test_leaving_the_results_cancels() -> None:
    worker, work = Worker(limit=4), Gated()
    work.gate.release()
    for _ in worker.submit(work, PATIENCE).results():
        break
    work.gate.release(50)
    wait_until(lambda: worker.waiting == 0)
    assert work.done <= 2


def test_beyond_the_limit_new_jobs_are_refused_and_accepted_ones_answered() -> None:
    worker, works = Worker(limit=2), [Gated(steps=1), Gated(steps=1)]
    jobs = [worker.submit(work, PATIENCE) for work in works]
    with pytest.raises(Busy, match="2 are ahead"):
        worker.submit(count_to(1), PATIENCE)
    assert worker.waiting == 2
    for work in works:
        work.gate.release()
    assert [list(job.results()) for job in jobs] == [[1], [1]]
    wait_until(lambda: worker.waiting == 0)
    assert worker.call(lambda: "room again", PATIENCE) == "room again"


def test_a_job_past_its_deadline_times_out() -> None:
    worker = Worker(limit=4)

    def endless() -> Iterator[int]:
        while True:
            time.sleep(0.002)
            yield 1

    results = worker.submit(endless, seconds=0.05).results()
    with pytest.raises(TimedOut, match=r"Stopped after 0\.05 s"):
        for result in results:
            assert result == 1
    wait_until(lambda: worker.waiting == 0)


def test_an_unexpected_exception_has_a_reference_and_the_worker_survives(
    caplog: pytest.LogCaptureFixture,
) -> None:
    worker = Worker(limit=4)

    def fails() -> Iterator[int]:
        yield 1
        raise ZeroDivisionError("a secret of the house")

    with pytest.raises(InternalError) as caught:
        list(worker.submit(fails, PATIENCE).results())
    assert "secret" not in str(caught.value)
    (logged,) = caplog.records
    assert logged.getMessage().rsplit(" ", 1)[1] in str(caught.value)
    assert logged.exc_info is not None
    assert worker.call(lambda: 5, PATIENCE) == 5


def test_an_error_meant_for_the_person_arrives_as_it_is() -> None:
    def refuses() -> None:
        raise EmptyText("prompt")

    with pytest.raises(EmptyText, match="The prompt is empty"):
        Worker(limit=4).call(refuses, PATIENCE)


def test_a_slow_reader_sees_only_the_newest() -> None:
    worker = Worker(limit=4)
    job = worker.submit(count_to(1000), PATIENCE)
    wait_until(lambda: worker.waiting == 0)
    assert list(job.results()) == [1000]


def test_a_pause_thins_results_but_never_drops_the_last() -> None:
    def steady() -> Iterator[int]:
        for i in range(40):
            time.sleep(0.002)
            yield i

    seen = list(Worker(limit=4).submit(steady, PATIENCE).results(pause=0.03))
    assert seen[-1] == 39
    assert seen == sorted(seen)
    assert len(seen) < 20


def test_a_job_without_results_just_ends() -> None:
    assert list(Worker(limit=4).submit(count_to(0), PATIENCE).results()) == []
