"""A GPU that is lent for one run: the same results, and whatever goes wrong ends in a sentence.

The platform is tests/inference/lent/spaces.py, which forks and pickles. There is no GPU where these
tests run, so the fork computes on its CPU and says so; with one it would not.
"""

from __future__ import annotations

import importlib
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextvars import ContextVar
from pathlib import Path
from typing import Any

import pytest
import torch

from inference.entry import TRAINED
from inference.errors import InternalError, NumericalFault, Restarted
from inference.lent import backend as lending
from inference.limits import Limits
from inference.local import LocalBackend
from inference.service import Service
from inference.task import Result, Task
from inference.tasks.attention.maps import Attention
from inference.tasks.generate import Generate
from inference.types.generation import Generation
from inference.types.options import GenerationOptions, LaneOptions
from inference.types.waiting import Waiting
from tests.inference.cluster.test_contract import ASKED, LONG
from tests.inference.lent import spaces
from tests.inference.lent.spaces import Platform
from tests.inference.values import equal

pytestmark = [pytest.mark.process, pytest.mark.weights]
NO_GPU = "There is no working CUDA; the CPU does the work."
PATIENCE = 30.0


@pytest.fixture
def platform(monkeypatch: pytest.MonkeyPatch) -> Iterator[Platform]:
    """As in the process of a page on ZeroGPU: CUDA seems to be there, and must not be reached."""
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    monkeypatch.setattr(torch.cuda, "_lazy_init", spaces.touched)
    made = Platform()
    monkeypatch.setattr(spaces, "GPU", made.gpu)
    monkeypatch.setitem(sys.modules, "spaces", spaces)
    yield made
    for child in made.children:
        child.process.kill()


@pytest.fixture
def serve(checkpoints: Path, platform: Platform) -> Iterator[Callable[..., Service]]:
    """Makes the service of a page that may ask for the GPU, and whose person "me" has."""
    made = []

    def service(lend: Any = None) -> Service:
        zerogpu = importlib.reload(importlib.import_module("inference.lent.zerogpu"))
        zerogpu.SECONDS = 60  # a busy machine needs more than the 10 of a GPU
        made.append(Service(checkpoints, "cpu", lend=lend or zerogpu.lend))
        assert made[-1].lending is not None
        made[-1].lending.ask("me", True)
        return made[-1]

    yield service
    for one in made:
        one.close(0.0)


def results(service: Service, task: Task[Any, Any], session: str | None) -> list[Result[Any]]:
    prepared, _ = service._prepared(task, session)
    return [one for one in service._backend.run(prepared, session) if isinstance(one, Result)]


def tokens(run: Generation) -> list[list[int]]:
    return [[step.token for step in lane.steps] for lane in run.lanes]


def until(happened: Callable[[], bool]) -> None:
    ends = time.monotonic() + PATIENCE
    while not happened():
        assert time.monotonic() < ends
        time.sleep(0.02)


@pytest.mark.parametrize(
    "tasks", [ASKED[1:6:2], pytest.param(ASKED, marks=pytest.mark.thorough)], ids=["some", "all"]
)
def test_every_task_has_the_same_result_to_the_last_bit(
    serve: Callable[..., Service], platform: Platform, tasks: tuple[Task[Any, Any], ...]
) -> None:
    service = serve()
    for task in tasks:
        here, there = results(service, task, "other"), results(service, task, "me")
        assert equal(there[-1].value, here[-1].value), task
        assert (here[-1].note, there[-1].note) == ("", NO_GPU)
    assert len(platform.children) == 1  # which has loaded each model once


@pytest.mark.thorough
def test_news_come_one_by_one_and_nobody_spends_time_who_has_not_asked(
    serve: Callable[..., Service], platform: Platform
) -> None:
    service, task = serve(), Generate("Once upon a time", options=LONG)
    news = list(service.run(task, "me"))
    written = [len(one.lanes[0].steps) for one in news if isinstance(one, Generation)]
    assert written == sorted(written) and len(set(written)) > 2
    assert len(platform.children) == 1
    spent, task = platform.quota, Generate("Once")
    for session in (None, "other"):
        service.answer(task, session)
    assert service.lending is not None
    service.lending.ask("me", False)
    service.answer(task, "me")
    service.answer(task, "me")
    assert platform.quota == spent < 300 and platform.lent == 0


def test_who_leaves_gives_the_gpu_back(serve: Callable[..., Service], platform: Platform) -> None:
    service = serve()
    stream = service.run(Generate("Once upon a time", options=LONG), "me")
    for news in stream:
        if isinstance(news, Generation):
            break
    assert platform.lent == 1
    stream.close()  # type: ignore[attr-defined]
    until(lambda: platform.lent == 0)
    counts = service.status.requests
    assert counts.cancelled == 1 and counts.add_up
    assert service.answer(Generate("Once", options=LONG), "me").lanes  # by the same process
    assert len(platform.children) == 1


def test_without_quota_the_cpu_answers_and_says_why(
    serve: Callable[..., Service], platform: Platform
) -> None:
    service, platform.quota = serve(), 14.0
    task = Generate("Once upon a time", options=LONG)
    run = service.answer(task, "me")
    assert run.note == (
        "No GPU was lent, so the CPU did it: You have exceeded your free ZeroGPU quota "
        "(90s requested vs. 14s left). Try again in 3:12:00."
    )
    assert tokens(run) == tokens(service.answer(task, "other")) and not platform.children


def test_what_is_taken_back_midway_goes_on_without_a_gap(
    serve: Callable[..., Service], platform: Platform
) -> None:
    service, task = serve(), Generate("Once upon a time", options=LONG)
    seen: list[Generation] = []
    for news in service.run(task, "me"):
        if isinstance(news, Generation):
            if not seen:
                platform.children[0].process.kill()
            seen.append(news)
    lengths = [len(one.lanes[0].steps) for one in seen]
    assert lengths == sorted(lengths) and len(set(lengths)) > 2
    assert seen[-1].note == lending.ABORTED
    assert tokens(seen[-1]) == tokens(service.answer(task, "other"))
    assert service.answer(task, "me").note == NO_GPU  # in a new process


@pytest.mark.thorough
def test_a_run_longer_than_its_time_goes_on_elsewhere(
    serve: Callable[..., Service], platform: Platform, monkeypatch: pytest.MonkeyPatch
) -> None:
    zerogpu = importlib.import_module("inference.lent.zerogpu")

    def hurried(sources: Any, limits: Limits, half: bool) -> lending.Lent:
        monkeypatch.setattr(zerogpu, "STARTING", zerogpu.SECONDS)  # no time is left for the work
        lent: lending.Lent = zerogpu.lend(sources, limits, half)
        return lent

    service = serve(hurried)
    run = service.answer(Generate("Once", options=LONG), "me")
    assert run.note == lending.LATE and len(run.lanes[0].steps) == 120


def test_the_platform_ends_a_function_that_does_not_end(platform: Platform) -> None:
    @platform.gpu(duration=1)  # a second and a half
    def endless() -> Iterator[int]:
        yield 1
        threading.Event().wait()

    stream = endless()
    assert next(stream) == 1
    with pytest.raises(Exception, match="GPU task aborted"):
        next(stream)


@pytest.mark.parametrize("error", [NumericalFault(3), ZeroDivisionError("a secret"), Restarted()])
def test_an_error_there_is_told_as_one_here(
    serve: Callable[..., Service],
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    error: Exception,
) -> None:
    service = serve()

    def fails(*_: object) -> Iterator[Any]:
        yield Waiting()
        raise error

    here, run = service.lending, LocalBackend.run
    assert here is not None
    monkeypatch.setattr(here._otherwise, "run", lambda *given: run(here._otherwise, *given))  # type: ignore[arg-type]
    monkeypatch.setattr(LocalBackend, "run", fails)  # what the fork makes anew is of this class
    task = Attention("The cat sat.")
    if isinstance(error, Restarted):  # CUDA is gone with its process
        assert service.answer(task, "me").tokens.note == lending.ABORTED
        return
    with pytest.raises(type(error) if isinstance(error, NumericalFault) else InternalError) as told:
        service.answer(task, "me")
    if isinstance(error, NumericalFault):
        assert str(told.value) == str(error)
    else:
        assert isinstance(told.value, InternalError) and told.value.reference in caplog.text
        assert "ZeroDivisionError" in caplog.text and "secret" not in caplog.text


def test_a_platform_that_fails_in_a_new_way_leaves_the_cpu(
    serve: Callable[..., Service], caplog: pytest.LogCaptureFixture
) -> None:
    def broken(*_: object) -> Iterator[Any]:
        raise RuntimeError("ZeroGPU API /schedule error: 500")
        yield

    service = serve(lambda *_: broken)
    assert service.answer(Attention("The cat sat."), "me").tokens.note == lending.FAILED
    assert "RuntimeError" in caplog.text


def test_the_platform_is_asked_in_the_context_of_the_event(serve: Callable[..., Service]) -> None:
    """There it finds whose quota it is."""
    visitor: ContextVar[str] = ContextVar("visitor", default="nobody")
    seen = []

    def lent(task: object, after: int) -> Iterator[Any]:
        seen.append(visitor.get())
        yield from ()

    service = serve(lambda *_: lent)
    visitor.set("somebody")
    list(service._backend.run(service._prepared(Attention("The cat"), "me")[0], "me"))
    assert seen == ["somebody"]


def test_what_a_visitor_has_trained_stays_on_the_cpu(
    serve: Callable[..., Service], platform: Platform
) -> None:
    lending_backend = serve().lending
    assert lending_backend is not None
    with pytest.raises(ValueError, match="not available"):
        list(lending_backend.run(Attention("", f"{TRAINED}x"), "me"))
    assert not platform.children


def test_the_stand_in_refuses_what_the_platform_refuses(platform: Platform) -> None:
    @platform.gpu(duration=10)
    def echo(value: object) -> Iterator[object]:
        yield value
        yield torch.cuda.is_available()

    assert torch.cuda.is_available()
    with pytest.raises(RuntimeError, match="outside of a decorated function"):
        torch.ones(1, device="cuda")
    assert list(echo(("a", 1)))[:1] == [("a", 1)]
    with pytest.raises(Exception, match="pickle"):
        list(echo(lambda: None))
    assert GenerationOptions((LaneOptions("Greedy"),)) in list(
        echo(GenerationOptions((LaneOptions("Greedy"),)))
    )
