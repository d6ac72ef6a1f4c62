"""Every fault that a device can throw, injected at the device, through the real backend.

Choices are compared with those of `engine.decode` alone: whatever happened on the way, nobody may
get another text than the one that model, prompt and seed make.
"""

from __future__ import annotations

import gc
import threading
import time
import weakref
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from inference.decoding import engine, lanes
from inference.errors import (
    ON_CPU,
    InternalError,
    ModelUnavailable,
    NumericalFault,
    OrreryError,
    OutOfMemory,
    Restarted,
)
from inference.limits import Limits
from inference.loading.device import Devices, TorchDevice
from inference.local import LocalBackend
from inference.task import Result
from inference.tasks.attention.maps import Attention
from inference.tasks.generate import Generate
from inference.types.options import GenerationOptions, LaneOptions
from inference.types.tokenized import Tokenized
from inference.types.waiting import Waiting
from models.transformer.model import Transformer
from tests.inference.faulty import FaultyDevice, device_lost, late, out_of_memory, seldom

END = 0
LANES = (
    LaneOptions("Greedy"),
    LaneOptions("Top-p", sample=True, top_p=0.9),
    LaneOptions("Beam", beams=2),
)
POISON = 63  # a token that only the poisoned prompt holds at first
PATIENCE = 30.0


def work(seed: int, first: int = 1, new_tokens: int = 12, model: str = "tiny") -> Generate:
    options = GenerationOptions(LANES, new_tokens, seed)
    ids = (first, 2 + seed % 40, 5)
    return Generate("", model, options, tokens=Tokenized("", ids, (b"",) * 3), ends=(END,))


def attention(model: str = "tiny") -> Attention:
    return Attention("", model, tokens=Tokenized("", (1, 2, 3), (b"",) * 3))


@pytest.fixture
def make(tiny_folder: Path) -> Callable[..., LocalBackend]:
    """A backend on a device of the test's own."""

    other = tiny_folder.parent / "other"
    if not other.exists():
        other.symlink_to(tiny_folder)

    def backend(
        device: Any,
        limits: Limits | None = None,
        names: tuple[str, ...] = ("tiny",),
        cpu: Any = None,
        **more: Any,
    ) -> LocalBackend:
        devices = Devices(device, cpu or TorchDevice("cpu"))
        limits = limits or Limits(seconds=PATIENCE, update_seconds=0.0)
        sources = {name: tiny_folder.parent / name for name in names}
        return LocalBackend(sources, lambda: devices, limits, **more)

    return backend


@pytest.fixture(scope="module")
def alone(tiny: Transformer) -> Callable[[Generate], list[list[int]]]:
    """What each lane writes when nobody else is there and nothing fails."""

    def decode(asked: Generate) -> list[list[int]]:
        options = asked.options
        built = [lanes.build(lane, options.seed, END) for lane in options.lanes]
        *_, states = engine.decode(tiny, asked.tokens.ids, built, options.new_tokens)
        return [[step.token for step in state.steps] for state in states]

    return decode


def tokens(result: Result[Any]) -> list[list[int]]:
    return [[step.token for step in state.steps] for state in result.value]


def last(backend: LocalBackend, asked: Generate) -> Result[Any] | OrreryError:
    """The last thing that a person sees."""
    newest: Result[Any] | None = None
    try:
        for news in backend.run(asked, None):
            newest = news if isinstance(news, Result) else newest
    except OrreryError as error:
        return error
    assert newest is not None
    return newest


def together(backend: LocalBackend, asked: list[Generate]) -> list[Result[Any] | OrreryError]:
    """Everybody at once, let in before the first step."""
    for one in asked:
        backend.open(one.model)
    streams = [backend.run(one, None) for one in asked]
    for stream in streams:
        next(stream)  # admitted, and ready; the worker starts with whoever looks first

    def rest(stream: Iterator[Any]) -> Result[Any] | OrreryError:
        newest = None
        try:
            for news in stream:
                newest = news if isinstance(news, Result) else newest
        except OrreryError as error:
            return error
        assert newest is not None
        return newest

    with ThreadPoolExecutor(len(asked)) as people:
        answers = list(people.map(rest, streams))
    assert len(backend.queue) == 0
    return answers


@contextmanager
def pass_held(device: FaultyDevice) -> Iterator[None]:
    """Hold the device before its next pass, so that everybody can be let in first."""
    gate, schedule = threading.Event(), device.schedule

    def held(ids: torch.Tensor, number: int) -> None:
        assert gate.wait(PATIENCE)
        schedule(ids, number)

    device.schedule = held
    yield
    gate.set()


def wait_until(reached: Callable[[], object]) -> None:
    ends = time.monotonic() + PATIENCE
    while not reached():
        assert time.monotonic() < ends
        time.sleep(0.002)


def failing(
    at: set[int], fault: Callable[[], BaseException]
) -> Callable[[torch.Tensor, int], None]:
    def schedule(ids: torch.Tensor, number: int) -> None:
        if number in at:
            raise fault()

    return schedule


# a request that brings everybody down


def poisoned(ids: torch.Tensor, number: int) -> None:
    if (ids == POISON).any():
        raise IndexError("index out of range in self")


@pytest.mark.parametrize("position", range(8))
def test_f8_a_poison_request_fails_alone(
    make: Callable[..., LocalBackend], alone: Callable[..., Any], position: int
) -> None:
    asked = [work(seed) for seed in range(8)]
    clean = [alone(one) for one in asked]
    asked[position] = work(position, first=POISON)
    answers = together(make(FaultyDevice(poisoned)), asked)
    for i, answer in enumerate(answers):
        if i == position:
            assert isinstance(answer, InternalError)
        elif not any(POISON in lane for lane in clean[i]):
            assert isinstance(answer, Result), answer
            assert tokens(answer) == clean[i]


def test_f8_one_of_32_fails_and_31_are_right(
    make: Callable[..., LocalBackend], alone: Callable[..., Any]
) -> None:
    def poisoned_prompt(ids: torch.Tensor, number: int) -> None:
        if ids.shape[1] > 1 and (ids[:, 0] == POISON).any():
            raise IndexError("index out of range in self")

    asked = [work(seed, new_tokens=6) for seed in range(32)]
    asked[13] = work(13, first=POISON, new_tokens=6)
    answers = together(make(FaultyDevice(poisoned_prompt)), asked)
    assert isinstance(answers.pop(13), InternalError)
    asked.pop(13)
    assert [tokens(answer) for answer in answers] == [alone(one) for one in asked]


@pytest.mark.parametrize("value", [float("nan"), float("inf"), -float("inf")])
def test_t20_no_number_ends_that_request_alone_and_what_it_wrote_stays(
    make: Callable[..., LocalBackend], alone: Callable[..., Any], value: float
) -> None:
    asked = [work(seed) for seed in range(4)]

    def corrupt(ids: torch.Tensor, logits: torch.Tensor) -> torch.Tensor:
        hit = (ids == POISON).any(dim=1)
        return torch.where(hit[:, None, None], torch.full_like(logits, value), logits)

    asked[2] = work(2, first=POISON)
    answers = together(make(FaultyDevice(corruption=corrupt)), asked)
    assert isinstance(answers[2], NumericalFault)
    assert "no valid number at step 1" in str(answers[2])
    for i in (0, 1, 3):
        if not any(POISON in lane for lane in alone(asked[i])):
            assert tokens(answers[i]) == alone(asked[i])


def test_no_number_in_the_middle_keeps_the_steps_before_it(
    make: Callable[..., LocalBackend], alone: Callable[..., Any]
) -> None:
    device, newest = FaultyDevice(), None

    def corrupt(ids: torch.Tensor, logits: torch.Tensor) -> torch.Tensor:
        return logits * float("nan") if device.calls > 5 else logits

    device.corruption = corrupt
    with pytest.raises(NumericalFault, match=r"step 6\. The steps before it are shown\."):
        for news in make(device).run(work(3), None):
            newest = news
    assert isinstance(newest, Result)
    assert tokens(newest)[0] == alone(work(3))[0][:5]


# memory


def full(ids: torch.Tensor, number: int) -> None:
    raise out_of_memory()


def full_for_poison(ids: torch.Tensor, number: int) -> None:
    if ids.shape[1] > 1 and (ids[:, 0] == POISON).any():
        raise out_of_memory()


def test_out_of_memory_halves_the_batch_and_nobody_is_lost(
    make: Callable[..., LocalBackend], alone: Callable[..., Any]
) -> None:
    asked = [work(seed) for seed in range(16)]  # 4 rows each

    def budget(ids: torch.Tensor, number: int) -> None:
        if len(ids) > 20:
            raise out_of_memory()

    device = FaultyDevice(budget)
    answers = together(make(device), asked)
    assert [tokens(answer) for answer in answers] == [alone(one) for one in asked]
    assert {answer.note for answer in answers} == {""}  # all of it on the device
    assert 1 <= device.released <= 5  # log2(16) + 1


def test_out_of_memory_lets_go_of_the_batch_before_it_tries_again(
    make: Callable[..., LocalBackend], monkeypatch: pytest.MonkeyPatch
) -> None:
    caches: list[weakref.ref[Any]] = []
    alive: list[int] = []
    new_cache = Transformer.new_cache

    def noted(self: Transformer, *rest: Any, **named: Any) -> Any:
        cache = new_cache(self, *rest, **named)
        caches.append(weakref.ref(cache))
        return cache

    monkeypatch.setattr(Transformer, "new_cache", noted)
    device = FaultyDevice(failing({6}, out_of_memory))
    release = device.release

    def released() -> None:
        gc.collect()
        alive.append(sum(cache() is not None for cache in caches))
        release()

    device.release = released  # type: ignore[method-assign]
    together(make(device), [work(seed) for seed in range(4)])
    assert alive == [0]


def test_one_that_does_not_fit_alone_runs_on_the_cpu_and_says_so(
    make: Callable[..., LocalBackend], alone: Callable[..., Any]
) -> None:
    device = FaultyDevice(full)
    backend = make(device)
    answer = last(backend, work(1))
    assert isinstance(answer, Result)
    assert tokens(answer) == alone(work(1))
    assert answer.note == ON_CPU
    assert backend.status.device == "cuda"  # for the next one it is tried again
    device.schedule = lambda ids, number: None
    assert last(backend, work(2)).note == ""


def test_in_the_middle_of_a_text_the_cpu_goes_on_where_the_gpu_stopped(
    make: Callable[..., LocalBackend], alone: Callable[..., Any]
) -> None:
    device = FaultyDevice(lambda ids, number: number > 6 and (_ for _ in ()).throw(out_of_memory()))
    answer = last(make(device), work(1))
    assert isinstance(answer, Result)
    assert (tokens(answer), answer.note) == (alone(work(1)), ON_CPU)


def test_idle_models_make_room_before_the_cpu_is_asked(
    make: Callable[..., LocalBackend], alone: Callable[..., Any]
) -> None:
    loaded: list[bool] = []

    def full_while_both(ids: torch.Tensor, number: int) -> None:
        (status,) = [m for m in backend.status.models if m.name == "other"]
        loaded.append(status.loaded)
        if status.loaded:
            raise out_of_memory()

    device = FaultyDevice(full_while_both)
    backend = make(device, names=("tiny", "other"))
    backend.open("tiny")
    backend.open("other")
    answer = last(backend, work(4))
    assert isinstance(answer, Result)
    assert (tokens(answer), answer.note) == (alone(work(4)), "")
    assert loaded[0] and not loaded[-1]


def test_no_memory_anywhere_is_an_error_with_something_to_do(
    make: Callable[..., LocalBackend],
) -> None:
    device = FaultyDevice(full, name="cpu")
    devices = Devices(device, device)
    backend = make(device)
    backend.registry._open_devices = lambda: devices
    answer = last(backend, work(1))
    assert isinstance(answer, OutOfMemory)
    assert "Ask for fewer tokens" in str(answer)


@pytest.mark.parametrize("step", ["place", "for_decoding"])
def test_no_memory_to_load_a_model_on_the_device_loads_it_on_the_cpu(
    make: Callable[..., LocalBackend],
    alone: Callable[..., Any],
    monkeypatch: pytest.MonkeyPatch,
    step: str,
) -> None:
    device = FaultyDevice()

    def full(model: Any) -> Any:
        raise MemoryError

    monkeypatch.setattr(device, step, full)
    answer = last(make(device), work(1))
    assert isinstance(answer, Result)
    assert (tokens(answer), answer.note, device.calls) == (alone(work(1)), ON_CPU, 0)


def test_no_memory_on_the_gpu_nor_on_the_cpu_ends_after_one_try_on_each(
    make: Callable[..., LocalBackend], alone: Callable[..., Any]
) -> None:
    gpu, cpu = FaultyDevice(full_for_poison), FaultyDevice(full_for_poison, name="cpu")
    backend = make(gpu, cpu=cpu)
    asked = [work(seed) for seed in range(4)]
    asked[1] = work(1, first=POISON)
    answers = together(backend, asked)
    assert isinstance(answers.pop(1), OutOfMemory)
    asked.pop(1)
    assert [tokens(answer) for answer in answers] == [alone(one) for one in asked]
    assert (gpu.places, cpu.places) == (1, 1)


def test_a_call_without_memory_anywhere_ends_after_one_try_on_each(
    make: Callable[..., LocalBackend],
) -> None:
    gpu, cpu = FaultyDevice(full), FaultyDevice(full, name="cpu")
    with pytest.raises(OutOfMemory):
        list(make(gpu, cpu=cpu).run(attention(), None))
    assert (gpu.places, cpu.places) == (1, 1)


def test_a_copy_at_work_on_the_cpu_makes_room_for_nobody(
    make: Callable[..., LocalBackend], alone: Callable[..., Any]
) -> None:
    evicted: list[bool] = []
    cpu = FaultyDevice(
        lambda ids, number: evicted.append(backend.registry.evict_idle()), name="cpu"
    )
    backend = make(FaultyDevice(full), cpu=cpu)
    assert tokens(last(backend, work(1))) == alone(work(1))
    list(backend.run(attention(), None))
    assert len(evicted) > 2 and not any(evicted)
    wait_until(backend.registry.evict_idle)  # once it is idle it does


def test_a_copy_is_let_go_of_with_the_worker_that_died(
    make: Callable[..., LocalBackend], monkeypatch: pytest.MonkeyPatch
) -> None:
    from inference.scheduling.scheduler import Scheduler

    step = Scheduler.step

    def dies_on_the_cpu(self: Scheduler) -> int | None:
        if any(batch.device.name == "cpu" for batch in self._batches):
            raise SystemExit
        return step(self)

    monkeypatch.setattr(Scheduler, "step", dies_on_the_cpu)
    backend = make(FaultyDevice(full))
    assert isinstance(last(backend, work(1)), Restarted)
    wait_until(lambda: not backend.registry.evict_idle() and backend.registry.memory.used == 0)


# a device that is lost


def test_a_lost_device_ends_what_ran_on_it_and_the_cpu_takes_over(
    make: Callable[..., LocalBackend], alone: Callable[..., Any]
) -> None:
    device = FaultyDevice(failing({5}, device_lost))
    backend = make(device)
    answers = together(backend, [work(seed) for seed in range(3)])
    assert all(isinstance(answer, Restarted) for answer in answers)
    assert backend.status.device == "cpu"
    assert "CUDA failed" in backend.status.note
    after = last(backend, work(7))
    assert isinstance(after, Result)
    assert (tokens(after), after.note) == (alone(work(7)), "")
    assert device.touched_after_death == 0


def test_a_device_lost_under_a_call_is_not_asked_again(make: Callable[..., LocalBackend]) -> None:
    device = FaultyDevice(failing({1}, device_lost))
    backend = make(device)
    with pytest.raises(Restarted):
        list(backend.run(attention(), None))
    *_, result = backend.run(attention(), None)
    assert isinstance(result, Result)
    assert result.value.shape[2:] == (3, 3)
    assert (device.touched_after_death, device.calls) == (0, 1)


def test_a_device_lost_while_a_model_is_placed(
    make: Callable[..., LocalBackend], alone: Callable[..., Any]
) -> None:
    device = FaultyDevice()
    device.dead = True
    answer = last(make(device), work(1))
    assert isinstance(answer, Result)
    assert tokens(answer) == alone(work(1))
    assert device.touched_after_death == 1


def answered_by_the_cpu(backend: LocalBackend, asked: Generate, expected: list[list[int]]) -> None:
    assert backend.status.device == "cpu"
    assert "CUDA failed" in backend.status.note
    after = last(backend, asked)
    assert isinstance(after, Result)
    assert (tokens(after), after.note) == (expected, "")
    assert backend.worker.watchdog.hung == 0


@pytest.mark.parametrize("at", range(1, 9))
def test_a_fault_that_comes_out_in_the_batch_of_another_model_is_told_to_everybody(
    make: Callable[..., LocalBackend], alone: Callable[..., Any], at: int
) -> None:
    device = FaultyDevice(late(failing({at}, IndexError)))
    backend = make(device, names=("tiny", "other"))
    asked = [work(seed, model=("tiny", "other")[seed % 2]) for seed in range(6)]
    answers = together(backend, asked)
    assert all(isinstance(answer, Restarted) for answer in answers)
    assert device.touched_after_death == 0
    for model in ("tiny", "other"):
        answered_by_the_cpu(backend, work(7, model=model), alone(work(7)))
    assert device.touched_after_death == 0


def test_a_fault_of_a_batch_that_comes_out_in_a_call_is_told_to_both(
    make: Callable[..., LocalBackend], alone: Callable[..., Any]
) -> None:
    device, called = FaultyDevice(), threading.Event()

    def wait_for_the_call(ids: torch.Tensor, number: int) -> None:
        if number == 4:
            assert called.wait(PATIENCE)
            raise IndexError

    device.schedule = late(wait_for_the_call)
    backend = make(device)
    backend.open("tiny")
    with ThreadPoolExecutor(1) as people:
        writing = people.submit(last, backend, work(1))
        wait_until(lambda: device.calls == 4)
        call = backend.run(attention(), None)
        assert isinstance(next(call), Waiting)
        called.set()  # it stands in the line, and comes before the next step
        with pytest.raises(Restarted):
            list(call)
        assert isinstance(writing.result(), Restarted)
    assert device.touched_after_death == 0
    answered_by_the_cpu(backend, work(7), alone(work(7)))


def test_a_fault_that_comes_out_as_memory_is_given_back_is_told_to_everybody(
    make: Callable[..., LocalBackend], alone: Callable[..., Any]
) -> None:
    def lost() -> None:
        raise device_lost()

    for people in (1, 3):
        device = FaultyDevice(failing({5}, out_of_memory))
        device.release = lost  # type: ignore[method-assign]
        backend = make(device)
        answers = together(backend, [work(seed) for seed in range(people)])
        assert all(isinstance(answer, Restarted) for answer in answers)
        assert device.calls == 5
        answered_by_the_cpu(backend, work(7), alone(work(7)))


def test_a_fault_that_comes_out_as_another_model_is_placed_is_told_to_who_was_at_work(
    make: Callable[..., LocalBackend], alone: Callable[..., Any]
) -> None:
    device = FaultyDevice()
    backend = make(device, names=("tiny", "other"))

    def die_while_another_is_loaded(ids: torch.Tensor, number: int) -> None:
        if number == 4:
            device.dead = True
            backend.open("other")

    device.schedule = die_while_another_is_loaded
    assert isinstance(last(backend, work(1)), Restarted)
    assert device.touched_after_death == 1  # by what placed the model, and by nobody else
    for model in ("other", "tiny"):
        answered_by_the_cpu(backend, work(7, model=model), alone(work(7)))
    assert device.touched_after_death == 1


def test_a_fault_that_comes_out_as_the_last_one_leaves_is_told_to_the_others(
    make: Callable[..., LocalBackend],
    alone: Callable[..., Any],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    from inference.decoding.batch import Batch

    def lost(self: Any, request: Any) -> None:
        raise device_lost()

    monkeypatch.setattr(Batch, "leave", lost)
    device = FaultyDevice()
    backend = make(device, names=("tiny", "other"))
    backend.open("tiny"), backend.open("other")
    with pass_held(device):
        leaving, staying = (
            backend.run(work(1), None),
            backend.run(work(2, model="other"), None),
        )
        for stream in (leaving, staying):
            next(stream)
            next(stream)
        leaving.close()
    with pytest.raises(Restarted):
        list(staying)
    answered_by_the_cpu(backend, work(7), alone(work(7)))


# numbers that a device cannot compute in


@pytest.mark.parametrize("at", [1, 7])
def test_an_operation_that_lacks_in_16_bit_is_done_in_32(
    make: Callable[..., LocalBackend], alone: Callable[..., Any], at: int
) -> None:
    device = FaultyDevice(dtype=torch.bfloat16)
    device.lacks_from = at
    backend = make(device)
    answers = together(backend, [work(seed) for seed in range(3)])
    assert [tokens(answer) for answer in answers] == [alone(work(seed)) for seed in range(3)]
    assert (backend.status.device, backend.status.dtype) == ("cuda", "float32")
    assert device.places == 2


@pytest.mark.parametrize("at", [1, 2, 5, 6])
def test_once_one_model_lacks_an_operation_nobody_goes_on_in_16_bit(
    make: Callable[..., LocalBackend], alone: Callable[..., Any], at: int
) -> None:
    device = FaultyDevice(dtype=torch.bfloat16)
    device.lacks_from = at
    backend = make(device, names=("tiny", "other"))
    asked = [work(seed, model=("tiny", "other")[seed % 2]) for seed in range(4)]
    answers = together(backend, asked)
    assert [tokens(answer) for answer in answers] == [alone(one) for one in asked]
    assert backend.status.dtype == "float32"
    assert device.places == 4  # each model once in either
    *_, result = backend.run(attention("other"), None)
    assert isinstance(result, Result)
    assert device.places == 4


@pytest.mark.parametrize("at", [4, 5])
def test_a_model_that_cannot_be_placed_in_16_bit_takes_the_others_with_it(
    make: Callable[..., LocalBackend], alone: Callable[..., Any], at: int
) -> None:
    """The thread that loads lowers the device, while a batch of another model is at work."""
    device = FaultyDevice(dtype=torch.bfloat16)
    device.lacks_from = at
    backend = make(device, names=("tiny", "other"))
    backend.open("tiny")
    place, opened = device.place, threading.Event()

    def speechless(model: Any) -> Any:
        if device.dtype != torch.float32:
            raise NotImplementedError("no finite numbers")
        return place(model)

    def load_another_in_the_fourth(ids: torch.Tensor, number: int) -> None:
        if number == 4:
            device.place = speechless  # type: ignore[method-assign]
            backend.open("other")
            opened.set()

    device.schedule = load_another_in_the_fourth
    assert tokens(last(backend, work(1))) == alone(work(1))
    assert opened.is_set()
    assert backend.status.dtype == "float32"
    *_, result = backend.run(attention(), None)
    assert isinstance(result, Result)


def test_a_call_falls_back_the_same_ways(make: Callable[..., LocalBackend]) -> None:
    reference = make(FaultyDevice())
    *_, expected = reference.run(attention(), None)
    *_, result = make(FaultyDevice(full)).run(attention(), None)
    assert np.array_equal(result.value, expected.value)
    assert result.note == ON_CPU
    half = FaultyDevice(failing({1}, NotImplementedError), dtype=torch.float16)
    *_, result = make(half).run(attention(), None)
    assert np.array_equal(result.value, expected.value)
    broken = FaultyDevice(failing({1}, IndexError))
    with pytest.raises(InternalError):
        list(make(broken).run(attention(), None))


def test_a_model_that_there_is_not_is_refused(make: Callable[..., LocalBackend]) -> None:
    with pytest.raises(ModelUnavailable, match="is not available: there is none of this name"):
        list(make(FaultyDevice()).run(attention("huge"), None))


# hanging and dying


def test_a_step_that_hangs_ends_its_requests_and_frees_everybody_else(
    make: Callable[..., LocalBackend], alone: Callable[..., Any]
) -> None:
    release, hung = threading.Event(), threading.Event()

    def hang(ids: torch.Tensor, number: int) -> None:
        if number == 4:
            hung.set()
            release.wait(PATIENCE)

    device = FaultyDevice(hang)
    backend = make(device, Limits(seconds=PATIENCE, step_seconds=0.4, heartbeat_seconds=0.05))
    assert isinstance(last(backend, work(1)), Restarted)
    assert hung.is_set()
    after = last(backend, work(2))
    assert isinstance(after, Result)
    assert tokens(after) == alone(work(2))
    assert backend.status.device == "cpu"  # what hangs is not asked again
    release.set()


def test_f14_a_worker_that_dies_starts_the_others_again_and_they_repeat_nothing(
    make: Callable[..., LocalBackend], alone: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    from inference.scheduling.scheduler import Scheduler

    steps, step = [], Scheduler.step

    def dies_once(self: Scheduler) -> int | None:
        steps.append(self)
        if len(steps) == 8:
            raise SystemExit
        return step(self)

    monkeypatch.setattr(Scheduler, "step", dies_once)
    backend = make(FaultyDevice())
    backend.open("tiny")
    streams = [backend.run(work(seed), None) for seed in range(3)]
    lengths: list[list[int]] = [[], [], []]

    def rest(i: int) -> Any:
        newest = None
        for news in streams[i]:
            if isinstance(news, Result):
                newest = news
                lengths[i].append(len(news.value[0].steps))
        return newest

    with ThreadPoolExecutor(3) as people:
        answers = list(people.map(rest, range(3)))
    assert len(set(steps)) == 2
    assert [tokens(answer) for answer in answers] == [alone(work(seed)) for seed in range(3)]
    assert all(seen == sorted(seen) for seen in lengths)


# everything at once


@pytest.mark.parametrize("seed", range(6))
def test_g3_whatever_fails_everybody_is_answered_rightly_or_told(
    make: Callable[..., LocalBackend], alone: Callable[..., Any], seed: int
) -> None:
    """The dice decide what fails and when. `make soak` is for the large counts."""
    faults = [out_of_memory, IndexError, KeyboardInterrupt]
    device = FaultyDevice(seldom(seed, 0.08, faults))
    backend = make(device)
    asked = [work(i, new_tokens=8) for i in range(10)]
    began = time.monotonic()
    answers = together(backend, asked)
    for one, answer in zip(asked, answers, strict=True):
        if isinstance(answer, Result):
            assert tokens(answer) == alone(one)
        else:
            assert isinstance(answer, (InternalError, OutOfMemory, Restarted))
    assert time.monotonic() - began < PATIENCE
    device.schedule = lambda ids, number: None
    after = last(backend, work(50))
    assert isinstance(after, Result) and tokens(after) == alone(work(50))


def test_f2_leaving_before_the_first_token_is_possible_at_any_time(
    make: Callable[..., LocalBackend],
) -> None:
    device = FaultyDevice()
    backend = make(device, Limits(heartbeat_seconds=0.02))
    backend.open("tiny")
    with pass_held(device):
        stream = backend.run(work(1), None)
        assert isinstance(next(stream), Waiting)
        assert isinstance(next(stream), Waiting)  # comes back though nothing has been computed
        stream.close()
    wait_until(lambda: len(backend.queue) == 0)
    assert device.calls <= 1
