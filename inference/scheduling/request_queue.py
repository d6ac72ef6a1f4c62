"""The queue in front of the worker: bounded, fair between people, and tells how long it is."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

from inference.errors import Busy, Cancelled
from inference.scheduling.job import Job
from inference.scheduling.throughput import Throughput, Workload, seconds_until_start
from inference.status import Work
from inference.types.waiting import Waiting


class RequestQueue:
    """Everybody who was admitted, in order of arrival. Safe to call from any thread.

    One person has at most one job running and one waiting for each view: a newer one replaces
    the one that waits, for nobody looks at that any more. An address says nothing about
    a person, a whole lecture hall may share one.
    """

    def __init__(self, limit: int, capacity: int) -> None:
        """limit: jobs at once, running ones included. capacity: rows that run at once."""
        self.throughput = Throughput()
        self.news = threading.Condition()
        """Notified whenever there may be something to do."""
        self._limit = limit
        self._capacity = capacity
        self._jobs: list[Job[Any]] = []
        self._open = True

    def __len__(self) -> int:
        return len(self._jobs)

    def enter(self, job: Job[Any]) -> None:
        """Admit. Raises Busy, with people ahead and seconds, where the queue is full or closed."""
        owner = job.owner
        with self.news:
            waiting = [j for j in self._jobs if not j.running]
            replaced = [j for j in waiting if owner is not None and j.owner == owner]
            if not self._open or len(self._jobs) - len(replaced) >= self._limit:
                raise Busy(len(self._jobs), self._seconds(waiting, job.cost))
            for older in replaced:
                older.end(Cancelled("a newer run of yours took its place"))
                self._jobs.remove(older)
            self._jobs.append(job)
            self.news.notify_all()

    @contextmanager
    def admitted(self, job: Job[Any]) -> Iterator[None]:
        """Admit for the length of a block; who leaves it early is gone at once, or after a step."""
        self.enter(job)
        try:
            yield
        finally:
            job.cancel()
            if not job.running:  # else the worker drops it, between two steps
                self.leave(job)

    def ready(self, job: Job[Any]) -> None:
        """Its model has been loaded."""
        with self.news:
            job.ready = True
            self.news.notify_all()

    def leave(self, job: Job[Any]) -> None:
        """It has ended or its reader has gone. Harmless to say twice."""
        with self.news:
            if job in self._jobs:
                self._jobs.remove(job)
            self.news.notify_all()

    def next(self, short: bool) -> Job[Any] | None:
        """Start the first short or long job that may start now; None where there is none.

        Whoever came first goes first, even where something smaller behind would fit: otherwise
        a large run would wait for ever.
        """
        with self.news:
            running = [j for j in self._jobs if j.running]
            busy = {j.owner for j in running} - {None}
            rows = sum(j.cost.rows for j in running)
            for job in self._jobs:
                startable = not job.running and job.ready and job.owner not in busy
                if startable and job.short == short:
                    if rows and rows + job.cost.rows > self._capacity:
                        return None
                    job.running = True
                    return job
            return None

    def wait(self) -> None:
        """Sleep until a job may start."""
        with self.news:
            self.news.wait_for(lambda: any(j.ready and not j.running for j in self._jobs))

    def put_back(self, job: Job[Any]) -> None:
        """A job that was running has to start again; it stays where it is in the queue."""
        with self.news:
            job.running, job.left = False, job.cost
            self.news.notify_all()

    def waiting(self, job: Job[Any], loading: str = "") -> Waiting:
        """What to tell somebody who waits."""
        with self.news:
            if job.running or job not in self._jobs:
                return Waiting(loading=loading)
            at = self._jobs.index(job)
            ahead = [j for j in self._jobs[:at] if not j.running]
            people = at + sum(j.running for j in self._jobs[at:])
            return Waiting(people, self._seconds(ahead, job.cost), loading)

    @property
    def work(self) -> Work:
        """What was done for those who were here, and what is under way."""
        jobs = self.jobs()
        rows = sum(job.cost.rows for job in jobs if job.running)
        oldest = max((job.age for job in jobs if not job.running), default=0.0)
        return replace(self.throughput.total, rows=rows, oldest_seconds=oldest)

    def close(self) -> None:
        """Admit nobody any more."""
        self._open = False

    def jobs(self) -> list[Job[Any]]:
        """Everybody, at this instant."""
        with self.news:
            return list(self._jobs)

    def _seconds(self, ahead: list[Job[Any]], own: Workload) -> float | None:
        running = [j.left for j in self._jobs if j.running]
        costs = [j.cost for j in ahead]
        return seconds_until_start(running, costs, own, self._capacity, self.throughput.rate)
