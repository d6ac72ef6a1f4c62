"""The mailbox between a reader and the worker: newest state wins, deadlines, cancelling."""

from __future__ import annotations

import gc
import threading
import time
import weakref

import pytest

from inference.errors import EmptyText, TimedOut
from inference.scheduling.job import GRACE, Job


class Clock:
    """Seconds that a test turns by hand."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


class Big:
    """Something whose end can be watched."""


def test_f4_a_slow_reader_sees_only_the_newest() -> None:
    job: Job[int] = Job(60)
    for i in range(1000):
        job.publish(i)
    job.end()
    assert list(job.results()) == [999]


def test_f3_nothing_is_kept_of_what_nobody_reads_or_has_read() -> None:
    job: Job[Big] = Job(60)
    unread, read = Big(), Big()
    gone = [weakref.ref(unread), weakref.ref(read)]
    job.publish(unread)
    job.publish(read)
    del unread
    results = job.results()
    assert next(results) is read
    del read
    job.end()
    assert list(results) == []
    gc.collect()
    assert [reference() for reference in gone] == [None, None]


def test_an_error_arrives_after_the_last_result() -> None:
    job: Job[int] = Job(60)
    job.publish(1)
    job.end(EmptyText())
    results = job.results()
    assert next(results) == 1
    with pytest.raises(EmptyText):
        next(results)


def test_only_the_first_end_counts() -> None:
    job: Job[int] = Job(60)
    job.end()
    job.end(EmptyText())
    job.publish(3)
    assert list(job.results()) == []


def test_a_heartbeat_lets_the_reader_look_up_before_the_first_result() -> None:
    job: Job[int] = Job(60)
    results = job.results(heartbeat=0.01)
    assert [next(results) for _ in range(3)] == [None] * 3
    assert not job.cancelled
    results.close()
    assert job.cancelled


def test_a_pause_thins_results_but_never_drops_the_last() -> None:
    job: Job[int] = Job(60)

    def write() -> None:
        for i in range(40):
            time.sleep(0.002)
            job.publish(i)
        job.end()

    writer = threading.Thread(target=write)
    writer.start()
    seen = list(job.results(pause=0.03))
    writer.join()
    assert seen[-1] == 39
    assert seen == sorted(seen)
    assert len(seen) < 20


def test_the_more_readers_there_are_the_fewer_results_each_gets() -> None:
    job: Job[int] = Job(60)
    readers = 1
    results = job.results(pause=0.0, heartbeat=0.01, share=lambda: 0.02 * readers)
    job.publish(1)
    assert next(results) == 1
    began = time.monotonic()
    readers = 5
    assert next(results) is None  # a pause, then a heartbeat of twice that
    assert time.monotonic() - began >= 0.3


def test_f5_the_deadline_is_on_a_clock_that_never_jumps() -> None:
    clock = Clock()
    job: Job[int] = Job(20, clock=clock)
    job.publish(5)
    clock.now = 20.0
    assert not job.stop_if_over()
    clock.now = 20.001
    assert job.stop_if_over()
    results = job.results()
    assert next(results) == 5  # what was written stays
    with pytest.raises(TimedOut, match=r"Stopped after 20 s\. What was written so far stays\."):
        next(results)


def test_a_reader_whose_worker_does_not_answer_leaves_shortly_after_the_deadline() -> None:
    clock = Clock()
    job: Job[int] = Job(20, clock=clock)
    results = job.results(heartbeat=0.01)
    clock.now = 20 + GRACE
    assert next(results) is None
    clock.now += 0.001
    with pytest.raises(TimedOut):
        next(results)


def test_a_cancelled_job_ends_without_an_error() -> None:
    job: Job[int] = Job(60)
    job.cancel()
    assert job.stop_if_over()
    assert job.ended
    assert list(job.results()) == []
