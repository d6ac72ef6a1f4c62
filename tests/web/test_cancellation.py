"""A cancel is answered at once, and twice is as good as once."""

from __future__ import annotations

import asyncio
import json
import time

import pytest
from starlette.types import ASGIApp, Receive, Scope, Send

from tests.web.asking import ask
from web.cancellation import CANCEL, SOON, Cancellation
from web.responses import refusal


def gradio(seconds: float = 0.0, error: Exception | None = None) -> tuple[ASGIApp, list[str]]:
    """An app that takes its time to cancel, or fails; and what it has done."""
    done: list[str] = []

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        await asyncio.sleep(seconds)
        if error is not None:
            raise error
        done.append(scope["path"])
        await refusal(200, "Gradio's")(scope, receive, send)

    return app, done


def test_a_cancel_is_carried_out() -> None:
    app, done = gradio()
    answer = ask(Cancellation(app), CANCEL, "POST")
    assert (answer.status, json.loads(answer.body)) == (200, {"success": True})
    assert done == [CANCEL]


def test_nobody_waits_until_the_run_lets_go() -> None:
    app, done = gradio(seconds=5.0)
    began = time.monotonic()
    assert ask(Cancellation(app), CANCEL, "POST").status == 200
    assert time.monotonic() - began < SOON + 2.0
    assert not done


def test_a_run_that_ends_meanwhile_is_cancelled_enough() -> None:
    app, _ = gradio(error=KeyError("the iterator is gone"))
    assert ask(Cancellation(app), CANCEL, "POST").status == 200


def test_other_requests_are_left_alone() -> None:
    app, done = gradio()
    for path, method in (("/gradio_api/reset", "POST"), (CANCEL, "GET")):
        assert json.loads(ask(Cancellation(app), path, method).body)["detail"] == "Gradio's"
    failing, _ = gradio(error=KeyError("a bug"))
    with pytest.raises(KeyError):
        ask(Cancellation(failing), "/gradio_api/reset")
    assert done == ["/gradio_api/reset", CANCEL]
