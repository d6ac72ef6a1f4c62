"""The life of a request, counted, so that anybody can check that none was lost.

received -> queued (admitted) or refused; queued -> running; and then exactly one end. At any
instant the requests in all states add up to those received, and those past admission to those
admitted.
"""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Literal, get_args

from inference.errors import Cancelled, OrreryError, TimedOut
from inference.status import Counts

State = Literal[
    "arriving",
    "refused",
    "queued",
    "running",
    "done",
    "partial",
    "cancelled",
    "timed_out",
    "failed",
]
End = Literal["done", "partial", "cancelled", "timed_out", "failed"]
ENDS: frozenset[State] = frozenset(get_args(End))
MOVES: dict[State, frozenset[State]] = {
    "arriving": frozenset({"queued", "refused"}),
    "queued": frozenset({"running", *ENDS}),
    "running": ENDS,
}


class RequestCounts:
    """Counts requests by state. Safe to call from any thread."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._received = 0
        self._admitted = 0
        self._states: dict[State, int] = dict.fromkeys(get_args(State), 0)
        self._ended: Counter[tuple[str, State]] = Counter()
        self._updates = 0

    @property
    def counts(self) -> Counts:
        """All counters at one instant."""
        with self._lock:
            return Counts(self._received, self._admitted, **self._states)

    @property
    def ended(self) -> dict[tuple[str, State], int]:
        """How many requests of each kind have come to each end, refusals among them."""
        with self._lock:
            return dict(self._ended)

    @property
    def updates(self) -> int:
        """Results and their beginnings that were handed to people."""
        return self._updates

    @contextmanager
    def request(self, kind: str = "") -> Iterator[CountedRequest]:
        """One request, from its arrival to its end, which is told by how the block is left.

        kind: what is asked, one of few.
        """
        request = CountedRequest(self, kind)
        try:
            yield request
        except BaseException as error:
            request.end(end_by(error, request.state))
            raise
        request.end("done")

    def receive(self) -> None:
        with self._lock:
            self._received += 1
            self._states["arriving"] += 1

    def move(self, before: State, after: State) -> None:
        """Count one request out of a state and into the next. Raises ValueError on a wrong turn."""
        if after not in MOVES.get(before, ()):
            raise ValueError(f"A request that is {before} cannot become {after}.")
        with self._lock:
            self._states[before] -= 1
            self._states[after] += 1
            self._admitted += after == "queued"

    def end(self, kind: str, before: State, after: State) -> None:
        """Count one request of a kind to its end."""
        self.move(before, after)
        with self._lock:
            self._ended[kind, after] += 1

    def update(self) -> None:
        with self._lock:
            self._updates += 1


class CountedRequest:
    """One request. Belongs to the thread that answers it."""

    def __init__(self, counts: RequestCounts, kind: str = "") -> None:
        self.state: State = "arriving"
        self._counts, self._kind = counts, kind
        counts.receive()

    def queued(self) -> None:
        """It has been admitted. Harmless to say again, also once it runs."""
        if self.state == "arriving":
            self._become("queued")

    def running(self) -> None:
        """A result has come."""
        self._counts.update()
        self.queued()
        if self.state == "queued":
            self._become("running")

    def end(self, state: State) -> None:
        """The one end. What was never admitted was refused, whatever the reason."""
        if self.state == "arriving" and state != "refused":
            self.queued()
        self._counts.end(self._kind, self.state, state)
        self.state = state

    def _become(self, state: State) -> None:
        self._counts.move(self.state, state)
        self.state = state


def end_by(error: BaseException, state: State) -> State:
    """How a request ended that ended with `error`."""
    if isinstance(error, (GeneratorExit, Cancelled)):
        return "cancelled"  # by the person, at whatever point
    if state == "arriving" and isinstance(error, OrreryError):
        return "refused"
    if isinstance(error, TimedOut):
        return "timed_out"
    return "partial" if state == "running" else "failed"
