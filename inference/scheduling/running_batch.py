"""A running batch, and the people whose requests are in it."""

from __future__ import annotations

from contextlib import ExitStack
from dataclasses import dataclass
from typing import Any

from inference.backend import Result
from inference.decoding import lanes
from inference.decoding.batch import ROWS, Batch
from inference.decoding.request import Request
from inference.errors import InternalError, OrreryError
from inference.loading.device import PlacedModel
from inference.scheduling.job import DecodingJob
from inference.scheduling.request_queue import QueueEntry, RequestQueue
from inference.scheduling.throughput import Workload


@dataclass(eq=False)
class RunningRequest:
    """One request at work: what the engine advances, and who waits for it."""

    request: Request
    entry: QueueEntry
    job: DecodingJob

    @classmethod
    def of(cls, entry: QueueEntry, job: DecodingJob) -> RunningRequest:
        """A request from its beginning; the same seed makes it the same every time."""
        options = job.work.options
        built = [lanes.build(o, options.seed, job.work.end_of_text) for o in options.lanes]
        return cls(Request(job.work.prompt, built, options.new_tokens), entry, job)

    @property
    def rows(self) -> int:
        return self.request.rows

    def end(self, queue: RequestQueue, error: BaseException | None = None) -> None:
        """Tell the person; what is no error of the catalogue is one of ours."""
        if error is not None and not isinstance(error, OrreryError):
            error = InternalError(error)
        self.job.end(error)
        queue.leave(self.entry)

    def publish(self, note: str) -> None:
        """Hand out what is new. A request that had to begin again repeats nothing older."""
        left = self.request.tokens_left
        self.entry.left = Workload(self.request.rows, left)
        if left < self.job.tokens_left and self.request.error is None:
            self.job.tokens_left = left
            self.job.publish(Result(self.request.states, note))


class RunningBatch:
    """One batch on one device. For the worker's thread alone."""

    def __init__(
        self, name: str, placed: PlacedModel, most: int, suspect: bool, hold: ExitStack
    ) -> None:
        """most: rows in one forward pass. suspect: one of them may be the cause of a fault.

        hold: keeps the model from being unloaded until `close`, or until nobody has this room any
        more, as when the worker died.
        """
        self.name = name
        self.device, self.dtype = placed.device, placed.dtype
        self.suspect = suspect
        self.requests: list[RunningRequest] = []
        self._hold = hold
        self._batch: Batch[Any] = Batch(placed.decoding, placed.device.tensors, min(ROWS, most))

    @property
    def rows(self) -> int:
        return sum(running.rows for running in self.requests)

    def takes(self, name: str, placed: PlacedModel) -> bool:
        """Whether others who want this model, as it is placed now, may join."""
        here = (self.name, self.device, self.dtype) == (name, placed.device, placed.dtype)
        return here and not self.suspect

    def join(self, running: RunningRequest) -> None:
        """Raises ValueError where the text does not fit the model."""
        self._batch.join(running.request)
        self.requests.append(running)

    def vacate(self) -> list[RunningRequest]:
        """Let go of the batch and all its memory; returns everybody in it."""
        del self._batch
        return self.requests

    def close(self) -> None:
        """Let go of the model. Harmless the second time."""
        self._hold.close()

    def step(self, queue: RequestQueue) -> int:
        """Let go of who has left, then advance the others by a token.

        Returns how many tokens were written. Raises whatever the device does.
        """
        for running in tuple(self.requests):
            if running.job.stop_if_over():
                self.requests.remove(running)
                queue.leave(running.entry)
                self._batch.leave(running.request)
        rows = {running.request: running.rows for running in self.requests}
        return sum(rows[request] for request in self._batch.step()) if rows else 0

    def publish(self, queue: RequestQueue, note: str) -> None:
        """Hand out what is new, and let go of who has ended."""
        for running in self.requests:
            running.publish(note)
            if running.request.ended:
                running.end(queue, running.request.error)
        self.requests = [running for running in self.requests if not running.request.ended]
