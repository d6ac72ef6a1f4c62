"""The in-process backend: a line, a worker, and a shelf of models.

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
from inference.job import Call, Clock, DecodingJob, Job
from inference.limits import Limits
from inference.line import Line, Place
from inference.pace import Load
from inference.shelf import Shelf
from inference.trail import StepState, Trail
from inference.types import HeadSweep, LaneState, Removal, Waiting
from inference.worker import Runner, Worker

if TYPE_CHECKING:
    from inference.collection import Member
    from inference.device import Devices, Placed

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
        """names: the models in `folder`. open_devices: see `Shelf`."""
        self.shelf = Shelf(folder, names, open_devices, limits.megabytes)
        self.line = Line(limits.jobs, limits.rows)
        self.worker = Worker(self.line, self._runner, limits.step_seconds, self._condemn, clock)
        self._limits = limits
        self._clock = clock

    @property
    def status(self) -> BackendStatus:
        devices = self.shelf.opened
        return BackendStatus(
            device=devices.current.name if devices else "starting",
            dtype=str(devices.current.dtype).removeprefix("torch.") if devices else "",
            models=self.shelf.statuses,
            waiting=len(self.line),
            tokens_per_second=self.line.pace.rate,
            note=devices.note if devices else "",
        )

    def open(self, model: str) -> None:
        self.shelf.member(model).get()

    def decode(
        self, work: Decoding, session: str | None
    ) -> Generator[Waiting | Result[tuple[LaneState, ...]], None, None]:
        owner = session and (session, "decode")
        job = DecodingJob(work, self._limits.seconds, owner, self._clock)
        cost = Load(work.rows, work.options.new_tokens)
        return self._follow(work.model, job, cost, self._limits.update_seconds)

    def look(
        self, model: str, trail: Trail, end_of_text: int, session: str | None
    ) -> Generator[Waiting | Result[StepState], None, None]:
        def work(placed: Placed) -> StepState:
            from inference import stepping  # noqa: PLC0415  # torch: on the worker's thread alone

            room = int(1e6 * self._limits.trail_megabytes)
            kept = placed.kept.setdefault("trails", stepping.Snapshots(room))
            reader = stepping.Reader(placed.decoding, model, end_of_text, placed.device.tensors)
            return stepping.look(reader, trail, kept)

        return self._call(model, work, session and (session, "look"))

    def attention(
        self, model: str, ids: tuple[int, ...], session: str | None
    ) -> Generator[Waiting | Result[NDArray[np.float32]], None, None]:
        def work(placed: Placed) -> NDArray[np.float32]:
            from inference import engine  # noqa: PLC0415  # likewise

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
        def work(placed: Placed) -> HeadSweep:
            from inference import ablation, wide  # noqa: PLC0415  # likewise

            model, device, kept = placed.model, placed.device.tensors, placed.kept
            if "sweep" not in kept:  # the first call also writes the reference texts
                reference = ablation.reference(model, end_of_text, device)
                kept["sweep"] = wide.for_many(model), reference
            parts, reference = kept["sweep"]
            replacement = reference.replacement(removal, len(ids))
            return ablation.sweep(model, ids, replacement, device, parts)

        return self._call(model, work, session and (session, "heads"))

    def close(self, seconds: float) -> None:
        self.line.close()
        ends = self._clock() + seconds
        while len(self.line) and self._clock() < ends:
            time.sleep(0.02)
        self.worker.stop()

    def _call(
        self, model: str, work: Callable[[Placed], T], owner: object
    ) -> Generator[Waiting | Result[T], None, None]:
        """Do one thing with a model, between two steps of longer work."""
        job = Call(model, work, self._limits.seconds, owner, self._clock)
        return self._follow(model, job, Load(0, 0), 0.0)

    def _follow(
        self, model: str, job: Job[Result[T]], cost: Load, pause: float
    ) -> Generator[Waiting | Result[T], None, None]:
        """Admit a job, wait until its model is loaded, and hand on its results."""
        member = self.shelf.member(model)
        place = Place(job, cost, ready=False)
        with self.line.admitted(place), member.use():
            yield from self._loaded(member, place)
            self.line.ready(place)
            yield from self.worker.follow(place, pause, self._limits.heartbeat_seconds)

    def _loaded(self, member: Member[Any], place: Place) -> Iterator[Waiting]:
        """How it stands, until the model is there. Raises ModelUnavailable, or the job's error."""
        opened = member.opened()
        while not opened.done() and not place.job.stop_if_over():
            yield self.line.waiting(place, loading=member.status.name)
            wait((opened,), timeout=self._limits.heartbeat_seconds)
        if opened.done():
            opened.result()

    def _runner(self) -> Runner:
        from inference import device  # noqa: PLC0415  # torch: on the worker's thread alone
        from inference.decoder import Decoder  # noqa: PLC0415  # likewise

        device.prepare()
        return Decoder(self.line, self.shelf, self.shelf.devices(), self._limits.rows)

    def _condemn(self) -> None:
        """A step hangs: whatever device it hangs on is not asked again."""
        devices = self.shelf.opened
        if devices:
            devices.condemn()
            self.shelf.forget()


def open_torch(setting: str, half: bool = False, share: float = 1.0) -> Callable[[], Devices]:
    """Chooses torch's device for a setting, once somebody calls it."""

    def choose() -> Devices:
        from inference import device  # noqa: PLC0415  # torch: see above

        return device.choose(setting, half, share)

    return choose
