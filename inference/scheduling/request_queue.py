"""The queue in front of the worker: bounded, fair between people, and open about how long it is."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from inference.errors import Busy, Cancelled
from inference.scheduling.job import Job
from inference.scheduling.throughput import Throughput, Workload, seconds_until_start
from inference.types import Waiting


@dataclass(eq=False)
class QueueEntry:
    """A job's place in the queue, from its admission to its end."""

    job: Job[Any]
    cost: Workload
    left: Workload = field(init=False)
    """What it still costs, kept up to date while it runs."""
    ready: bool = True
    """False while its model is being loaded."""
    running: bool = False

    def __post_init__(self) -> None:
        self.left = self.cost

    @property
    def short(self) -> bool:
        """Done in one go, between the steps of the others: it asks for no rows."""
        return self.cost.rows == 0


class RequestQueue:
    """Everybody who was admitted, in order of arrival. Safe to call from any thread.

    One person has at most one job running and one waiting for each view: a newer one takes the
    place of the one that waits, for nobody looks at that any more. An address says nothing about
    a person, a whole lecture hall may share one.
    """

    def __init__(self, limit: int, capacity: int) -> None:
        """limit: jobs at once, running ones included. capacity: rows that run at once."""
        self.throughput = Throughput()
        self.news = threading.Condition()
        """Notified whenever there may be something to do."""
        self._limit = limit
        self._capacity = capacity
        self._entries: list[QueueEntry] = []
        self._open = True

    def __len__(self) -> int:
        return len(self._entries)

    def enter(self, entry: QueueEntry) -> None:
        """Admit. Raises Busy, with people ahead and seconds, where the queue is full or closed."""
        owner = entry.job.owner
        with self.news:
            waiting = [p for p in self._entries if not p.running]
            replaced = [p for p in waiting if owner is not None and p.job.owner == owner]
            if not self._open or len(self._entries) - len(replaced) >= self._limit:
                raise Busy(len(self._entries), self._seconds(waiting, entry.cost))
            for older in replaced:
                older.job.end(Cancelled("a newer run of yours took its place"))
                self._entries.remove(older)
            self._entries.append(entry)
            self.news.notify_all()

    @contextmanager
    def admitted(self, entry: QueueEntry) -> Iterator[None]:
        """Admit for the length of a block; who leaves it early is gone at once, or after a step."""
        self.enter(entry)
        try:
            yield
        finally:
            entry.job.cancel()
            if not entry.running:  # else the worker drops it, between two steps
                self.leave(entry)

    def ready(self, entry: QueueEntry) -> None:
        """Its model has been loaded."""
        with self.news:
            entry.ready = True
            self.news.notify_all()

    def leave(self, entry: QueueEntry) -> None:
        """It has ended or its reader has gone. Harmless to say twice."""
        with self.news:
            if entry in self._entries:
                self._entries.remove(entry)
            self.news.notify_all()

    def next(self, short: bool) -> QueueEntry | None:
        """Start the first short or long job that may start now; None where there is none.

        Whoever stands first goes first, even where something smaller behind would fit: otherwise
        a large run would wait for ever.
        """
        with self.news:
            running = [p for p in self._entries if p.running]
            busy = {p.job.owner for p in running} - {None}
            rows = sum(p.cost.rows for p in running)
            for entry in self._entries:
                startable = not entry.running and entry.ready and entry.job.owner not in busy
                if startable and entry.short == short:
                    if rows and rows + entry.cost.rows > self._capacity:
                        return None
                    entry.running = True
                    return entry
            return None

    def wait(self) -> None:
        """Sleep until a job may start."""
        with self.news:
            self.news.wait_for(lambda: any(p.ready and not p.running for p in self._entries))

    def put_back(self, entry: QueueEntry) -> None:
        """A job that was running has to start again; it keeps its place in the queue."""
        with self.news:
            entry.running, entry.left = False, entry.cost
            self.news.notify_all()

    def waiting(self, entry: QueueEntry, loading: str = "") -> Waiting:
        """What to tell somebody who waits."""
        with self.news:
            if entry.running or entry not in self._entries:
                return Waiting(loading=loading)
            at = self._entries.index(entry)
            ahead = [p for p in self._entries[:at] if not p.running]
            people = at + sum(p.running for p in self._entries[at:])
            return Waiting(people, self._seconds(ahead, entry.cost), loading)

    def close(self) -> None:
        """Admit nobody any more."""
        self._open = False

    def entries(self) -> list[QueueEntry]:
        """Everybody, at this instant."""
        with self.news:
            return list(self._entries)

    def _seconds(self, ahead: list[QueueEntry], own: Workload) -> float | None:
        running = [p.left for p in self._entries if p.running]
        costs = [p.cost for p in ahead]
        return seconds_until_start(running, costs, own, self._capacity, self.throughput.rate)
