"""One request from its admission to its end: what a queue holds, and what a reader waits on."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Iterator
from typing import Any, Generic, TypeVar

from inference.errors import InternalError, OrreryError, TimedOut
from inference.scheduling.throughput import Workload

T = TypeVar("T")
log = logging.getLogger(__name__)
Clock = Callable[[], float]
"""Seconds that never run backwards."""
GRACE = 1.0  # seconds after the deadline in which the worker may still answer by itself


class Job(Generic[T]):
    """One task at work, with a deadline and a mailbox that the worker fills and a reader empties.

    The mailbox holds its newest result alone, so a slow reader costs no memory, and nothing once
    it was read.
    """

    def __init__(
        self,
        seconds: float,
        owner: object = None,
        clock: Clock = time.monotonic,
        cost: Workload | None = None,
        task: Any = None,
        ready: bool = True,
    ) -> None:
        """owner: equal for what one person asks of one view; None is nobody in particular.

        cost: None for what asks for no rows and runs between the steps of the others.
        """
        self.task = task
        self.seconds = seconds
        self.owner = owner
        self.cost = cost or Workload(0, 0)
        self.left = self.cost
        """What it still costs, kept up to date while it runs."""
        self.ready = ready
        """False while its model is being loaded."""
        self.running = False
        self.restarts = 0
        """How often the worker died or hung while this job was under way."""
        self.published = 0
        """Slices or steps whose news were published: one that starts again repeats none of them."""
        self._clock = clock
        self._deadline = clock() + seconds
        self._news = threading.Condition()
        self._latest: list[T] = []
        self._error: OrreryError | None = None
        self._ended = False
        self._cancelled = False

    @property
    def short(self) -> bool:
        """That it asks for no rows: its slices are done between the steps of the others."""
        return self.cost.rows == 0

    @property
    def ended(self) -> bool:
        return self._ended

    @property
    def cancelled(self) -> bool:
        """That nobody waits for it any more."""
        return self._cancelled

    @property
    def age(self) -> float:
        """Seconds since it was made."""
        return self._clock() - self._deadline + self.seconds

    @property
    def late(self) -> bool:
        """That its deadline has passed."""
        return self._clock() > self._deadline

    def cancel(self) -> None:
        """Ask the worker to drop this job before its next step. Harmless once it has ended."""
        self._cancelled = True

    def publish(self, result: T, last: bool = False) -> None:
        """Hand a result to the reader in place of one that was not read; `last` ends the job."""
        with self._news:
            if not self._ended:
                self._latest = [result]
                self._ended = last
                self._news.notify_all()

    def end(self, error: BaseException | None = None) -> None:
        """End it; a second end changes nothing. What is no OrreryError is a bug of ours."""
        with self._news:
            if not self._ended:
                if error is not None and not isinstance(error, OrreryError):
                    error = InternalError(error)
                if isinstance(error, InternalError):
                    log.error("reference %s: %s", error.reference, error.cause)
                self._error = error
                self._ended = True
                self._news.notify_all()

    def stop_if_over(self) -> bool:
        """End it if it was cancelled or its time is up; True where it has ended."""
        if self._cancelled:
            self.end()
        elif self.late:
            self.end(TimedOut(self.seconds))
        return self._ended

    def results(
        self,
        pause: float = 0.0,
        heartbeat: float | None = None,
        share: Callable[[], float] = lambda: 0.0,
    ) -> Iterator[T | None]:
        """The newest result whenever there is one, at most one every `pause` seconds.

        Yields None where none comes within `heartbeat` seconds, so that the reader can look up
        and leave. Ends when the job does, raising its error if it failed. Leaving early cancels.
        share: a longer pause, and half a heartbeat, while there are many readers.
        """
        try:
            while True:
                latest, ended = self._wait(heartbeat and max(heartbeat, 2 * share()))
                yield from latest
                if ended:
                    break
                if latest:
                    time.sleep(max(pause, share()))
                else:
                    yield None
            if self._error is not None:
                raise self._error
        finally:
            self.cancel()

    def _wait(self, heartbeat: float | None) -> tuple[list[T], bool]:
        """Take what has come, and say whether the job has ended with it."""
        with self._news:
            self._news.wait_for(lambda: self._latest or self._ended, heartbeat)
            if not self._latest and self._clock() > self._deadline + GRACE:
                self._error = self._error or TimedOut(self.seconds)  # the worker does not answer
                self._ended = True
            latest, self._latest = self._latest, []
            return latest, self._ended
