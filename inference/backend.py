"""What the service asks of whatever runs the models: in this process, or in another.

Everything that passes here is plain: names, frozen tasks, numpy arrays, errors that have a code.
"""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import dataclass, field
from typing import Any, Protocol

from inference.status import ModelStatus, Work
from inference.task import N, Result, Task
from inference.types.waiting import Waiting


@dataclass(frozen=True)
class BackendStatus:
    """How the backend is, right now."""

    device: str
    dtype: str
    models: tuple[ModelStatus, ...]
    waiting: int
    tokens_per_second: float
    note: str = ""
    work: Work = field(default_factory=Work)


class Backend(Protocol):
    """Runs models for many people at once."""

    @property
    def status(self) -> BackendStatus: ...

    def open(self, model: str) -> None:
        """Load a model and wait for it. Raises ModelUnavailable."""

    def run(
        self, task: Task[N, Any], session: str | None, after: int = 0
    ) -> Generator[Waiting | Result[N], None, None]:
        """The news of a prepared task, of which the last is its result. Leaving it cancels.

        It begins with a Waiting as soon as the task is admitted, and yields another, or a result,
        at least every `limits.heartbeat_seconds`. Raises Busy where nobody can be admitted,
        ModelUnavailable, TimedOut, and the other errors of `inference.errors`.
        session: names a person's page, for fairness; None is nobody in particular. after: `done`
        of the newest result that the person has seen elsewhere; none that holds less is yielded.
        """

    def close(self, seconds: float) -> None:
        """Admit nobody more, and give what is under way `seconds` to end."""
