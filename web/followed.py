"""An event that nobody follows is not worked on: its reader is taken to have left.

Gradio runs what was asked for whether or not anybody opens the stream that brings the answer, and
keeps every message until somebody does.
"""

from __future__ import annotations

import asyncio
import json
from collections import Counter
from contextlib import suppress
from urllib.parse import parse_qs

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from web.body_limit import replay

JOIN, STREAM = "/gradio_api/queue/join", "/gradio_api/queue/data"
SECONDS = 3.0  # a page asks for its stream as soon as the event has been taken
LOOK = 0.05  # seconds in which Gradio begins to send, so that it notices who leaves


class Followed:
    """Gives up the events of a session whose stream is not open a while after one was taken."""

    def __init__(self, app: ASGIApp, seconds: float = SECONDS) -> None:
        self._app = app
        self._seconds = seconds
        self._streams: Counter[str] = Counter()
        """Open ones, by session: a program may open its own before it asks, or after."""
        self._deadlines: dict[str, asyncio.TimerHandle] = {}
        self._leaving: set[asyncio.Task[None]] = set()  # the event loop alone would drop them

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        route = (scope["method"], scope["path"]) if scope["type"] == "http" else None
        if route == ("POST", JOIN):
            await self._join(scope, receive, send)
        elif route == ("GET", STREAM):
            await self._follow(scope, receive, send)
        else:
            await self._app(scope, receive, send)

    async def _join(self, scope: Scope, receive: Receive, send: Send) -> None:
        message = await receive()  # whole, and looked at: it names a session
        status = 0

        async def note_status(answer: Message) -> None:
            nonlocal status
            status = answer.get("status", status)
            await send(answer)

        before = dict(scope)  # what is below writes into it
        await self._app(scope, replay(message, receive), note_status)
        if status == 200:
            self._expect(json.loads(message["body"])["session_hash"], before)

    def _expect(self, session: str, scope: Scope) -> None:
        """Give the session its time, unless it follows or its time is running already."""
        if session not in self._streams and session not in self._deadlines:
            self._deadlines[session] = asyncio.get_running_loop().call_later(
                self._seconds, self._give_up, session, scope
            )

    async def _follow(self, scope: Scope, receive: Receive, send: Send) -> None:
        session = parse_qs(scope["query_string"].decode("latin-1")).get("session_hash", [""])[-1]
        if deadline := self._deadlines.pop(session, None):
            deadline.cancel()
        self._streams[session] += 1
        try:
            await self._app(scope, receive, send)
        finally:
            self._streams[session] -= 1
            if not self._streams[session]:
                del self._streams[session]

    def _give_up(self, session: str, scope: Scope) -> None:
        del self._deadlines[session]
        task = asyncio.create_task(self._leave(session, scope))
        self._leaving.add(task)
        task.add_done_callback(self._leaving.discard)

    async def _leave(self, session: str, scope: Scope) -> None:
        """Open the stream and leave it at once: Gradio lets go of all that its reader asked for.

        What has been done by then is read to its end first; only who leaves an open stream makes
        Gradio forget the session, and whoever comes later is told so instead of waiting for ever.
        """
        with suppress(Exception):  # it may have ended by itself; there is nobody to tell
            if await self._look_in(session, scope):
                await self._look_in(session, scope)

    async def _look_in(self, session: str, scope: Scope) -> bool:
        """Open the stream for a moment; whether it came to its end."""
        begun, ended = asyncio.Event(), asyncio.Event()

        async def receive() -> Message:
            await begun.wait()
            await asyncio.sleep(LOOK)
            return {"type": "http.disconnect"}

        async def send(message: Message) -> None:
            begun.set()
            if message["type"] == "http.response.body" and not message.get("more_body"):
                ended.set()

        asked = {
            **scope,
            "method": "GET",
            "path": STREAM,
            "raw_path": STREAM.encode(),
            "query_string": f"session_hash={session}".encode(),
            "headers": [(name, value) for name, value in scope["headers"] if name == b"host"],
            # By a later one, leaving is noticed where something is sent, and not by `receive`.
            "asgi": {"version": "3.0", "spec_version": "2.3"},
        }
        await self._app(asked, receive, send)
        return ended.is_set()
