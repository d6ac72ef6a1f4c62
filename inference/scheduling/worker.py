"""The one thread that does all model work, so that threads of the web server never do.

Between two steps of the long jobs it lets newcomers in and does one slice of the short ones.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from typing import Any, Protocol, TypeVar

from inference.errors import InternalError, OrreryError, Restarted
from inference.scheduling.job import Clock, Job
from inference.scheduling.request_queue import RequestQueue
from inference.scheduling.watchdog import Watch, Watchdog
from inference.types.waiting import Waiting

T = TypeVar("T")
TOGETHER = 80  # updates a second over everybody: drawing more would take the time of the models


class Runner(Protocol):
    """What does the work. Made and used on the worker's thread, and thrown away with it."""

    @property
    def current(self) -> Sequence[Job[Any]]:
        """Whose work is being done: they suffer if the thread dies now."""

    def start(self, job: Job[Any]) -> None:
        """Take a job in: a program of its own, or rows of a running batch."""

    def slice(self) -> bool:
        """Do one slice of one program; False where there is none."""

    def step(self) -> int | None:
        """Advance some of the batches by a token. Row-tokens written; None: nothing to do."""


class Worker:
    """Serves a queue with a runner, on a thread that a watchdog replaces when it fails."""

    def __init__(
        self,
        queue: RequestQueue,
        runner: Callable[[Watch], Runner],
        step_seconds: float = 10.0,
        on_hang: Callable[[], None] = lambda: None,
        clock: Clock = time.monotonic,
    ) -> None:
        """step_seconds: how long one slice or step may take before the thread counts as hung."""
        self.queue = queue
        self.watchdog = Watchdog(self._run, self._lost, step_seconds, clock)
        self._make_runner = runner
        self._on_hang = on_hang
        self._clock = clock
        self._runner: Runner | None = None

    def follow(self, job: Job[T], pause: float, heartbeat: float) -> Iterator[Waiting | T]:
        """The results of an admitted job; how long it waits at first, and whenever there is none.

        pause, heartbeat: the least and the most seconds between two of them, with few people.
        """
        yield self.queue.waiting(job)
        self.look_after()
        # with many people each sees fewer updates: those of all together stay below a bound
        for result in job.results(pause, heartbeat, lambda: len(self.queue) / TOGETHER):
            if result is None:
                self.look_after()
                yield self.queue.waiting(job)
            else:
                yield result

    def look_after(self) -> None:
        """See that a thread is at work; called by everybody who waits for a result."""
        if not self.watchdog.look_after():
            self._give_up(InternalError())

    def stop(self) -> None:
        """End everything that is at work or waits. The next who looks after it starts afresh."""
        self.watchdog.dismiss()
        self._runner = None
        self._give_up(Restarted())

    def _lost(self, hangs: bool) -> None:
        """End what the failed thread was doing; what else it had taken in starts again."""
        if hangs:
            self._on_hang()
        runner, self._runner = self._runner, None
        current = () if runner is None else tuple(runner.current)
        for job in self.queue.jobs():
            if not job.running:
                continue
            job.restarts += 1
            if job in current or job.restarts > 1 or job.cancelled:
                self._end(job, Restarted())
            else:
                self.queue.put_back(job)
        if runner is None:  # it could not be made, nor could another
            self._give_up(InternalError())

    def _give_up(self, error: OrreryError) -> None:
        """End everything that is at work or waits."""
        for job in self.queue.jobs():
            self._end(job, error)

    def _end(self, job: Job[Any], error: OrreryError) -> None:
        job.end(error)
        self.queue.leave(job)

    def _run(self, watch: Watch) -> None:
        runner = self._make_runner(watch)
        if self.watchdog.on_duty(watch):
            self._runner = runner
        while self.watchdog.on_duty(watch):
            self._turn(runner, watch)

    def _turn(self, runner: Runner, watch: Watch) -> None:
        """Drop who has left, let newcomers in, do a slice of a program, and take one step."""
        for job in self.queue.jobs():
            if not job.running and job.stop_if_over():
                self.queue.leave(job)
        short = self.queue.next(short=True)
        if short is not None:
            watch(partial(runner.start, short))
        while self.watchdog.on_duty(watch) and (long := self.queue.next(short=False)) is not None:
            watch(partial(runner.start, long))
        if not self.watchdog.on_duty(watch):
            return
        sliced = watch(runner.slice)
        if not self.watchdog.on_duty(watch):
            return
        began = self._clock()
        units = watch(runner.step)
        if not self.watchdog.on_duty(watch):
            return
        if units is not None:
            self.queue.throughput.measured(units, self._clock() - began)
        elif not sliced and short is None:  # what has just been done is let go of first
            self.queue.wait()
