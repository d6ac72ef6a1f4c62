"""Work that nobody follows is given up soon; who follows gets the answer, in whatever order."""

from __future__ import annotations

import asyncio
import json
import secrets
import time
from typing import Any

import pytest
from starlette.types import Message, Receive, Scope, Send

from tests.web.conftest import Live
from tests.web.test_events import call, events  # noqa: F401  # a fixture
from web.followed import JOIN, SECONDS, STREAM, Followed

ORPHANS = 60
SHORT = 0.2  # seconds instead of SECONDS


class Gradio:
    """Takes events, and streams until its reader leaves."""

    def __init__(self, status: int = 200) -> None:
        self.left: list[str] = []
        self._status = status

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await send({"type": "http.response.start", "status": self._status, "headers": []})
        if scope["path"] == STREAM:
            while (await receive())["type"] != "http.disconnect":
                pass
            self.left.append(scope["query_string"].decode())
            return
        await send({"type": "http.response.body", "body": b""})


async def ask(app: Followed, path: str, seconds: float = 0.0) -> None:
    """Join as the session s, or open its stream for a while."""
    messages: list[Message] = [
        {"type": "http.request", "body": json.dumps({"session_hash": "s"}).encode()}
    ]

    async def receive() -> Message:
        if path == JOIN:
            return messages.pop()
        await asyncio.sleep(seconds)
        return {"type": "http.disconnect"}

    async def send(message: Message) -> None:
        pass

    scope = {
        "type": "http",
        "method": "POST" if path == JOIN else "GET",
        "path": path,
        "query_string": b"" if path == JOIN else b"session_hash=s",
        "asgi": {"version": "3.0"},
        "headers": [(b"host", b"orrery.test"), (b"content-type", b"application/json")],
    }
    await app(scope, receive, send)


def test_an_event_without_a_stream_is_left_once() -> None:
    async def both(gradio: Gradio) -> None:
        app = Followed(gradio, SHORT)
        await ask(app, JOIN)
        await ask(app, JOIN)  # the time of the first counts
        await asyncio.sleep(SHORT / 2)
        assert gradio.left == []
        await asyncio.sleep(SHORT)

    gradio = Gradio()
    asyncio.run(both(gradio))
    assert gradio.left == ["session_hash=s"]


@pytest.mark.parametrize("first", [JOIN, STREAM])
def test_a_stream_may_be_opened_before_or_after(first: str) -> None:
    async def follow(gradio: Gradio) -> None:
        app = Followed(gradio, SHORT)
        if first == JOIN:
            await ask(app, JOIN)
        stream = asyncio.create_task(ask(app, STREAM, 3 * SHORT))
        await asyncio.sleep(SHORT / 4)
        if first == STREAM:
            await ask(app, JOIN)
        await asyncio.sleep(2 * SHORT)
        assert gradio.left == []
        await stream

    asyncio.run(follow(Gradio()))


def test_a_refused_event_has_nothing_to_follow() -> None:
    async def refused(gradio: Gradio) -> None:
        await ask(Followed(gradio, SHORT), JOIN)
        await asyncio.sleep(2 * SHORT)

    gradio = Gradio(422)
    asyncio.run(refused(gradio))
    assert gradio.left == []


def join(live: Live, event: tuple[int, dict[str, Any]], **values: object) -> str:
    """Send an event as a new session, which is returned."""
    number, opening = event
    session = secrets.token_hex(6)
    data = [*(opening | values).values()]
    body = {"data": data, "fn_index": number, "session_hash": session}
    live.http.post("/gradio_api/queue/join", json=body).raise_for_status()
    return session


def counts(live: Live) -> dict[str, int]:
    """The service's requests by state."""
    found: dict[str, int] = live.http.get("/healthz").json()["requests"]
    return found


def is_forgotten(live: Live, session: str) -> bool:
    """Whether no message of it was kept, and who asks is told so at once."""
    query = {"session_hash": session}
    with live.http.stream("GET", "/gradio_api/queue/data", params=query) as late:
        return "session_not_found" in next(late.iter_lines())


def test_orphans_are_cancelled_and_who_follows_is_answered(live: Live, events: Any) -> None:  # noqa: F811
    call(live, events["generate"], length=8)  # so that the model is there
    before = counts(live)
    began = time.monotonic()
    orphans = [join(live, events["generate"], length=160) for _ in range(ORPHANS)]
    assert "Once upon" in call(live, events["generate"], length=8)[1]
    answered = time.monotonic() - began
    while (now := counts(live))["running"] + now["queued"]:
        assert time.monotonic() - began < answered + 2 * SECONDS
        time.sleep(0.1)
    assert now["received"] - before["received"] == ORPHANS + 1
    assert now["cancelled"] - before["cancelled"] == ORPHANS
    assert now["done"] - before["done"] == 1
    assert is_forgotten(live, orphans[0])


def test_a_stream_that_comes_late_but_in_time_brings_the_answer(live: Live, events: Any) -> None:  # noqa: F811
    session = join(live, events["tokenize"], text="The wolf")
    time.sleep(SECONDS / 2)
    said = live.http.get("/gradio_api/queue/data", params={"session_hash": session}).text
    assert "process_completed" in said


def test_what_was_done_before_is_forgotten_too(live: Live, events: Any) -> None:  # noqa: F811
    session = join(live, events["tokenize"], text="The wolf")
    time.sleep(1.5 * SECONDS)
    assert is_forgotten(live, session)
