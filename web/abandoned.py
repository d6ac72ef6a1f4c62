"""Leaving for somebody who never came: how Gradio is told that nobody follows a session."""

from __future__ import annotations

import asyncio
from contextlib import suppress

from starlette.types import ASGIApp, Message, Scope

JOIN, STREAM = "/gradio_api/queue/join", "/gradio_api/queue/data"
LOOK = 0.05  # seconds in which Gradio begins to send, so that it notices who leaves


async def leave(app: ASGIApp, session: str, scope: Scope) -> None:
    """Open the stream and leave it at once: Gradio lets go of all that its reader asked for.

    What has been done by then is read to its end first; only who leaves an open stream makes
    Gradio forget the session, and whoever comes later is told so instead of waiting for ever.
    scope: of the request that took the event.
    """
    with suppress(Exception):  # it may have ended by itself; there is nobody to tell
        if await look_in(app, session, scope):
            await look_in(app, session, scope)


async def look_in(app: ASGIApp, session: str, scope: Scope) -> bool:
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
    await app(asked, receive, send)
    return ended.is_set()
