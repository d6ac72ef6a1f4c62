"""How fast the work goes, and how long somebody has to wait: plain arithmetic on rows of tokens."""

from __future__ import annotations

import heapq
from bisect import bisect_left
from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass

from inference.status import STEP_SECONDS, Work

HALF_LIFE = 3.0  # seconds of work after which a measurement counts half


class Throughput:
    """Row-tokens per second of work, as an exponentially weighted average."""

    def __init__(self) -> None:
        self._units = 0.0
        self._seconds = 0.0
        self._total = Work()

    @property
    def rate(self) -> float:
        """Row-tokens per second; 0 before anything has been measured."""
        return self._units / self._seconds if self._seconds > 0 else 0.0

    @property
    def total(self) -> Work:
        """All that was measured since the start, of equal weight."""
        return self._total

    def measured(self, units: int, seconds: float) -> None:
        """`units` row-tokens took `seconds` of work. Idle time is not work and is not reported."""
        share = 0.5 ** (max(0.0, seconds) / HALF_LIFE)
        self._units = self._units * share + units
        self._seconds = self._seconds * share + max(0.0, seconds)
        total, slot = self._total, bisect_left(STEP_SECONDS, seconds)
        self._total = Work(
            total.tokens + units,
            total.seconds + max(0.0, seconds),
            tuple(many + (at == slot) for at, many in enumerate(total.steps)),
        )


@dataclass(frozen=True)
class Workload:
    """What one run still asks for."""

    rows: int
    tokens: int
    """Steps to go."""

    @property
    def units(self) -> int:
        """Row-tokens: what a run costs."""
        return self.rows * self.tokens


def seconds_until_start(
    running: Iterable[Workload],
    ahead: Iterable[Workload],
    own: Workload,
    capacity: int,
    rate: float,
) -> float | None:
    """How long until `own` joins those that run; None where the rate is unknown.

    Runs advance together, one token each a round, a round taking as long as it has rows; they
    join in order as soon as fewer than `capacity` rows would be at work.
    """
    if rate <= 0:
        return None
    queue = deque([*ahead, own])
    busy = [(load.tokens, load.rows) for load in running]  # the round in which each one ends
    heapq.heapify(busy)
    rows, done, seconds = sum(rows for _, rows in busy), 0, 0.0
    while True:
        while not busy or rows + queue[0].rows <= capacity:
            if len(queue) == 1:
                return seconds
            load = queue.popleft()
            heapq.heappush(busy, (done + load.tokens, load.rows))
            rows += load.rows
        end, freed = heapq.heappop(busy)
        seconds += max(0, end - done) * rows / rate
        rows, done = rows - freed, max(done, end)
