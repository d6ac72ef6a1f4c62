"""The work itself: who is in which batch, and what happens when a device fails under it.

When a step fails, its batch is thrown away and its requests, which are whole, go on in others:
 - out of memory: half of them now and half later; then, alone, without the idle models; then on
   the CPU;
 - the device is lost: those on it end, and the CPU serves everybody else;
 - an operation lacks in 16 bit: the model is loaded again in 32;
 - anything else: two halves, and halves of halves, until the one that causes it fails alone.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from contextlib import AbstractContextManager, ExitStack
from functools import partial
from typing import Any, Protocol

from inference.backend import Result
from inference.errors import ON_CPU, ModelUnavailable
from inference.loading.device import Device, Devices, Fault, PlacedModel, attempt
from inference.scheduling.job import Call, DecodingJob
from inference.scheduling.request_queue import QueueEntry, RequestQueue
from inference.scheduling.running_batch import RunningBatch, RunningRequest


class Models(Protocol):
    """Where the decoder finds its models; may load one again after a fault."""

    def on(self, name: str, device: Device) -> AbstractContextManager[PlacedModel]:
        """A model on this device, or on the CPU where that has no room for it.

        It is in use, and not unloaded to make room, inside the block. Raises ModelUnavailable.
        """

    def evict_idle(self) -> bool:
        """Unload what nobody uses; True where there was something."""

    def forget(self) -> None:
        """Load every model anew: its device is lost, or computes in other numbers now."""


class Scheduler:
    """Runs decodings in batches and calls one by one. For the worker's thread alone."""

    def __init__(self, queue: RequestQueue, models: Models, devices: Devices, rows: int) -> None:
        """rows: how many may run at once; fewer after memory did not suffice for them."""
        self.current: Sequence[QueueEntry] = ()
        self._queue = queue
        self._models = models
        self._devices = devices
        self._rows = rows
        self._most = rows
        self._batches: deque[RunningBatch] = deque()
        self._parked: deque[RunningRequest] = deque()

    def start(self, entry: QueueEntry) -> None:
        """Do a call, or let a decoding join the batch of its model."""
        self.current = (entry,)
        if isinstance(entry.job, Call):
            self._call(entry, entry.job)
        elif isinstance(entry.job, DecodingJob):
            self._enter(RunningRequest.of(entry, entry.job))
        self.current = ()

    def step(self) -> int | None:
        """Advance one batch; the batches take turns."""
        for _ in range(len(self._parked)):
            running = self._parked.popleft()
            if running.job.stop_if_over():
                self._queue.leave(running.entry)
            else:
                self._enter(running)
        if not self._batches:
            return None
        batch = self._batches.popleft()
        self.current = [running.entry for running in batch.requests]
        written = self._advance(batch)
        batch.publish(self._queue, self._note(batch.device))
        if isinstance(written, Fault):
            self._recover(batch, written)
            batch.close()  # not before: a model that ran out of memory would make room for itself
            written = 0
        elif batch.requests:
            self._batches.append(batch)
        else:
            self._finish(batch)
        self.current = ()
        return written

    def _advance(self, batch: RunningBatch) -> int | Fault:
        """A step, unless it is known already that it cannot go well."""
        known = self._devices.fault(batch.device, batch.dtype)
        if known is not None:
            return known
        return attempt(partial(batch.step, self._queue), batch.device, batch.dtype)

    def _finish(self, batch: RunningBatch) -> None:
        batch.close()
        if not self._batches:
            self._most = min(self._rows, 2 * self._most)  # what was tight then may be free now

    def _enter(self, running: RunningRequest) -> None:
        """Into the batch of its model, or aside until there is memory."""
        rows = sum(batch.rows for batch in self._batches)
        if rows and rows + running.rows > self._most:
            self._parked.append(running)
        else:
            self._open([running], running.job.work.model, self._devices.current)

    def _open(
        self, requests: Sequence[RunningRequest], name: str, device: Device, suspect: bool = False
    ) -> None:
        """Put requests into the open batch of a model, or together into a new one."""
        try:
            batch = self._batch(name, device, suspect)
        except ModelUnavailable as error:
            for running in requests:
                running.end(self._queue, error)
            return
        for running in requests:
            try:
                batch.join(running)
            except ValueError as error:  # a bug of ours: the service has checked the length
                running.end(self._queue, error)

    def _batch(self, name: str, device: Device, suspect: bool) -> RunningBatch:
        """The open batch of a model, or a new one. Raises ModelUnavailable."""
        with ExitStack() as hold:
            placed = hold.enter_context(self._models.on(name, device))
            batch = None if suspect else self._open_batch(name, placed)
            if batch is None:
                batch = RunningBatch(name, placed, self._most, suspect, hold.pop_all())
                self._batches.append(batch)
            return batch

    def _open_batch(self, name: str, placed: PlacedModel) -> RunningBatch | None:
        batches = (batch for batch in self._batches if batch.takes(name, placed))
        return next(batches, None)

    def _call(self, entry: QueueEntry, job: Call[Any]) -> None:
        """Do one thing, with the same ways out as a batch of one."""
        device: Device | None = self._devices.current
        while device is not None and not job.stop_if_over():
            device = self._try(job, device)
        self._queue.leave(entry)

    def _try(self, job: Call[Any], device: Device) -> Device | None:
        """Do a call on a device; where to try it again, if anywhere."""
        try:
            with self._models.on(job.model, device) as placed:
                return self._answer(job, placed)
        except ModelUnavailable as error:
            job.end(error)
            return None

    def _answer(self, job: Call[Any], placed: PlacedModel) -> Device | None:
        """Do a call with a model; returns as `_try` does, which lets go of the model first."""
        outcome = attempt(partial(job.work, placed), placed.device, placed.dtype)
        if not isinstance(outcome, Fault):
            job.publish(Result(outcome, self._note(placed.device)))
            job.end()
            return None
        fault = self._release(placed.device, outcome)
        device = self._elsewhere(placed.device, fault)
        if device is None:
            job.end(fault.error)
        return device

    def _note(self, device: Device) -> str:
        return ON_CPU if device is not self._devices.current else ""

    # when a device fails

    def _recover(self, batch: RunningBatch, fault: Fault) -> None:
        """Let the requests of a batch that failed go on elsewhere, or tell their people why not."""
        most = max(1, batch.rows // 2)
        requests = batch.vacate()
        fault = self._release(batch.device, fault)
        half = (len(requests) + 1) // 2
        if len(requests) > 1 and fault.kind == "memory":
            self._most = most
            self._parked.extendleft(reversed(requests[half:]))
            self._open(requests[:half], batch.name, batch.device)
        elif len(requests) > 1 and fault.kind == "request":
            for part in (requests[:half], requests[half:]):
                self._open(part, batch.name, batch.device, suspect=True)
        elif requests or fault.kind == "lost":  # it may come out as the last one leaves
            device = self._elsewhere(batch.device, fault)
            if device is not None:
                self._open(requests, batch.name, device, suspect=True)
            else:
                for running in requests:
                    running.end(self._queue, fault.error)

    def _release(self, device: Device, fault: Fault) -> Fault:
        """Give back what is not used where there was no memory.

        Returns the fault to go by: a device that queues its work may only now say that it is lost.
        """
        released = attempt(device.release, device) if fault.kind == "memory" else None
        return released or fault

    def _elsewhere(self, device: Device, fault: Fault) -> Device | None:
        """Where to try again what failed on a device by itself; None where nothing would help."""
        if fault.kind == "memory":
            if self._models.evict_idle():
                return device
            return self._devices.cpu if device is not self._devices.cpu else None
        if fault.kind == "dtype":
            if device.lower():  # once: the other batches of this device follow, each in its turn
                self._models.forget()
            return device
        if fault.kind == "lost":
            self._lose(device, fault)
        return None

    def _lose(self, device: Device, fault: Fault) -> None:
        """The device is dead: what runs on it ends, and nothing touches it any more."""
        for batch in self._batches:
            if batch.device is device:
                batch.close()
                for running in batch.requests:
                    running.end(self._queue, fault.error)
        self._batches = deque(batch for batch in self._batches if batch.device is not device)
        self._devices.condemn()
        self._models.forget()
