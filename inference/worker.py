"""One thread that does all model work, a step of every job in turn, so that nobody waits for
another's long text and web handlers stay responsive."""

from __future__ import annotations

import logging
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator
from typing import Generic, TypeVar

from inference.errors import Busy, InternalError, OrreryError, TimedOut

T = TypeVar("T")
log = logging.getLogger(__name__)


class Job(Generic[T]):
    """One request at work. Only its newest result is kept, so a slow reader costs no memory."""

    def __init__(self, work: Callable[[], Iterator[T]], seconds: float) -> None:
        self._work = work
        self._steps: Iterator[T] | None = None
        self._news = threading.Condition()
        self._latest: list[T] = []
        self._error: OrreryError | None = None
        self._ended = False
        self._cancelled = threading.Event()
        self._seconds = seconds
        self._deadline = time.monotonic() + seconds

    def cancel(self) -> None:
        """Ask the worker to drop this job before its next step. Harmless once it has ended."""
        self._cancelled.set()

    def advance(self) -> bool:
        """Do one step, on the worker's thread; False once the job has ended."""
        if self._cancelled.is_set():
            return self._end(None)
        if time.monotonic() > self._deadline:
            return self._end(TimedOut(self._seconds))
        try:
            if self._steps is None:
                self._steps = self._work()
            result = next(self._steps)
        except StopIteration:
            return self._end(None)
        except OrreryError as error:
            return self._end(error)
        except BaseException as error:  # also what is no Exception, such as a panic in a library
            internal = InternalError(error)
            log.exception("job failed, reference %s", internal.reference)
            return self._end(internal)
        with self._news:
            self._latest = [result]
            self._news.notify_all()
        return True

    def _end(self, error: OrreryError | None) -> bool:
        self._steps = None
        with self._news:
            self._error = error
            self._ended = True
            self._news.notify_all()
        return False

    def results(self, pause: float = 0.0) -> Iterator[T]:
        """The newest result whenever there is one, at most one every `pause` seconds.

        Ends when the job does, raising its error if it failed. Leaving the loop early cancels.
        """
        try:
            while True:
                with self._news:
                    self._news.wait_for(lambda: self._latest or self._ended)
                    latest, self._latest, ended = self._latest, [], self._ended
                yield from latest
                if ended and not self._latest:
                    break
                if pause and not ended:
                    time.sleep(pause)
            if self._error is not None:
                raise self._error
        finally:
            self.cancel()


class Worker:
    """Runs jobs round-robin on a daemon thread of its own."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._jobs: deque[Job] = deque()  # type: ignore[type-arg]  # of any result
        self._news = threading.Condition()
        self._thread = threading.Thread(target=self._run, name="orrery-worker", daemon=True)
        self._thread.start()

    @property
    def waiting(self) -> int:
        """Jobs that have not ended."""
        return len(self._jobs)

    def submit(self, work: Callable[[], Iterator[T]], seconds: float) -> Job[T]:
        """Queue a job that may take `seconds`. Raises Busy where `limit` jobs are at work."""
        job = Job(work, seconds)
        with self._news:
            if len(self._jobs) >= self._limit:
                raise Busy(len(self._jobs))
            self._jobs.append(job)
            self._news.notify()
        return job

    def call(self, work: Callable[[], T], seconds: float) -> T:
        """Do one thing on the worker's thread and wait for its result, or raise its error."""

        def once() -> Iterator[T]:
            yield work()

        (result,) = self.submit(once, seconds).results()
        return result

    def _run(self) -> None:
        while True:
            with self._news:
                self._news.wait_for(lambda: self._jobs)
                job = self._jobs[0]
            going_on = job.advance()
            with self._news:
                self._jobs.popleft()
                if going_on:
                    self._jobs.append(job)
