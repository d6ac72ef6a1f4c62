"""The work itself: which request is in which batch, and what happens when a device fails.

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

from inference.errors import ON_CPU, ModelUnavailable
from inference.loading.device import Device, Devices, Fault, PlacedModel, attempt
from inference.scheduling.job import Job
from inference.scheduling.request_queue import RequestQueue
from inference.scheduling.running_batch import RunningBatch, RunningRequest
from inference.scheduling.running_program import RunningProgram
from inference.scheduling.watchdog import Watch
from inference.task import Result

TURNS = 8
"""Programs that take turns after their first slice, in the order in which they came: where all of a
class did, all of them would be late together."""


class Models(Protocol):
    """Where the scheduler finds its models; may load one again after a fault."""

    def on(self, name: str, device: Device) -> AbstractContextManager[PlacedModel]:
        """A model on this device, or on the CPU where that has no room for it.

        It is in use, and not unloaded to make room, inside the block. Raises ModelUnavailable.
        """

    def evict_idle(self) -> bool:
        """Unload what nobody uses; True where there was something."""

    def forget(self) -> None:
        """Load every model anew: its device is lost, or computes in other numbers now."""


class Scheduler:
    """Runs generation in batches, and other tasks slice by slice. For the worker's thread alone."""

    def __init__(
        self,
        queue: RequestQueue,
        models: Models,
        devices: Devices,
        rows: int,
        watch: Watch | None = None,
    ) -> None:
        """rows: how many may run at once; fewer after memory did not suffice for them.

        watch: is paused while a model is loaded again.
        """
        self.current: Sequence[Job[Any]] = ()
        self._queue = queue
        self._models = models
        self._devices = devices
        self._rows = rows
        self._most = rows
        self._watch = watch or Watch()
        self._programs: deque[RunningProgram] = deque()
        self._batches: deque[RunningBatch] = deque()
        self._parked: deque[RunningRequest] = deque()

    def start(self, job: Job[Any]) -> None:
        """Do the first slice of a program, or let a request join the batch of its model."""
        self.current = (job,)
        if job.short:
            program = self._begin(job, self._devices.current)
            if program is not None:  # most are done with it: they wait for none of the long ones
                self._advance_program(program)
        else:
            self._enter(RunningRequest(job))
        self.current = ()

    def slice(self) -> bool:
        """One slice of one program; the first `TURNS` take turns."""
        for program in [one for one in self._programs if one.job.stop_if_over()]:
            self._programs.remove(program)
            self._queue.leave(program.job)
            program.close()
        if not self._programs:
            return False
        program = self._programs.popleft()
        self.current = (program.job,)
        self._advance_program(program)
        self.current = ()
        return True

    def step(self) -> int | None:
        """Advance one batch; the batches take turns."""
        for _ in range(len(self._parked)):
            running = self._parked.popleft()
            if running.job.stop_if_over():
                self._queue.leave(running.job)
            else:
                self._enter(running)
        if not self._batches:
            return None
        batch = self._batches.popleft()
        self.current = [running.job for running in batch.requests]
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
            self._open([running], running.job.task.model, self._devices.current)

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
            placed = self._placed(name, device, hold)
            batch = None if suspect else self._open_batch(name, placed)
            if batch is None:
                batch = RunningBatch(name, placed, self._most, suspect, hold.pop_all())
                self._batches.append(batch)
            return batch

    def _placed(self, name: str, device: Device, hold: ExitStack) -> PlacedModel:
        """A model on a device, in use as long as `hold` is open. Raises ModelUnavailable."""
        with self._watch.paused():
            return hold.enter_context(self._models.on(name, device))

    def _open_batch(self, name: str, placed: PlacedModel) -> RunningBatch | None:
        batches = (batch for batch in self._batches if batch.takes(name, placed))
        return next(batches, None)

    # programs

    def _begin(self, job: Job[Any], device: Device) -> RunningProgram | None:
        """A program on a device; None where its model is not available, which ends the job."""
        with ExitStack() as hold:
            try:
                placed = self._placed(job.task.model, device, hold)
            except ModelUnavailable as error:
                self._end(job, error)
                return None
            return RunningProgram(job, placed, hold.pop_all())

    def _advance_program(self, program: RunningProgram) -> None:
        """A slice of a program, with the same ways out as a batch of one."""
        job, device = program.job, program.device
        outcome: tuple[Any, bool] | Fault | None = self._devices.fault(device, program.dtype)
        if outcome is None:
            outcome = attempt(program.advance, device, program.dtype)
        if not isinstance(outcome, Fault):
            self._publish(program, *outcome)
            return
        program.stop()
        fault = self._release(device, outcome)
        elsewhere = self._elsewhere(device, fault)
        program.close()  # not before: a model that ran out of memory would make room for itself
        if elsewhere is None:
            self._end(job, fault.error)
        elif (again := self._begin(job, elsewhere)) is not None:
            self._programs.append(again)

    def _publish(self, program: RunningProgram, news: Any, last: bool) -> None:
        job = program.job
        if last or (news is not None and program.done > job.published):
            job.published = program.done
            job.publish(Result(news, self._note(program.device), program.done), last)
        if last:
            self._queue.leave(job)
            program.close()
        elif program.done == 1:
            self._programs.append(program)
        else:
            self._programs.insert(TURNS - 1, program)

    def _end(self, job: Job[Any], error: BaseException) -> None:
        job.end(error)
        self._queue.leave(job)

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
        for program in self._programs:
            if program.device is device:
                program.close()
                self._end(program.job, fault.error)
        self._programs = deque(one for one in self._programs if one.device is not device)
        self._batches = deque(batch for batch in self._batches if batch.device is not device)
        self._devices.condemn()
        self._models.forget()
