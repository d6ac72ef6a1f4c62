"""Work that nobody follows is given up soon; who follows gets the answer, in whatever order."""

from __future__ import annotations

import asyncio
import secrets
import signal
import sys
import time
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any

import pytest
from starlette.types import Message, Receive, Scope, Send

from tests.web.conftest import Live
from tests.web.test_events import call, events  # noqa: F401  # a fixture
from web.abandoned import JOIN, STREAM
from web.events import SESSION
from web.sessions import SECONDS, Sessions, SessionWatch

ORPHANS = 24
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


async def ask(
    app: SessionWatch, path: str, seconds: float = 0.0, session: str = "s", address: str = "a"
) -> int:
    """Join as a session, or open its stream for a while; returns the status."""
    statuses: list[int] = []

    async def receive() -> Message:
        await asyncio.sleep(seconds)
        return {"type": "http.disconnect"}

    async def send(message: Message) -> None:
        statuses.append(message.get("status", 0))

    scope = {
        "type": "http",
        "method": "GET" if path == STREAM else "POST",
        "path": path,
        "client": (address, 50_000),
        "query_string": f"session_hash={session}".encode() if path == STREAM else b"",
        "asgi": {"version": "3.0"},
        "headers": [(b"host", b"orrery.test"), (b"content-type", b"application/json")],
        "app": None,
        **({} if path == STREAM else {SESSION: session}),
    }
    await app(scope, receive, send)
    return statuses[0]


class Memory:
    """Counts how often a session was freed."""

    freed = 0
    unread = False

    def prepare(self, app: object, session: str) -> None: ...

    def has_stream(self, app: object, session: str) -> bool:
        return True

    def has_unread(self, app: object, session: str) -> bool:
        return self.unread

    def free(self, app: object, session: str) -> bool:
        self.freed += 1
        return True


def watch(
    gradio: Gradio, sessions: Sessions | None = None, memory: Memory | None = None
) -> SessionWatch:
    app = SessionWatch(gradio, Sessions(100) if sessions is None else sessions, SHORT)
    app._memory = memory or Memory()  # type: ignore[assignment]
    return app


def test_an_event_without_a_stream_is_left_once() -> None:
    async def both(gradio: Gradio) -> None:
        app = watch(gradio)
        await ask(app, JOIN)
        await ask(app, JOIN)  # the time of the first counts
        await asyncio.sleep(SHORT / 2)
        assert gradio.left == []
        await asyncio.sleep(4 * SHORT)  # a busy machine is given the time again

    gradio = Gradio()
    asyncio.run(both(gradio))
    assert gradio.left == ["session_hash=s"]


@pytest.mark.parametrize("first", [JOIN, STREAM])
def test_a_stream_may_be_opened_before_or_after(first: str) -> None:
    async def follow(gradio: Gradio) -> None:
        app = watch(gradio)
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
        await ask(watch(gradio), JOIN)
        await asyncio.sleep(2 * SHORT)

    gradio = Gradio(422)
    asyncio.run(refused(gradio))
    assert gradio.left == []


def test_the_time_does_not_run_while_the_process_is_paused() -> None:
    async def paused(gradio: Gradio) -> None:
        app = watch(gradio)
        await ask(app, JOIN)
        time.sleep(3 * SHORT)  # the loop sees nothing that arrives meanwhile
        stream = asyncio.create_task(ask(app, STREAM, SHORT / 2))
        await asyncio.sleep(SHORT / 4)
        assert gradio.left == []
        await stream

    asyncio.run(paused(Gradio()))


def test_what_a_join_has_set_up_is_not_freed_by_an_event_that_ends_meanwhile() -> None:
    """A page asks for its opening and, without a stream, for the status line at the same time."""

    class Slow(Gradio):
        async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
            await asyncio.sleep(SHORT / 2 if scope["path"] == JOIN else 0)
            await super().__call__(scope, receive, send)

    async def both(memory: Memory) -> list[int]:
        app = watch(Slow(), memory=memory)
        joining = asyncio.create_task(ask(app, JOIN))
        await asyncio.sleep(SHORT / 4)
        await ask(app, "/gradio_api/run/predict")
        seen = [memory.freed]
        await joining
        await ask(app, STREAM, SHORT / 4)
        return [*seen, memory.freed]

    assert asyncio.run(both(Memory())) == [0, 1]


def test_what_is_taken_while_a_stream_ends_waits_for_the_next() -> None:
    class Ending(Gradio):
        async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
            self.left.append(scope["path"])
            await send({"type": "http.response.start", "status": 200, "headers": []})
            await send({"type": "http.response.body", "body": b""})

    async def follow(sessions: Sessions) -> None:
        gradio, memory = Ending(), Memory()
        app = watch(gradio, sessions, memory)
        await ask(app, JOIN)
        memory.unread = True
        await ask(app, STREAM)
        assert (memory.freed, len(sessions)) == (0, 1)
        memory.unread = False
        await ask(app, STREAM)
        assert (memory.freed, len(sessions)) == (1, 0)
        memory.unread = True
        await ask(app, STREAM)
        await asyncio.sleep(4 * SHORT)
        assert len(gradio.left) > 4  # nobody came: it is left, as an event without a stream is
        assert not sessions

    asyncio.run(follow(Sessions(100)))


def test_sessions_at_work_are_counted_from_the_event_to_the_end_of_the_stream() -> None:
    async def count(gradio: Gradio, sessions: Sessions) -> list[int]:
        app = watch(gradio, sessions)
        seen = [len(sessions)]
        await ask(app, JOIN)
        await ask(app, JOIN)
        seen.append(len(sessions))
        streams = [asyncio.create_task(ask(app, STREAM, SHORT, one)) for one in ("s", "t")]
        await asyncio.sleep(SHORT / 4)
        seen.append(len(sessions))
        await asyncio.gather(*streams)
        return [*seen, len(sessions)]

    assert asyncio.run(count(Gradio(), Sessions(100))) == [0, 1, 2, 0]


def test_one_address_leaves_room_for_the_others() -> None:
    async def crowd(app: SessionWatch) -> list[int]:
        first = [await ask(app, JOIN, session=f"s{number}") for number in range(4)]
        again = await ask(app, JOIN, session="s0")
        other = await ask(app, JOIN, session="t", address="b")
        await asyncio.sleep(2 * SHORT)  # all are given up: nobody follows them
        return [*first, again, other, await ask(app, JOIN, session="u")]

    assert asyncio.run(crowd(watch(Gradio(), Sessions(3)))) == [200, 200, 200, 429, 200, 200, 200]


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


@pytest.fixture(scope="module")
def waiting(live: Live, events: Any) -> Iterator[tuple[Future[str], Future[bool]]]:  # noqa: F811
    """Two have pressed: what one reads who asks late but in time, and whether the other, who asks
    too late, is forgotten. The time passes beside other tests."""
    late, left = (join(live, events["tokens_pieces"], text="The wolf") for _ in range(2))

    def read() -> str:
        time.sleep(SECONDS / 2)
        return live.http.get("/gradio_api/queue/data", params={"session_hash": late}).text

    def forgotten() -> bool:
        time.sleep(1.5 * SECONDS)
        return is_forgotten(live, left)

    with ThreadPoolExecutor(2) as people:
        yield people.submit(read), people.submit(forgotten)


@pytest.mark.usefixtures("waiting")
def test_orphans_are_cancelled_and_who_follows_is_answered(live: Live, events: Any) -> None:  # noqa: F811
    call(live, events["generation_lanes"], length=8)  # so that the model is there
    before = counts(live)
    began = time.monotonic()
    orphans = [join(live, events["generation_lanes"], length=256) for _ in range(ORPHANS)]
    assert "Once upon" in str(call(live, events["generation_lanes"], length=8))
    answered = time.monotonic() - began
    while (now := counts(live))["running"] + now["queued"]:
        assert time.monotonic() - began < answered + 2 * SECONDS
        time.sleep(0.1)
    assert now["received"] - before["received"] == ORPHANS + 1
    assert now["cancelled"] - before["cancelled"] == ORPHANS
    assert now["done"] - before["done"] == 1
    assert is_forgotten(live, orphans[0])


def test_a_stream_that_comes_late_but_in_time_brings_the_answer(
    waiting: tuple[Future[str], Future[bool]],
) -> None:
    assert "process_completed" in waiting[0].result()


def test_who_has_read_all_and_asks_again_is_told_the_end(live: Live, events: Any) -> None:  # noqa: F811
    """Gradio's page does, where it learns late that an event was taken. An error would keep it from
    ever opening a stream again."""
    session = join(live, events["tokens_pieces"], text="The wolf")
    query = {"session_hash": session}
    said = live.http.get("/gradio_api/queue/data", params=query).text
    end = said.strip().splitlines()[-1]
    assert "close_stream" in end
    for _ in range(2):
        again = live.http.get("/gradio_api/queue/data", params=query)
        assert (again.status_code, again.text.strip()) == (200, end)
        assert again.headers["content-type"].startswith("text/event-stream")


def test_what_was_done_before_is_forgotten_too(
    waiting: tuple[Future[str], Future[bool]],
) -> None:
    assert waiting[1].result()


@pytest.mark.skipif(sys.platform == "win32", reason="no process can be paused there")
@pytest.mark.parametrize(
    ("name", "seconds"),
    [
        ("generation_lanes", 5.0),
        pytest.param("tokens_pieces", SECONDS + 2.0, marks=pytest.mark.thorough),
    ],
)
def test_a_pause_of_the_process_gives_nobody_up(
    live: Live,
    events: Any,  # noqa: F811
    name: str,
    seconds: float,
) -> None:
    """As on a busy machine: ten people press, and ask for their streams while nothing is read."""
    call(live, events["generation_lanes"], length=8)  # so that the model is there
    changes = {"length": 8} if name == "generation_lanes" else {}
    sessions = [join(live, events[name], **changes) for _ in range(10)]

    def follow(session: str) -> bool:
        said = live.http.get("/gradio_api/queue/data", params={"session_hash": session}).text
        return '"msg":"process_completed"' in said and '"success":true' in said

    live.process.send_signal(signal.SIGSTOP)
    try:
        with ThreadPoolExecutor(10) as people:
            followed = people.map(follow, sessions)
            time.sleep(seconds)
            live.process.send_signal(signal.SIGCONT)
            assert list(followed) == [True] * 10
    finally:
        live.process.send_signal(signal.SIGCONT)
