"""The one thread that does all model work, and what happens when it dies or hangs.

It lets newcomers in between steps, does short jobs before the next step of the long ones, and
keeps web handlers free. A thread of Python cannot be killed: one that hangs is left behind, and
does no more harm than the memory it holds, because a new one takes over everything but the work
it hangs in.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from typing import Protocol, TypeVar

from inference.errors import InternalError, OrreryError, Restarted, where
from inference.scheduling.job import Clock, Job
from inference.scheduling.request_queue import QueueEntry, RequestQueue
from inference.types import Waiting

T = TypeVar("T")
log = logging.getLogger(__name__)
TOGETHER = 80  # updates a second over everybody: drawing more would take the time of the models
LEFT_BEHIND = 3  # hung threads after which no new one is started


class Runner(Protocol):
    """What does the work. Made and used on the worker's thread, and thrown away with it."""

    @property
    def current(self) -> Sequence[QueueEntry]:
        """Whose work is under way: they suffer if the thread dies now."""

    def start(self, entry: QueueEntry) -> None:
        """Do a short job, or let a long one join those that advance together."""

    def step(self) -> int | None:
        """Advance some of the long jobs by a token. Row-tokens written; None: nothing to do."""


class Worker:
    """Serves a queue with a runner, on a daemon thread that is replaced when it fails."""

    def __init__(
        self,
        queue: RequestQueue,
        runner: Callable[[], Runner],
        step_seconds: float = 10.0,
        on_hang: Callable[[], None] = lambda: None,
        clock: Clock = time.monotonic,
    ) -> None:
        """step_seconds: how long one step may take before the thread counts as hung."""
        self.queue = queue
        self.hung = 0
        self._make_runner = runner
        self._step_seconds = step_seconds
        self._on_hang = on_hang
        self._clock = clock
        self._lock = threading.Lock()
        self._thread: threading.Thread | None = None
        self._runner: Runner | None = None
        self._began: float | None = None

    def follow(self, entry: QueueEntry, pause: float, heartbeat: float) -> Iterator[Waiting | T]:
        """The results of an admitted job; how it stands at first, and whenever there is none.

        pause, heartbeat: the least and the most seconds between two of them, with few people.
        """
        job: Job[T] = entry.job
        yield self.queue.waiting(entry)
        self.look_after()
        # with many people each sees fewer updates: those of all together stay below a bound
        for result in job.results(pause, heartbeat, lambda: len(self.queue) / TOGETHER):
            if result is None:
                self.look_after()
                yield self.queue.waiting(entry)
            else:
                yield result

    def stop(self) -> None:
        """End everything that is at work or waits. The next who looks after it starts afresh."""
        with self._lock:
            self._thread, self._runner, self._began = None, None, None
        self._give_up(Restarted())

    def look_after(self) -> None:
        """See that a thread is at work; called by everybody who waits for a result."""
        with self._lock:
            hangs = self._began is not None and self._clock() - self._began > self._step_seconds
            if self._thread is not None and not hangs:
                return
            if hangs:
                log.error("a step takes longer than %g s; left behind", self._step_seconds)
                self.hung += 1
                self._on_hang()
                self._hand_over()
            if self.hung < LEFT_BEHIND:
                self._thread = threading.Thread(target=self._run, name="orrery-worker", daemon=True)
                self._thread.start()
                return
        self._give_up(InternalError())

    def _hand_over(self) -> None:
        """End what the failed thread was doing; what else it had under way starts again."""
        current = () if self._runner is None else tuple(self._runner.current)
        self._thread, self._runner, self._began = None, None, None
        for entry in self.queue.entries():
            if not entry.running:
                continue
            entry.job.restarts += 1
            if entry in current or entry.job.restarts > 1 or entry.job.cancelled:
                self._end(entry, Restarted())
            else:
                self.queue.put_back(entry)

    def _give_up(self, error: OrreryError) -> None:
        """End everything that is at work or waits."""
        for entry in self.queue.entries():
            self._end(entry, error)

    def _end(self, entry: QueueEntry, error: OrreryError) -> None:
        entry.job.end(error)
        self.queue.leave(entry)

    def _run(self) -> None:
        me = threading.current_thread()
        try:
            runner = self._make_runner()
            with self._lock:
                self._runner = runner
            while self._thread is me:
                self._turn(runner)
        except BaseException as error:  # whatever it is, those who wait must hear of it
            log.error("the worker died: %s\n%s", type(error).__name__, where(error))
            with self._lock:
                if self._thread is me:
                    ready = self._runner is not None
                    self._hand_over()  # and the next one who looks after it starts a new thread
                    if not ready:  # nor could the next one do anything
                        self._give_up(InternalError())

    def _turn(self, runner: Runner) -> None:
        """Drop who has left, do a short job, let newcomers in, and take one step."""
        for entry in self.queue.entries():
            if not entry.running and entry.job.stop_if_over():
                self.queue.leave(entry)
        short = self.queue.next(short=True)
        if short is not None:
            self._watched(lambda: runner.start(short))
        while self._mine() and (newcomer := self.queue.next(short=False)) is not None:
            runner.start(newcomer)
        began = self._clock()
        units = self._watched(runner.step) if self._mine() else None
        if units is not None and self._mine():
            self.queue.throughput.measured(units, self._clock() - began)
        elif short is None and self._mine():
            self.queue.wait()

    def _mine(self) -> bool:
        """Whether this thread still is the worker; what it hung in may have returned at last."""
        return self._thread is threading.current_thread()

    def _watched(self, work: Callable[[], T]) -> T:
        """Do what may hang, so that `look_after` can see how long it takes."""
        self._began = self._clock()
        try:
            return work()
        finally:
            if self._mine():
                self._began = None
