"""How the replicas of a cluster are together."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import fields

from inference.backend import BackendStatus
from inference.cluster.protocol import ClusterStatus
from inference.status import Counts, ModelStatus, Work

QUIET = 5.0  # seconds without a report after which a replica counts as gone


class Tally:
    """Takes the reports of replicas, and adds them up."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._reports: dict[str, tuple[float, ClusterStatus]] = {}

    def report(self, name: str, status: ClusterStatus) -> None:
        """What a replica says of itself, in place of what it has said before."""
        self._reports[name] = (self._clock(), status)

    @property
    def status(self) -> ClusterStatus:
        """Of all that have reported lately; those that went quiet are forgotten."""
        since = self._clock() - QUIET
        self._reports = {name: one for name, one in self._reports.items() if one[0] >= since}
        return together([status for _, status in self._reports.values()])


def together(found: Iterable[ClusterStatus]) -> ClusterStatus:
    """The sums of what can be added, and the rest as it differs."""
    found = list(found)
    backends = [one.backend for one in found]
    counts = {f.name: sum(getattr(one.requests, f.name) for one in found) for f in fields(Counts)}
    backend = BackendStatus(
        device=different(one.device for one in backends if one.dtype) or "starting",
        dtype=different(one.dtype for one in backends),
        models=models(one for backend in backends for one in backend.models),
        waiting=sum(one.waiting for one in backends),
        tokens_per_second=sum(one.tokens_per_second for one in backends),
        note=different(one.note for one in backends),
        work=work([one.work for one in backends]),
    )
    return ClusterStatus(backend, Counts(**counts), sum(one.replicas for one in found))


def work(found: Sequence[Work]) -> Work:
    """The sums, and the oldest of those who wait."""
    return Work(
        tokens=sum(one.tokens for one in found),
        seconds=sum(one.seconds for one in found),
        steps=tuple(map(sum, zip(Work().steps, *(one.steps for one in found), strict=True))),
        rows=sum(one.rows for one in found),
        oldest_seconds=max((one.oldest_seconds for one in found), default=0.0),
        trainings=sum(one.trainings for one in found),
        training=sum(one.training for one in found),
    )


def different(values: Iterable[str]) -> str:
    """Those that differ, in their order."""
    return ", ".join(dict.fromkeys(filter(None, values)))


def models(found: Iterable[ModelStatus]) -> tuple[ModelStatus, ...]:
    """Each model once: as the replica has it that has loaded it, or cannot."""
    best: dict[str, ModelStatus] = {}
    for one in found:
        known = best.setdefault(one.name, one)
        if (one.loaded, not one.available) > (known.loaded, not known.available):
            best[one.name] = one
    return tuple(best.values())
