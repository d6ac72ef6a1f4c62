"""In which order the scheduler does the slices of many programs."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from types import SimpleNamespace
from typing import Any

from inference.loading.device import Devices, PlacedModel, TorchDevice
from inference.scheduling.job import Job
from inference.scheduling.request_queue import RequestQueue
from inference.scheduling.scheduler import TURNS, Scheduler

MANY = 3 * TURNS
SLICES = 5


class Setting:
    """A scheduler whose programs write down which of them does a slice, and nothing else."""

    def __init__(self) -> None:
        cpu = TorchDevice("cpu")
        self.queue = RequestQueue(1_000, 1_000)
        self.slices: list[str] = []
        self._placed = PlacedModel(None, cpu, cpu.dtype, None)
        models: Any = SimpleNamespace(on=self._on)
        self.scheduler = Scheduler(self.queue, models, Devices(cpu, cpu), 1_000)

    @contextmanager
    def _on(self, *_: object) -> Iterator[PlacedModel]:
        yield self._placed

    def start(self, name: str, slices: int) -> Job[Any]:
        def program(_: object) -> Iterator[None]:
            for number in range(slices):
                self.slices.append(name)
                if number < slices - 1:
                    yield None

        job: Job[Any] = Job(60.0, task=SimpleNamespace(model="any", program=program))
        self.queue.enter(job)
        job.running = True
        self.scheduler.start(job)
        return job

    def run(self) -> None:
        while self.scheduler.slice():
            pass


def test_of_many_programs_the_first_are_done_while_the_last_wait() -> None:
    """Where all took turns, the first would be done after MANY * (SLICES - 1) + 1 slices."""
    setting = Setting()
    names = [str(number) for number in range(MANY)]
    jobs = [setting.start(name, SLICES) for name in names]
    assert setting.slices == names  # each begins at once
    setting.run()
    assert all(job.ended for job in jobs) and not len(setting.queue)
    last = {name: len(setting.slices) - setting.slices[::-1].index(name) for name in names}
    assert sorted(names, key=last.__getitem__) == names
    assert last["0"] <= MANY + (SLICES - 1) * TURNS
    turns = setting.slices[MANY : MANY + TURNS]
    assert turns == names[:TURNS]


def test_a_program_of_one_slice_waits_for_none_of_the_others() -> None:
    setting = Setting()
    for number in range(MANY):
        setting.start(str(number), SLICES)
    short = setting.start("short", 1)
    assert short.ended and setting.slices[-1] == "short"


def test_one_that_is_left_while_it_waits_behind_others_is_dropped_at_once() -> None:
    setting = Setting()
    jobs = [setting.start(str(number), SLICES) for number in range(MANY)]
    jobs[-1].cancel()
    assert setting.scheduler.slice()
    assert jobs[-1].ended and jobs[-1] not in setting.queue.jobs()
    setting.run()
    assert setting.slices.count(str(MANY - 1)) == 1
