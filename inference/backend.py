"""What the service asks of whatever runs the models: in this process, or at the far end of a wire.

Everything that passes here is plain: names, ids, frozen dataclasses and numpy arrays, errors that
have a code. Results are streams that can be left at any time, which cancels the work.
"""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import dataclass
from typing import Generic, Protocol, TypeVar

import numpy as np
from numpy.typing import NDArray

from inference.status import ModelStatus
from inference.tasks.trajectory import StepState, Trajectory
from inference.types import GenerationOptions, HeadSweep, LaneState, Removal, Waiting

T_co = TypeVar("T_co", covariant=True)


@dataclass(frozen=True)
class Result(Generic[T_co]):
    """Something to show."""

    value: T_co
    note: str = ""
    """What was special about it, in a sentence."""


@dataclass(frozen=True)
class Decoding:
    """A prompt to go on with."""

    model: str
    prompt: tuple[int, ...]
    options: GenerationOptions
    end_of_text: int

    @property
    def rows(self) -> int:
        return sum(lane.rows for lane in self.options.lanes)

    @property
    def cost(self) -> int:
        """Its rows, times the tokens that each may write."""
        return self.rows * self.options.new_tokens


@dataclass(frozen=True)
class BackendStatus:
    """How the backend is, right now."""

    device: str
    dtype: str
    models: tuple[ModelStatus, ...]
    waiting: int
    tokens_per_second: float
    note: str = ""


class Backend(Protocol):
    """Runs models for many people at once.

    A stream begins with a Waiting as soon as the request is admitted, and yields another, or the
    newest result again, at least every `limits.heartbeat_seconds`. It raises Busy where nobody
    can be admitted, ModelUnavailable, TimedOut, and the other errors of the catalogue.
    session: names a person's page, for fairness; None is nobody in particular.
    """

    @property
    def status(self) -> BackendStatus: ...

    def open(self, model: str) -> None:
        """Load a model and wait for it. Raises ModelUnavailable."""

    def decode(
        self, work: Decoding, session: str | None
    ) -> Generator[Waiting | Result[tuple[LaneState, ...]], None, None]:
        """All lanes, after every step or as often as somebody can look."""

    def look(
        self, model: str, trail: Trajectory, end_of_text: int, session: str | None
    ) -> Generator[Waiting | Result[StepState], None, None]:
        """What can be seen at the end of a trail, once. Raises BadTrajectory or TooLong."""

    def attention(
        self, model: str, ids: tuple[int, ...], session: str | None
    ) -> Generator[Waiting | Result[NDArray[np.float32]], None, None]:
        """(layers, heads, queries, keys), once."""

    def without_heads(
        self,
        model: str,
        ids: tuple[int, ...],
        removal: Removal,
        end_of_text: int,
        session: str | None,
    ) -> Generator[Waiting | Result[HeadSweep], None, None]:
        """Every head removed, one by one, once."""

    def close(self, seconds: float) -> None:
        """Admit nobody more, and give what is under way `seconds` to end."""
