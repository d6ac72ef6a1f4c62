"""What the reader of a request and the worker have in common: a mailbox with a deadline."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Generic, TypeVar

from inference.backend import Decoding, Result
from inference.errors import InternalError, OrreryError, TimedOut
from inference.types import LaneState

if TYPE_CHECKING:
    from inference.loading.device import PlacedModel

T = TypeVar("T")
log = logging.getLogger(__name__)
Clock = Callable[[], float]
"""Seconds that never run backwards."""
GRACE = 1.0  # seconds after the deadline in which the worker may still answer by itself


class Job(Generic[T]):
    """One request at work.

    Only its newest result is kept, so a slow reader costs no memory, and none once it was read.
    """

    def __init__(self, seconds: float, owner: object = None, clock: Clock = time.monotonic) -> None:
        """owner: equal for what one person asks of one view; None is nobody in particular."""
        self.seconds = seconds
        self.owner = owner
        self.restarts = 0
        """How often the worker died or hung while this job was under way."""
        self._clock = clock
        self._deadline = clock() + seconds
        self._news = threading.Condition()
        self._latest: list[T] = []
        self._error: OrreryError | None = None
        self._ended = False
        self._cancelled = False

    @property
    def ended(self) -> bool:
        return self._ended

    @property
    def cancelled(self) -> bool:
        """That nobody waits for it any more."""
        return self._cancelled

    @property
    def late(self) -> bool:
        """That its deadline has passed."""
        return self._clock() > self._deadline

    def cancel(self) -> None:
        """Ask the worker to drop this job before its next step. Harmless once it has ended."""
        self._cancelled = True

    def publish(self, result: T) -> None:
        """Hand a result to the reader in place of one it has not taken yet."""
        with self._news:
            if not self._ended:
                self._latest = [result]
                self._news.notify_all()

    def end(self, error: OrreryError | None = None) -> None:
        """The one end; a second one changes nothing."""
        with self._news:
            if not self._ended:
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


class DecodingJob(Job[Result[tuple[LaneState, ...]]]):
    """Lanes that advance token by token, together with those of others."""

    def __init__(self, work: Decoding, seconds: float, owner: object, clock: Clock) -> None:
        super().__init__(seconds, owner, clock)
        self.work = work
        self.tokens_left = work.options.new_tokens
        """After the newest state that was published: one that starts again shows nothing older."""


class Call(Job[Result[T]]):
    """One thing to do with a model, in one go."""

    def __init__(
        self,
        model: str,
        work: Callable[[PlacedModel], T],
        seconds: float,
        owner: object,
        clock: Clock,
    ) -> None:
        """work: takes the model where it is."""
        super().__init__(seconds, owner, clock)
        self.model = model
        self.work = work
