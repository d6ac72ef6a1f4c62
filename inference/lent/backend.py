"""Runs tasks on a GPU that is lent for the length of one, on the pages that ask for it.

What the GPU does not finish, for whatever reason, goes on where the models run otherwise: from
where it stands, with the same dice, and with a note that says why.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Collection, Generator
from contextlib import closing, suppress
from contextvars import copy_context
from dataclasses import replace
from typing import Any

from cachetools import LRUCache

from inference.backend import Backend, BackendStatus
from inference.errors import InternalError, TimedOut
from inference.limits import Limits
from inference.scheduling.job import Job
from inference.task import Failure, N, Result, Task
from inference.text.notes import joined
from inference.types.waiting import PART, Waiting

log = logging.getLogger(__name__)
News = Waiting | Result[Any] | Failure
Lent = Callable[[Task[Any, Any], int], Generator[News, None, None]]
"""From a task, and `after` as in `Backend.run`, to its news. Leaving it gives the GPU back."""
PAGES = 10_000
"""That may ask for the GPU; the one that was longest quiet is forgotten first."""
WAIT = 120.0  # seconds for a GPU to come free and do the work; the platform itself waits for 60
ABORTED = "The lent GPU was taken back before the end; the CPU went on."
LATE = "The lent GPU was not done in time; the CPU went on."
FAILED = "The lent GPU failed; the CPU went on."


class LendingBackend:
    """Fulfils `Backend`. Safe to call from any thread."""

    def __init__(
        self, otherwise: Backend, lent: Lent, models: Collection[str], limits: Limits
    ) -> None:
        """otherwise: runs everything else. models: those that may run on the GPU."""
        self._otherwise = otherwise
        self._lent = lent
        self._models = models
        self._limits = limits
        self._asking: LRUCache[str, bool] = LRUCache(PAGES)
        self._lock = threading.Lock()

    @property
    def status(self) -> BackendStatus:
        return self._otherwise.status

    def open(self, model: str) -> None:
        self._otherwise.open(model)

    def close(self, seconds: float) -> None:
        self._otherwise.close(seconds)

    def ask(self, session: str, wanted: bool) -> None:
        """From now on a page wants the GPU for its runs, or does not."""
        with self._lock:
            self._asking[session] = wanted

    def run(
        self, task: Task[N, Any], session: str | None, after: int = 0
    ) -> Generator[Waiting | Result[N], None, None]:
        """As `Backend.run`. Raises what the task raises there."""
        with self._lock:
            asked = self._asking.get((session or "").partition(PART)[0], False)
        if not asked or task.model not in self._models:
            yield from self._otherwise.run(task, session, after)
            return
        run, done = LentRun(self._lent, task, after), after
        limits = self._limits
        with suppress(TimedOut):  # the platform does not answer
            for news in run.job.results(limits.update_seconds, limits.heartbeat_seconds):
                if news is not None:
                    done = max(done, news.done, 1)
                yield Waiting() if news is None else news
        if run.whole:
            return
        for other in self._otherwise.run(task, session, done):
            if isinstance(other, Result):
                other = replace(other, note=joined(other.note, run.note))
            yield other


class LentRun:
    """One run on the GPU, followed on a thread of its own: the platform may wait for a minute."""

    def __init__(self, lent: Lent, task: Task[Any, Any], after: int) -> None:
        self.job: Job[Result[Any]] = Job(WAIT, task=task)
        self.whole = False
        """That the GPU has finished it, or the task itself has failed."""
        self.note = LATE
        """Why not, otherwise."""
        # The platform finds the visitor, whose quota it is, in the context of the event.
        context = copy_context()
        threading.Thread(
            target=context.run, args=(self._follow, lent, after), name="orrery-lent", daemon=True
        ).start()

    def _follow(self, lent: Lent, after: int) -> None:
        try:
            with closing(lent(self.job.task, after)) as stream:
                for news in stream:
                    if self.job.cancelled:
                        return
                    if isinstance(news, Result):
                        self.job.publish(news)
                    elif isinstance(news, Failure):
                        self.whole = news.code != TimedOut.code
                        self.job.end(news.error if self.whole else None)
                        return
            self.whole = True
        except Exception as error:
            self.note = refusal(error)
        finally:
            self.job.end()


def refusal(error: Exception) -> str:
    """What the platform says for a person, which it raises as an error of Gradio's with a title."""
    title, said = getattr(error, "title", ""), str(getattr(error, "message", "")).strip(" .")
    if title == "ZeroGPU worker error":  # killed, or an exception: `said` is its class
        log.warning("on the lent GPU: %s", said)
        return ABORTED
    if title and said:
        return f"No GPU was lent, so the CPU did it: {said}."
    log.error("the lent GPU: %s", InternalError(error).cause)
    return FAILED
