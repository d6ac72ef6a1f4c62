"""The worker's thread: turns, short jobs, and what happens when it dies or hangs."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from typing import Any

import pytest

from inference.errors import InternalError, Restarted, TimedOut
from inference.scheduling.job import Job
from inference.scheduling.request_queue import RequestQueue
from inference.scheduling.throughput import Workload
from inference.scheduling.watchdog import LEFT_BEHIND, Watch
from inference.scheduling.worker import Worker
from inference.types.waiting import Waiting

PATIENCE = 20.0  # seconds; no test waits so long unless something is broken
BEAT = 0.02


def wait_until(true: Callable[[], object]) -> None:
    ends = time.monotonic() + PATIENCE
    while not true():
        assert time.monotonic() < ends, "waited too long"
        time.sleep(0.002)


class Clock:
    """Real seconds, and those that a test adds."""

    def __init__(self) -> None:
        self.added = 0.0

    def __call__(self) -> float:
        return time.monotonic() + self.added


class Counting:
    """A runner that counts every long job to its number of tokens, one by one in turn."""

    def __init__(
        self, queue: RequestQueue, before_step: Callable[[Job[Any]], None] = lambda place: None
    ) -> None:
        self.current: Sequence[Job[Any]] = ()
        self.steps: list[Job[Any]] = []
        self._queue = queue
        self._before_step = before_step
        self._at_work: dict[Job[Any], int] = {}

    def start(self, place: Job[Any]) -> None:
        if not place.short:
            self._at_work[place] = 0
            return
        self.current = (place,)
        self._before_step(place)
        self._finish(place, "short")
        self.current = ()

    def slice(self) -> bool:
        return False

    def step(self) -> int | None:
        for place in [p for p in self._at_work if p.stop_if_over()]:
            del self._at_work[place]
            self._queue.leave(place)
        if not self._at_work:
            return None
        place = next(iter(self._at_work))
        count = self._at_work.pop(place) + 1
        self.current = (place,)
        self._before_step(place)
        self.current = ()
        self.steps.append(place)
        place.publish(count)
        if count < place.cost.tokens:
            self._at_work[place] = count
        else:
            self._finish(place, count)
        return 1

    def _finish(self, place: Job[Any], result: object) -> None:
        place.publish(result)
        place.end()
        self._queue.leave(place)


class Setting:
    """A line, a worker and its runners, with everything a test may turn."""

    def __init__(self, before_step: Callable[[Job[Any]], None] = lambda place: None) -> None:
        self.clock = Clock()
        self.queue = RequestQueue(limit=64, capacity=64)
        self.runners: list[Counting] = []
        self.hangs = 0
        self.before_step = before_step
        self.worker = Worker(self.queue, self.make, 10.0, self.on_hang, self.clock)

    def make(self, watch: Watch) -> Counting:
        self.runners.append(Counting(self.queue, lambda place: self.before_step(place)))
        return self.runners[-1]

    def on_hang(self) -> None:
        self.hangs += 1

    def admit(self, tokens: int = 5, short: bool = False, seconds: float = PATIENCE) -> Job[Any]:
        load = Workload(0, 0) if short else Workload(1, tokens)
        place = Job(seconds, clock=self.clock, cost=load)
        self.queue.enter(place)
        return place

    def follow(self, place: Job[Any]) -> Iterator[Any]:
        return self.worker.follow(place, 0.0, BEAT)

    def results(self, place: Job[Any]) -> list[Any]:
        return [news for news in self.follow(place) if not isinstance(news, Waiting)]


def test_a_job_is_counted_to_its_end() -> None:
    setting = Setting()
    assert setting.results(setting.admit(tokens=5))[-1] == 5
    assert len(setting.queue) == 0


def test_long_jobs_take_turns_and_a_short_one_waits_for_no_more_than_a_step() -> None:
    gate = threading.Semaphore(0)
    setting = Setting(lambda place: gate.acquire(timeout=PATIENCE) or None)
    a, b = setting.admit(tokens=3), setting.admit(tokens=3)
    setting.worker.look_after()
    gate.release()
    wait_until(lambda: setting.runners and len(setting.runners[0].steps) == 1)
    short = setting.admit(short=True)
    gate.release(2)  # the step under way, and then the short one
    assert setting.results(short) == ["short"]
    assert len(setting.runners[0].steps) <= 2
    gate.release(10)
    assert setting.results(a)[-1] == setting.results(b)[-1] == 3
    assert setting.runners[0].steps == [a, b, a, b, a, b]


def test_f2_leaving_stops_within_one_step() -> None:
    gate = threading.Semaphore(0)
    setting = Setting(lambda place: gate.acquire(timeout=PATIENCE) or None)
    with closing(setting.follow(setting.admit(tokens=1000))) as stream:
        gate.release()
        assert next(news for news in stream if not isinstance(news, Waiting)) == 1
    gate.release(50)
    wait_until(lambda: len(setting.queue) == 0)
    assert len(setting.runners[0].steps) <= 2  # the one that was under way, and no other


def test_f1_leaving_before_the_first_result_needs_no_result() -> None:
    """The generator must come back between results: nobody can close it while it waits."""
    setting = Setting(lambda place: time.sleep(0.2))
    first = setting.admit(tokens=1000)
    stream = setting.follow(first)
    assert isinstance(next(stream), Waiting)
    assert isinstance(next(stream), Waiting)
    began = time.monotonic()
    stream.close()
    assert time.monotonic() - began < 0.1
    wait_until(lambda: len(setting.queue) == 0)
    assert len(setting.runners[0].steps) <= 1


def test_who_waits_is_told_how_it_stands() -> None:
    setting = Setting(lambda place: time.sleep(0.05))
    setting.queue = RequestQueue(limit=9, capacity=1)
    setting.worker.queue = setting.queue
    long, waiting = setting.admit(tokens=1000), setting.admit(tokens=1)
    stream = setting.follow(waiting)
    told = [next(stream) for _ in range(8)]
    assert {news.ahead for news in told} == {1}
    assert told[-1].seconds > 1
    long.cancel()
    assert list(stream)[-1] == 1


def test_f5_overrun_of_a_deadline_is_at_most_one_step() -> None:
    setting = Setting()
    late: list[int] = []

    def tick(place: Job[Any]) -> None:
        setting.clock.added += 1.0
        late.append(place.late)

    setting.before_step = tick
    with pytest.raises(TimedOut):
        setting.results(setting.admit(tokens=1000, seconds=5.5))
    assert sum(late) <= 1


@pytest.mark.parametrize("death", [KeyboardInterrupt, SystemExit, MemoryError, GeneratorExit])
def test_f14_when_the_worker_dies_its_work_ends_with_a_message_and_the_rest_goes_on(
    death: type[BaseException], caplog: pytest.LogCaptureFixture
) -> None:
    setting = Setting()
    victim = setting.admit(tokens=5)
    others = [setting.admit(tokens=5) for _ in range(3)]
    setting.admit(short=True)
    died = threading.Event()

    def strike(place: Job[Any]) -> None:
        if place is victim and setting.runners[0].steps.count(victim) == 2:
            died.set()
            raise death("a secret of the house")

    setting.before_step = strike
    with pytest.raises(Restarted) as told:
        setting.results(victim)
    assert died.is_set()
    assert "secret" not in str(told.value)
    for other in others:
        assert setting.results(other)[-1] == 5
    assert len(setting.runners) == 2
    assert len(setting.queue) == 0


def test_a_job_that_kills_two_workers_in_a_row_is_given_up() -> None:
    setting = Setting()
    survivor = setting.admit(tokens=2)

    def strike() -> int | None:
        raise MemoryError

    original = setting.make

    def make(watch: Watch) -> Counting:
        runner = original(watch)
        if len(setting.runners) <= 2:
            runner.step = strike  # type: ignore[method-assign]
        return runner

    setting.worker = Worker(setting.queue, make, 10.0, clock=setting.clock)
    with pytest.raises(Restarted):
        setting.results(survivor)
    assert setting.results(setting.admit(tokens=2))[-1] == 2


def test_a_step_that_hangs_is_left_behind_and_the_rest_goes_on(
    caplog: pytest.LogCaptureFixture,
) -> None:
    setting, release = Setting(), threading.Event()
    victim, other = setting.admit(tokens=5), setting.admit(tokens=5)

    def hang(place: Job[Any]) -> None:
        if place is victim and setting.runners[0].current == (victim,):
            setting.clock.added += 11.0
            release.wait(PATIENCE)

    setting.before_step = hang
    with caplog.at_level(logging.ERROR), pytest.raises(Restarted):
        setting.results(victim)
    assert setting.results(other)[-1] == 5
    assert setting.hangs == setting.worker.watchdog.hung == 1
    assert "left behind" in caplog.text
    before = list(setting.runners[0].steps)
    release.set()  # the old thread comes back, and finds that it is no longer wanted
    time.sleep(0.05)
    assert setting.runners[0].steps in (before, [*before, victim])
    assert setting.results(setting.admit(tokens=2))[-1] == 2
    assert len(setting.runners) == 2


def test_after_several_hangs_everybody_is_told_instead_of_waiting() -> None:
    setting, release = Setting(), threading.Event()

    def hang(place: Job[Any]) -> None:
        setting.clock.added += 11.0
        release.wait(PATIENCE)

    setting.before_step = hang
    for _ in range(LEFT_BEHIND):
        with pytest.raises((Restarted, InternalError)):
            setting.results(setting.admit())
    with pytest.raises(InternalError):
        setting.results(setting.admit())
    release.set()


def test_a_runner_that_cannot_be_made_fails_nobody_silently() -> None:
    setting = Setting()

    def broken(watch: Watch) -> Counting:
        raise ImportError("no torch")

    worker = Worker(setting.queue, broken, 10.0, clock=setting.clock)
    for _ in range(3):
        with pytest.raises(InternalError):
            list(worker.follow(setting.admit(), 0.0, BEAT))


def test_stopping_ends_what_is_left() -> None:
    setting = Setting(lambda place: time.sleep(0.01))
    place = setting.admit(tokens=10_000)
    stream = setting.follow(place)
    next(stream)
    setting.worker.stop()
    with pytest.raises(Restarted):
        list(stream)
    assert len(setting.queue) == 0


def test_nothing_is_reported_as_work_while_nothing_is_done() -> None:
    setting = Setting(lambda place: time.sleep(0.01))
    setting.results(setting.admit(tokens=20))
    rate = setting.queue.throughput.rate
    assert 20 < rate <= 100
    time.sleep(0.2)
    setting.results(setting.admit(tokens=20))
    assert setting.queue.throughput.rate == pytest.approx(rate, rel=0.5)
