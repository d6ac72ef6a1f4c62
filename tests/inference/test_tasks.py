"""Tasks: on the smallest collection, through bytes, and slice by slice between other work."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Generator, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, is_dataclass
from pathlib import Path
from types import SimpleNamespace
from typing import Any, ClassVar, ForwardRef, get_args

import numpy as np
import pytest
import torch

from components.attention import sentences
from components.generation import lanes, wheel
from inference import tasks, wire
from inference.entry import Capability
from inference.errors import InternalError, OrreryError, Restarted
from inference.limits import Limits
from inference.loading.device import Devices, TorchDevice
from inference.local import LocalBackend
from inference.service import Service
from inference.task import Result, Task
from inference.tasks.attention.ablation import Ablation
from inference.tasks.attention.maps import Attention
from inference.tasks.cut import Cut
from inference.tasks.fill_in import FillIn
from inference.tasks.generate import Generate
from inference.tasks.stepping import NextToken
from inference.types.options import GenerationOptions, LaneOptions
from inference.types.tokenized import Tokenized
from inference.types.waiting import Waiting
from tests.inference.faulty import FaultyDevice
from tests.inference.values import equal
from training.paths import Paths

PATIENCE = 30.0
OPENINGS = [str(next(iter(one.EXAMPLES.values()))[0]) for one in (lanes, sentences)]
READ = Tokenized("", (1, 2, 3), (b"",) * 3)
TASKS = sorted(
    {
        kind
        for module in wire.modules(tasks)
        for kind in vars(module).values()
        if isinstance(kind, type) and issubclass(kind, Task) and kind.__module__ == module.__name__
    },
    key=lambda kind: kind.__name__,
)
"""Every question there is."""


@dataclass(frozen=True)
class Counting(Task[int, int]):
    """A program of several slices, each a forward pass."""

    slices: int = 5
    needs: ClassVar[tuple[Capability, ...]] = ("attend",)

    def program(self, placed: Any) -> Generator[int, None, int]:
        for number in range(1, self.slices):
            placed.model.forward(torch.tensor([[number]]))
            yield number
        placed.model.forward(torch.tensor([[0]]))
        return self.slices


@pytest.fixture
def make(tiny_folder: Path) -> Callable[..., LocalBackend]:
    def backend(device: Any, **limits: Any) -> LocalBackend:
        devices = Devices(device, TorchDevice("cpu"))
        asked = Limits(**{"seconds": PATIENCE, "update_seconds": 0.0, **limits})
        return LocalBackend({"tiny": tiny_folder}, lambda: devices, asked)

    return backend


def values(stream: Iterator[Waiting | Result[Any]]) -> list[Any]:
    return [news.value for news in stream if isinstance(news, Result)]


def counting(slices: int = 5) -> Counting:
    return Counting("", "tiny", slices, tokens=READ)


def generate(new_tokens: int) -> Generate:
    options = GenerationOptions((LaneOptions("Greedy"),), new_tokens)
    return Generate("", "tiny", options, tokens=READ)


def wait_until(reached: Callable[[], object]) -> None:
    ends = time.monotonic() + PATIENCE
    while not reached():
        assert time.monotonic() < ends
        time.sleep(0.002)


# on the collection of `make train-tiny`


def test_the_default_inputs_of_every_task_run_on_the_tiny_collection(
    tiny_collection: Paths,
) -> None:
    service = Service(tiny_collection.checkpoints, device="cpu")
    for entry in service.catalog.entries("write", listed=False):
        task = Generate(OPENINGS[0], entry.name)
        *_, last = service.run(task)
        written = {len(lane.steps) for lane in last.lanes if lane.end == "length"}
        assert written <= {
            task.options.new_tokens,
            service.catalog.bounds(entry.name).room(len(last.prompt)),
        }, entry.name
        *_, state = service.run(NextToken(wheel.OPENING, entry.name))
        assert state.offered is not None, entry.name
    for entry in service.catalog.entries("attend", listed=False):
        text = OPENINGS[1][: 60 if entry.unit == "characters" else None]
        *_, maps = service.run(Attention(text, entry.name))
        assert maps.weights.shape[:2] == (2, 2), entry.name
    for entry in service.catalog.entries("remove heads", listed=False):
        text = OPENINGS[1][: 60 if entry.unit == "characters" else None]
        *_, removals = service.run(Ablation(text, entry.name))
        assert np.isfinite(removals.sweep.bits_without).all(), entry.name
    for entry in service.catalog.entries("fill in"):
        *_, filled = service.run(FillIn("The [MASK] slept.", entry.name))
        assert filled.probabilities.shape == (1, service.catalog.bounds(entry.name).vocabulary)
    for entry in service.catalog.entries("cut"):
        assert service.answer(Cut("The fox slept.", entry.name)).ids, entry.name
    for entry in service.catalog.entries("embed"):
        assert "fox" in service.word_vectors(entry.name).index, entry.name


# through bytes


@pytest.mark.parametrize(
    "value",
    [
        *(None, True, 0, -(2**40), 0.1, float("inf"), "\u202e\ud800", b"\x00\xff", ()),
        (1, (2.5, "a"), ()),
        {1: b"x", 2: b""},
        Result((Waiting(2, 1.5), GenerationOptions()), "note"),
    ],
)
def test_plain_values_come_back_as_they_were(value: object) -> None:
    assert equal(wire.loads(wire.dumps(value), wire.known()), value)


@pytest.mark.parametrize("kind", [np.float32, np.float16, np.int64, np.bool_])
def test_arrays_come_back_with_their_bits(kind: type[Any]) -> None:
    array = np.arange(24).reshape(2, 3, 4).astype(kind)[:, ::2]
    assert equal(wire.loads(wire.dumps(array), {}), array)
    assert wire.loads(wire.dumps(np.zeros((0, 3))), {}).shape == (0, 3)


@pytest.mark.parametrize("task", TASKS, ids=lambda task: str(task.__name__))
def test_the_news_of_every_task_can_be_read_on_another_machine(task: type[Any]) -> None:
    """A class that the task knows only to type checkers is none that may be built."""
    news, *_ = get_args(task.__orig_bases__[0])
    known = wire.known()
    for kind in (news, *get_args(news)):
        assert not isinstance(kind, (str, ForwardRef)), kind
        if is_dataclass(kind):
            assert known[kind.__name__] is kind  # type: ignore[union-attr]


@pytest.mark.parametrize(
    "data",
    [
        b"{",
        b"\xff",
        b'{"class":"Popen","args":["ls"]}',
        b'{"class":"Waiting","nothing":1}',
        b'{"array":["|O",[1],"AAAAAAAAAAA="]}',
        b'{"array":["<f4",[9],"AAAA"]}',
        b'{"bytes":"%"}',
        b'{"other":1}',
    ],
)
def test_bytes_that_hold_none_of_our_values_are_refused(data: bytes) -> None:
    with pytest.raises(ValueError):
        wire.loads(data, wire.known())


def test_what_is_no_plain_value_is_not_sent() -> None:
    for value in (object(), {1, 2}, lambda: 1, np.array([object()])):
        with pytest.raises((TypeError, ValueError)):
            wire.loads(wire.dumps(value), wire.known())


# slice by slice


def test_a_program_gives_news_after_every_slice(make: Callable[..., LocalBackend]) -> None:
    backend = make(FaultyDevice(lambda ids, number: time.sleep(0.02)))
    assert values(backend.run(counting(), None)) == [1, 2, 3, 4, 5]
    assert len(backend.queue) == 0


def test_a_long_program_and_a_batch_take_turns(make: Callable[..., LocalBackend]) -> None:
    backend = make(FaultyDevice())
    backend.open("tiny")
    order: list[str] = []
    placed = backend.registry.member("tiny").get()
    forward = placed.model.forward

    def watched(ids: torch.Tensor, cache: Any = None, trace: Any = None) -> torch.Tensor:
        order.append("slice" if cache is None else "step")
        time.sleep(0.005)
        return forward(ids, cache, trace)

    placed.model.forward = watched
    with ThreadPoolExecutor(2) as people:
        program = people.submit(values, backend.run(counting(40), None))
        wait_until(lambda: order.count("slice") > 2)
        lanes = people.submit(values, backend.run(generate(12), None))
        assert lanes.result()[-1][0].end == "length"
        assert program.result()[-1] == 40
    first, last = order.index("step"), len(order) - order[::-1].index("step")
    between = order[first:last]
    assert between.count("step") >= 12
    assert abs(between.count("slice") - between.count("step")) <= 2


def test_leaving_a_program_stops_it_within_one_slice(make: Callable[..., LocalBackend]) -> None:
    gate = threading.Semaphore(0)
    device = FaultyDevice(lambda ids, number: gate.acquire(timeout=PATIENCE) or None)
    backend = make(device)
    stream = backend.run(counting(1000), None)
    gate.release(2)
    while not isinstance(next(stream), Result):
        pass
    stream.close()
    calls = device.calls
    gate.release(50)
    wait_until(lambda: len(backend.queue) == 0)
    assert device.calls <= calls + 1


def test_a_slice_that_hangs_is_seen_whichever_it_is(make: Callable[..., LocalBackend]) -> None:
    for guilty in (1, 3):
        release = threading.Event()

        def hang(
            ids: torch.Tensor, number: int, at: int = guilty, go: threading.Event = release
        ) -> None:
            if number == at:
                go.wait(PATIENCE)

        backend = make(FaultyDevice(hang), step_seconds=0.4, heartbeat_seconds=0.05)
        with pytest.raises(Restarted):
            list(backend.run(counting(), None))
        assert backend.worker.watchdog.hung == 1
        assert values(backend.run(counting(), None))[-1] == 5
        release.set()


def test_the_start_of_a_long_job_is_watched_and_loading_again_is_not(
    make: Callable[..., LocalBackend], monkeypatch: pytest.MonkeyPatch
) -> None:
    from inference.scheduling.running_batch import RunningRequest

    release, build = threading.Event(), RunningRequest.__init__

    def hang(self: RunningRequest, job: Any) -> None:
        release.wait(PATIENCE)
        build(self, job)

    backend = make(FaultyDevice(), step_seconds=0.4, heartbeat_seconds=0.05)
    backend.open("tiny")
    monkeypatch.setattr(RunningRequest, "__init__", hang)
    with pytest.raises(Restarted):
        list(backend.run(generate(3), None))
    release.set()
    monkeypatch.setattr(RunningRequest, "__init__", build)
    assert backend.worker.watchdog.hung == 1

    device = FaultyDevice(dtype=torch.float16)
    device.lacks_from = 3
    place = device.place

    def slowly(model: Any) -> Any:
        if device.places:
            time.sleep(1.2)  # three times what a step may take
        return place(model)

    device.place = slowly  # type: ignore[method-assign]
    backend = make(device, step_seconds=0.4, heartbeat_seconds=0.05)
    assert values(backend.run(generate(5), None))[-1][0].end != "running"
    assert (device.places, backend.worker.watchdog.hung) == (2, 0)


def test_a_program_that_fails_tells_its_own_person_alone(
    make: Callable[..., LocalBackend],
) -> None:
    def fail(ids: torch.Tensor, number: int) -> None:
        if (ids == 3).all():
            raise ZeroDivisionError("a secret")

    backend = make(FaultyDevice(fail))
    other = backend.run(counting(3), None)
    with pytest.raises(InternalError) as told:
        list(backend.run(counting(9), None))
    assert "secret" not in str(told.value)
    assert values(other)[-1] == 3


def test_a_model_that_cannot_is_refused_with_those_that_can(checkpoints: Path) -> None:
    service = Service(checkpoints, device="cpu")
    for task in (Attention("The cat", "bigram"), Generate("The cat", "bpe")):
        with pytest.raises(OrreryError, match="Choose one of storyteller"):
            list(service.run(task))
    assert service.status.requests.refused == 2


def test_no_two_classes_that_are_sent_share_a_name() -> None:
    assert wire.known()["Result"] is Result
    other = type("Result", (), {"_fields": ("one",)})
    with pytest.raises(ValueError, match="called Result"):
        wire.known([*wire.MODULES, SimpleNamespace(Result=other)])
