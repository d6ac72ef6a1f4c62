"""The running batch of one model, and the requests in it."""

from __future__ import annotations

from contextlib import ExitStack
from typing import Any

from inference.decoding import lanes
from inference.decoding.batch import ROWS, Batch
from inference.decoding.request import Request
from inference.loading.device import PlacedModel
from inference.scheduling.job import Job
from inference.scheduling.request_queue import RequestQueue
from inference.scheduling.throughput import Workload
from inference.task import Result
from inference.tasks.generate import Generate


class RunningRequest(Request):
    """A request, and the job whose reader waits for it."""

    def __init__(self, job: Job[Any]) -> None:
        """A request from its beginning; the same seed makes it the same every time."""
        task: Generate = job.task
        options = task.options
        ids = task.tokens.ids
        built = [lanes.build(o, options.seed, task.ends, prompt=ids) for o in options.lanes]
        super().__init__(ids, built, options.new_tokens, task.source)
        self.job = job

    def end(self, queue: RequestQueue, error: BaseException | None = None) -> None:
        """Tell the person."""
        self.job.end(error)
        queue.leave(self.job)

    def publish(self, note: str) -> None:
        """Hand out what is new. A request that had to begin again repeats nothing older."""
        self.job.left = Workload(self.rows, self.tokens_left)
        done = self.job.cost.tokens - self.tokens_left
        if done > self.job.published and self.error is None:
            self.job.published = done
            self.job.publish(Result(self.states, note, done))


class RunningBatch:
    """One batch on one device. For the worker's thread alone."""

    def __init__(
        self, name: str, placed: PlacedModel, most: int, suspect: bool, hold: ExitStack
    ) -> None:
        """most: rows in one forward pass. suspect: one of them may be the cause of a fault.

        hold: keeps the model from being unloaded until `close`, or until the worker has died and
        with it the last reference to this batch.
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
        self._batch.join(running)
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
                queue.leave(running.job)
                self._batch.leave(running)
        rows: dict[Request, int] = {running: running.rows for running in self.requests}
        return sum(rows[request] for request in self._batch.step()) if rows else 0

    def publish(self, queue: RequestQueue, note: str) -> None:
        """Hand out what is new, and let go of who has ended."""
        for running in self.requests:
            running.publish(note)
            if running.ended:
                running.end(queue, running.error)
        self.requests = [running for running in self.requests if not running.ended]
