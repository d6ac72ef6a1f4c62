"""How the service stands: its models, its requests by state, and what the status line shows."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True)
class ModelStatus:
    """Whether a model of the collection can be used, and if not, why."""

    name: str
    available: bool
    loaded: bool = False
    parameters: int = 0
    reason: str = ""
    loading: bool = False
    megabytes: float = 0.0
    """Of memory, while it is loaded."""
    loads: int = 0
    """How often it was loaded since the start."""


@dataclass(frozen=True)
class Counts:
    """Requests by where they stand. The states add up to `received` at any instant."""

    received: int = 0
    admitted: int = 0
    """Those that were let in, wherever they stand now."""
    arriving: int = 0
    """Being read and checked."""
    refused: int = 0
    queued: int = 0
    running: int = 0
    done: int = 0
    partial: int = 0
    """Ended by a fault after some of the result had been handed out."""
    cancelled: int = 0
    timed_out: int = 0
    failed: int = 0

    @property
    def add_up(self) -> bool:
        """That nothing was lost and nothing counted twice."""
        beyond = self.queued + self.running + self.ended
        return self.admitted == beyond and self.received == beyond + self.arriving + self.refused

    @property
    def ended(self) -> int:
        return self.done + self.partial + self.cancelled + self.timed_out + self.failed


STEP_SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1.0, 5.0)
"""Upper bounds by which steps are counted."""


@dataclass(frozen=True)
class Work:
    """What was done since the start, and what is under way."""

    tokens: int = 0
    """Written by all rows of all steps together."""
    seconds: float = 0.0
    """That those steps took."""
    steps: tuple[int, ...] = (0,) * (len(STEP_SECONDS) + 1)
    """Steps of batches that took at most so long, by `STEP_SECONDS`; the last are slower."""
    rows: int = 0
    """Of the requests that run now."""
    oldest_seconds: float = 0.0
    """Age of the oldest request that has not begun; 0 where none waits."""
    trainings: int = 0
    """That have begun."""
    training: int = 0
    """That run now."""


@dataclass(frozen=True)
class ServiceStatus:
    """What the status line shows."""

    device: str
    models: tuple[ModelStatus, ...]
    waiting: int
    """Requests that are running or queued right now."""
    tokens_per_second: float
    """Over everybody's lanes together, lately; 0 before the first."""
    dtype: str = ""
    """The numbers that the models compute in, such as float32; empty before the start."""
    note: str = ""
    """What the room should know, such as that the GPU was lost."""
    requests: Counts = field(default_factory=Counts)
    work: Work = field(default_factory=Work)
