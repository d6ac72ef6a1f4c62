"""The line in front of the worker: bounded, fair between people, and open about how long it is."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from inference.errors import Busy, Cancelled
from inference.job import Job
from inference.pace import Load, Pace, seconds_until_start
from inference.types import Waiting


@dataclass(eq=False)
class Place:
    """A job's place in the line, from its admission to its end."""

    job: Job[Any]
    cost: Load
    left: Load = field(init=False)
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


class Line:
    """Everybody who was admitted, in order of arrival. Safe to call from any thread.

    One person has at most one job running and one waiting for each view: a newer one takes the
    place of the one that waits, for nobody looks at that any more. An address says nothing about
    a person, a whole lecture hall may share one.
    """

    def __init__(self, limit: int, capacity: int) -> None:
        """limit: jobs at once, running ones included. capacity: rows that run at once."""
        self.pace = Pace()
        self.news = threading.Condition()
        """Notified whenever there may be something to do."""
        self._limit = limit
        self._capacity = capacity
        self._places: list[Place] = []
        self._open = True

    def __len__(self) -> int:
        return len(self._places)

    def enter(self, place: Place) -> None:
        """Admit. Raises Busy, with people ahead and seconds, where the line is full or closed."""
        owner = place.job.owner
        with self.news:
            waiting = [p for p in self._places if not p.running]
            replaced = [p for p in waiting if owner is not None and p.job.owner == owner]
            if not self._open or len(self._places) - len(replaced) >= self._limit:
                raise Busy(len(self._places), self._seconds(waiting, place.cost))
            for older in replaced:
                older.job.end(Cancelled("a newer run of yours took its place"))
                self._places.remove(older)
            self._places.append(place)
            self.news.notify_all()

    @contextmanager
    def admitted(self, place: Place) -> Iterator[None]:
        """Admit for the length of a block; who leaves it early is gone at once, or after a step."""
        self.enter(place)
        try:
            yield
        finally:
            place.job.cancel()
            if not place.running:  # else the worker drops it, between two steps
                self.leave(place)

    def ready(self, place: Place) -> None:
        """Its model has been loaded."""
        with self.news:
            place.ready = True
            self.news.notify_all()

    def leave(self, place: Place) -> None:
        """It has ended or its reader has gone. Harmless to say twice."""
        with self.news:
            if place in self._places:
                self._places.remove(place)
            self.news.notify_all()

    def next(self, short: bool) -> Place | None:
        """Start the first short or long job that may start now; None where there is none.

        Whoever stands first goes first, even where something smaller behind would fit: otherwise
        a large run would wait for ever.
        """
        with self.news:
            running = [p for p in self._places if p.running]
            busy = {p.job.owner for p in running} - {None}
            rows = sum(p.cost.rows for p in running)
            for place in self._places:
                startable = not place.running and place.ready and place.job.owner not in busy
                if startable and place.short == short:
                    if rows and rows + place.cost.rows > self._capacity:
                        return None
                    place.running = True
                    return place
            return None

    def wait(self) -> None:
        """Sleep until a job may start."""
        with self.news:
            self.news.wait_for(lambda: any(p.ready and not p.running for p in self._places))

    def put_back(self, place: Place) -> None:
        """A job that was running has to start again; it keeps its place."""
        with self.news:
            place.running, place.left = False, place.cost
            self.news.notify_all()

    def waiting(self, place: Place, loading: str = "") -> Waiting:
        """What to tell somebody who waits."""
        with self.news:
            if place.running or place not in self._places:
                return Waiting(loading=loading)
            at = self._places.index(place)
            ahead = [p for p in self._places[:at] if not p.running]
            people = at + sum(p.running for p in self._places[at:])
            return Waiting(people, self._seconds(ahead, place.cost), loading)

    def close(self) -> None:
        """Admit nobody any more."""
        self._open = False

    def places(self) -> list[Place]:
        """Everybody, at this instant."""
        with self.news:
            return list(self._places)

    def _seconds(self, ahead: list[Place], own: Load) -> float | None:
        running = [p.left for p in self._places if p.running]
        costs = [p.cost for p in ahead]
        return seconds_until_start(running, costs, own, self._capacity, self.pace.rate)
