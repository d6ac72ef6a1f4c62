"""The in-process backend: a request queue, a worker, and a registry of models.

torch takes longer to import than the page to serve, so only the threads that load and run models
import what needs it.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Generator, Iterator, Sequence
from concurrent.futures import wait
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from inference.backend import BackendStatus, Decoding, Result
from inference.limits import Limits
from inference.loading.registry import ModelRegistry
from inference.scheduling.job import Call, Clock, DecodingJob, Job
from inference.scheduling.request_queue import QueueEntry, RequestQueue
from inference.scheduling.throughput import Workload
from inference.scheduling.worker import Runner, Worker
from inference.tasks.trajectory import StepState, Trajectory
from inference.types import HeadSweep, LaneState, Removal, Waiting

if TYPE_CHECKING:
    from inference.loading.device import Devices, PlacedModel
    from inference.loading.lazy import LazyResource

T = TypeVar("T")


class LocalBackend:
    """Runs models in this process; fulfils `Backend`. Safe to call from any thread."""

    def __init__(
        self,
        folder: Path,
        names: Sequence[str],
        open_devices: Callable[[], Devices],
        limits: Limits,
        clock: Clock = time.monotonic,
    ) -> None:
        """names: the models in `folder`. open_devices: see `ModelRegistry`."""
        self.registry = ModelRegistry(folder, names, open_devices, limits.megabytes)
        self.queue = RequestQueue(limits.jobs, limits.rows)
        self.worker = Worker(self.queue, self._runner, limits.step_seconds, self._condemn, clock)
        self._limits = limits
        self._clock = clock

    @property
    def status(self) -> BackendStatus:
        devices = self.registry.opened
        return BackendStatus(
            device=devices.current.name if devices else "starting",
            dtype=str(devices.current.dtype).removeprefix("torch.") if devices else "",
            models=self.registry.statuses,
            waiting=len(self.queue),
            tokens_per_second=self.queue.throughput.rate,
            note=devices.note if devices else "",
        )

    def open(self, model: str) -> None:
        self.registry.member(model).get()

    def decode(
        self, work: Decoding, session: str | None
    ) -> Generator[Waiting | Result[tuple[LaneState, ...]], None, None]:
        owner = session and (session, "decode")
        job = DecodingJob(work, self._limits.seconds, owner, self._clock)
        cost = Workload(work.rows, work.options.new_tokens)
        return self._follow(work.model, job, cost, self._limits.update_seconds)

    def look(
        self, model: str, trail: Trajectory, end_of_text: int, session: str | None
    ) -> Generator[Waiting | Result[StepState], None, None]:
        def work(placed: PlacedModel) -> StepState:
            from inference.tasks import stepping  # noqa: PLC0415  # torch: on the worker's thread alone

            room = int(1e6 * self._limits.trail_megabytes)
            kept = placed.kept.setdefault("trails", stepping.Snapshots(room))
            reader = stepping.Reader(placed.decoding, model, end_of_text, placed.device.tensors)
            return stepping.look(reader, trail, kept)

        return self._call(model, work, session and (session, "look"))

    def attention(
        self, model: str, ids: tuple[int, ...], session: str | None
    ) -> Generator[Waiting | Result[NDArray[np.float32]], None, None]:
        def work(placed: PlacedModel) -> NDArray[np.float32]:
            from inference.decoding import engine  # noqa: PLC0415  # likewise

            return engine.attention(placed.model, ids, device=placed.device.tensors)

        return self._call(model, work, session and (session, "attention"))

    def without_heads(
        self,
        model: str,
        ids: tuple[int, ...],
        removal: Removal,
        end_of_text: int,
        session: str | None,
    ) -> Generator[Waiting | Result[HeadSweep], None, None]:
        def work(placed: PlacedModel) -> HeadSweep:
            from inference.tasks import ablation  # noqa: PLC0415  # likewise
            from models.transformer import packed  # noqa: PLC0415  # likewise

            model, device, kept = placed.model, placed.device.tensors, placed.kept
            if "sweep" not in kept:  # the first call also writes the reference texts
                reference = ablation.reference(model, end_of_text, device)
                kept["sweep"] = packed.for_many(model), reference
            parts, reference = kept["sweep"]
            replacement = reference.replacement(removal, len(ids))
            return ablation.sweep(model, ids, replacement, device, parts)

        return self._call(model, work, session and (session, "heads"))

    def close(self, seconds: float) -> None:
        self.queue.close()
        ends = self._clock() + seconds
        while len(self.queue) and self._clock() < ends:
            time.sleep(0.02)
        self.worker.stop()

    def _call(
        self, model: str, work: Callable[[PlacedModel], T], owner: object
    ) -> Generator[Waiting | Result[T], None, None]:
        """Do one thing with a model, between two steps of longer work."""
        job = Call(model, work, self._limits.seconds, owner, self._clock)
        return self._follow(model, job, Workload(0, 0), 0.0)

    def _follow(
        self, model: str, job: Job[Result[T]], cost: Workload, pause: float
    ) -> Generator[Waiting | Result[T], None, None]:
        """Admit a job, wait until its model is loaded, and hand on its results."""
        member = self.registry.member(model)
        entry = QueueEntry(job, cost, ready=False)
        with self.queue.admitted(entry), member.use():
            yield from self._loaded(member, entry)
            self.queue.ready(entry)
            yield from self.worker.follow(entry, pause, self._limits.heartbeat_seconds)

    def _loaded(self, member: LazyResource[Any], entry: QueueEntry) -> Iterator[Waiting]:
        """How it stands, until the model is there. Raises ModelUnavailable, or the job's error."""
        opened = member.opened()
        while not opened.done() and not entry.job.stop_if_over():
            yield self.queue.waiting(entry, loading=member.status.name)
            wait((opened,), timeout=self._limits.heartbeat_seconds)
        if opened.done():
            opened.result()

    def _runner(self) -> Runner:
        from inference.loading import device  # noqa: PLC0415  # torch: on the worker's thread alone
        from inference.scheduling.scheduler import Scheduler  # noqa: PLC0415  # likewise

        device.prepare()
        return Scheduler(self.queue, self.registry, self.registry.devices(), self._limits.rows)

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
