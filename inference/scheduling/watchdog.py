"""Keeps one worker thread alive: sees when it dies or hangs, and starts another.

A thread of Python cannot be killed. One that hangs is left behind, and does no more harm than the
memory it holds, for a new one takes over everything but the work it hangs in.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TypeVar

from inference.errors import where
from inference.scheduling.job import Clock

T = TypeVar("T")
log = logging.getLogger(__name__)
LEFT_BEHIND = 3  # hung threads after which no new one is started


class Watch:
    """How long the present slice of work of one thread has taken."""

    def __init__(self, clock: Clock = time.monotonic) -> None:
        self._clock = clock
        self._began: float | None = None

    @property
    def seconds(self) -> float:
        """Since the slice began; 0 between two of them."""
        began = self._began
        return 0.0 if began is None else self._clock() - began

    def __call__(self, work: Callable[[], T]) -> T:
        """Do one slice."""
        self._began = self._clock()
        try:
            return work()
        finally:
            self._began = None

    @contextmanager
    def paused(self) -> Iterator[None]:
        """What is done in this block does not count: loading takes as long as the disk does."""
        began, self._began = self._began, None
        try:
            yield
        finally:
            self._began = None if began is None else self._clock()


class Watchdog:
    """Looks after the thread that runs `work`; at most one is on duty. Safe from any thread."""

    def __init__(
        self,
        work: Callable[[Watch], None],
        on_lost: Callable[[bool], None],
        step_seconds: float = 10.0,
        clock: Clock = time.monotonic,
    ) -> None:
        """work: what the thread does, for as long as it is on duty.

        on_lost: called with True where it hangs, with False where it died, before another starts.
        step_seconds: how long one slice may take before the thread counts as hung.
        """
        self.hung = 0
        """How many threads were left behind."""
        self._work = work
        self._on_lost = on_lost
        self._step_seconds = step_seconds
        self._clock = clock
        self._lock = threading.Lock()
        self._watch: Watch | None = None

    def look_after(self) -> bool:
        """See that a thread is at work; False where too many have hung to start another."""
        with self._lock:
            if self._watch is not None and self._watch.seconds <= self._step_seconds:
                return True
            if self._watch is not None:
                log.error("a step takes longer than %g s; left behind", self._step_seconds)
                self.hung += 1
                self._watch = None
                self._on_lost(True)
            if self.hung >= LEFT_BEHIND:
                return False
            self._watch = Watch(self._clock)
            threading.Thread(
                target=self._run, args=(self._watch,), name="orrery-worker", daemon=True
            ).start()
            return True

    def on_duty(self, watch: Watch) -> bool:
        """Whether the thread with this watch still is the one; a hung one may come back at last."""
        return self._watch is watch

    def dismiss(self) -> None:
        """Let the thread end after its present slice. The next look starts another."""
        with self._lock:
            self._watch = None

    def _run(self, watch: Watch) -> None:
        try:
            self._work(watch)
        except BaseException as error:  # whatever it is, those who wait must hear of it
            log.error("the worker died: %s\n%s", type(error).__name__, where(error))
            with self._lock:
                if self._watch is watch:
                    self._watch = None
                    self._on_lost(False)
