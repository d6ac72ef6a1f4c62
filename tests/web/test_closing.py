"""On SIGTERM the app takes nothing new, lets what is at work end, and says so."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path
from typing import NoReturn

import httpx
import pytest

from benchmarks import server
from benchmarks.visitor import Outcome, Visitor, client, kinds
from tests.web.asking import ask
from tests.web.test_events import NAMES
from web import closing
from web.closing import CLOSING, Closing, ClosingGate, end, finish, let_finish
from web.responses import refusal
from web.sessions import Sessions

ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/gradio_api/queue/join", 409),
        ("/gradio_api/run/predict", 409),
        ("/gradio_api/queue/data", 200),
        ("/gradio_api/cancel", 200),
        ("/", 200),
    ],
)
def test_only_new_events_are_refused_and_only_then(path: str, status: int) -> None:
    begins = Closing()
    gate = ClosingGate(refusal(200, "the app"), begins)
    assert ask(gate, path).status == 200
    begins.begin(signal.SIGTERM, None)
    answer = ask(gate, path)
    assert answer.status == status
    if status == 409:
        assert json.loads(answer.body)["detail"] == CLOSING


def test_waiting_ends_when_the_work_does_or_the_time_is_up() -> None:
    began = time.monotonic()
    assert let_finish(range(0), seconds=5) == 0
    assert time.monotonic() - began < 2
    assert let_finish(range(3), seconds=0.1) == 3


class Clock:
    """Time that passes only where somebody sleeps."""

    def __init__(self) -> None:
        self.now = 0.0

    def monotonic(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.now += seconds


def test_all_is_over_within_nine_seconds_and_those_cut_short_are_counted(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """A container ends what has not ended by itself ten seconds after SIGTERM."""
    clock, told, limits = Clock(), list[float](), list[float]()
    monkeypatch.setattr(closing, "time", clock)
    sessions = Sessions(per_address=10)
    for session in ("a", "b", "a"):
        sessions.begin(session, "address")
    assert finish(sessions, lambda: told.append(clock.now)) == 2
    assert told == [pytest.approx(6.0, abs=0.1)]
    said = capsys.readouterr().err
    assert "2 people at work" in said and "Closed; 2 people cut short." in said

    class Timer:
        def __init__(self, seconds: float, ends: object, arguments: object) -> None:
            assert (ends, arguments) == (os._exit, (0,))
            limits.append(seconds)

        def start(self) -> None: ...

    def hang() -> NoReturn:
        raise TimeoutError

    monkeypatch.setattr(closing.threading, "Timer", Timer)
    with pytest.raises(TimeoutError):
        end(hang)
    assert clock.now + sum(limits) <= 9.0


def test_who_ends_in_time_is_not_cut_short(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    sessions = Sessions(per_address=10)
    sessions.begin("a", "address")

    class Ending(Clock):
        def sleep(self, seconds: float) -> None:
            super().sleep(seconds)
            if self.now > 3:
                sessions.end("a")

    monkeypatch.setattr(closing, "time", Ending())
    assert finish(sessions, lambda: pytest.fail("nobody is left")) == 0
    assert "1 person at work" in (said := capsys.readouterr().err)
    assert "Closed; all were answered." in said


@pytest.mark.process
def test_the_process_ends_with_0_without_the_shutdown_of_python() -> None:
    """There, a library that the warm-up is still importing aborts the process."""
    program = "import atexit, os; atexit.register(os.abort); from web.closing import end; end(int)"
    assert subprocess.run([sys.executable, "-c", program], cwd=ROOT).returncode == 0


async def close_during_a_stream(app: server.Server) -> tuple[list[Outcome], httpx.Response, int]:
    """Press Run, end the process at the first token, and press once more."""
    async with client(app.address, 60.0) as http:
        pressed, opening = await kinds(http)
        await Visitor(http).press(*opening)  # so that the model is there
        values = list(pressed["generation_lanes"].values)
        values[NAMES["generation_lanes"].index("length")] = (
            8  # written in time on a slow machine too
        )
        short = replace(pressed["generation_lanes"], values=tuple(values))
        running = asyncio.create_task(Visitor(http).press(short))
        while not (await http.get("/healthz")).json()["waiting"]:
            await asyncio.sleep(0.005)
        app.process.send_signal(signal.SIGTERM)
        while (health := await http.get("/healthz")).status_code == 200:
            await asyncio.sleep(0.005)
        (late,) = await Visitor(http).press(pressed["tokens_pieces"])
        assert "about to restart" in late.says
        return await running, health, app.process.wait(timeout=20)


@pytest.mark.process
@pytest.mark.skipif(sys.platform == "win32", reason="no SIGTERM there")
def test_a_stream_at_work_is_finished_before_the_process_ends() -> None:
    with server.running() as app:
        (answered,), health, code = asyncio.run(close_during_a_stream(app))
        log = app.log.read_text()
    assert answered.ending == "answered"
    assert health.json()["closing"] is True
    assert code == 0
    assert "Closing: nothing new is taken; 1 person at work, up to 6 s." in log
    assert "Closed; all were answered." in log
