"""On SIGTERM the app takes nothing new, lets what is at work end, and says so."""

from __future__ import annotations

import asyncio
import json
import signal
import sys
import time
from dataclasses import replace

import httpx
import pytest

from benchmarks import server
from benchmarks.visitor import Outcome, Visitor, client, kinds
from tests.web.asking import ask
from tests.web.test_events import NAMES
from web.closing import CLOSING, Closing, ClosingGate, let_finish
from web.responses import refusal


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
    closing = Closing()
    gate = ClosingGate(refusal(200, "the app"), closing)
    assert ask(gate, path).status == 200
    closing.begin(signal.SIGTERM, None)
    answer = ask(gate, path)
    assert answer.status == status
    if status == 409:
        assert json.loads(answer.body)["detail"] == CLOSING


def test_waiting_ends_when_the_work_does_or_the_time_is_up() -> None:
    began = time.monotonic()
    assert let_finish(range(0), seconds=5) == 0
    assert time.monotonic() - began < 2
    assert let_finish(range(3), seconds=0.1) == 3


async def close_during_a_stream(app: server.Server) -> tuple[list[Outcome], httpx.Response, int]:
    """Press Run, end the process at the first token, and press once more."""
    async with client(app.address, 60.0) as http:
        pressed, opening = await kinds(http)
        await Visitor(http).press(*opening)  # so that the model is there
        values = list(pressed["generation_lanes"].values)
        values[NAMES["generation_lanes"].index("length")] = (
            12  # is written in time on a slow machine too
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
