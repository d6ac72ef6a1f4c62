"""The in-process backend: a request queue, a worker, and a registry of models.

torch takes longer to import than the page to serve, so only the threads that load and run models
import what needs it.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Generator, Iterator, Mapping
from concurrent.futures import wait
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from inference.backend import BackendStatus
from inference.limits import Limits
from inference.loading.registry import ModelRegistry, Source
from inference.scheduling.job import Clock, Job
from inference.scheduling.process import ProcessPool
from inference.scheduling.request_queue import RequestQueue
from inference.scheduling.throughput import Workload
from inference.scheduling.watchdog import Watch
from inference.scheduling.worker import Runner, Worker
from inference.task import N, ProcessTask, Result, Task
from inference.types.waiting import Waiting

if TYPE_CHECKING:
    from inference.loading.device import Devices
    from inference.loading.lazy import LazyResource


class LocalBackend:
    """Runs models in this process; fulfils `Backend`. Safe to call from any thread."""

    def __init__(
        self,
        sources: Mapping[str, Source],
        open_devices: Callable[[], Devices],
        limits: Limits,
        clock: Clock = time.monotonic,
        trained: Callable[[str], Path | None] = lambda name: None,
    ) -> None:
        """sources, open_devices, trained: see `ModelRegistry`."""
        self.registry = ModelRegistry(sources, open_devices, limits.megabytes, trained)
        self.queue = RequestQueue(limits.jobs, limits.rows)
        self.worker = Worker(self.queue, self._runner, limits.step_seconds, self._condemn, clock)
        self.processes = ProcessPool(limits, clock)
        self._limits = limits
        self._clock = clock

    @property
    def status(self) -> BackendStatus:
        devices = self.registry.opened
        return BackendStatus(
            device=devices.current.name if devices else "starting",
            dtype=str(devices.current.dtype).removeprefix("torch.") if devices else "",
            models=self.registry.statuses,
            waiting=len(self.queue) + len(self.processes.queue),
            tokens_per_second=self.queue.throughput.rate,
            note=devices.note if devices else "",
            work=replace(
                self.queue.work, trainings=self.processes.begun, training=self.processes.running
            ),
        )

    def open(self, model: str) -> None:
        self.registry.member(model).get()

    def run(
        self, task: Task[N, Any], session: str | None, after: int = 0
    ) -> Generator[Waiting | Result[N], None, None]:
        """Admit a task, wait until its model is loaded, and hand on its results."""
        if isinstance(task, ProcessTask):
            yield from self.processes.run(task, session)
            return
        model, limits = self.registry.member(task.model), self._limits
        owner = session and (session, type(task).__name__)
        cost = Workload(task.rows, task.steps)
        job: Job[Result[N]] = Job(limits.seconds, owner, self._clock, cost, task, ready=False)
        job.published = after
        with self.queue.admitted(job), model.use():
            yield from self._loaded(model, job)
            self.queue.ready(job)
            yield from self.worker.follow(job, limits.update_seconds, limits.heartbeat_seconds)

    def close(self, seconds: float) -> None:
        self.queue.close()
        self.processes.queue.close()
        ends = self._clock() + seconds
        while len(self.queue) + len(self.processes.queue) and self._clock() < ends:
            time.sleep(0.02)
        self.processes.close()
        self.worker.stop()

    def _loaded(self, model: LazyResource[Any], job: Job[Any]) -> Iterator[Waiting]:
        """That it loads, until it has. Raises ModelUnavailable, or the job's error."""
        opened = model.opened()
        while not opened.done() and not job.stop_if_over():
            yield self.queue.waiting(job, loading=model.status.name)
            wait((opened,), timeout=self._limits.heartbeat_seconds)
        if opened.done():
            opened.result()

    def _runner(self, watch: Watch) -> Runner:
        from inference.loading import device  # noqa: PLC0415  # torch: on the worker's thread alone
        from inference.scheduling.scheduler import Scheduler  # noqa: PLC0415  # likewise

        device.prepare()
        rows = self._limits.rows
        return Scheduler(self.queue, self.registry, self.registry.devices(), rows, watch)

    def _condemn(self) -> None:
        """A step hangs: whatever device it hangs on is not asked again."""
        devices = self.registry.opened
        if devices:
            devices.condemn()
            self.registry.forget()


def open_torch(setting: str, half: bool = False, share: float = 1.0) -> Callable[[], Devices]:
    """Chooses torch's device for a setting, once somebody calls it."""

    def choose() -> Devices:
        from inference.loading import device  # noqa: PLC0415  # torch: see above

        return device.choose(setting, half, share)

    return choose
