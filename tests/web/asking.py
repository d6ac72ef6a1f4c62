"""Ask an ASGI app without a network, with the body in chunks of the test's choosing."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field

from starlette.types import ASGIApp, Message, Receive, Scope, Send


@dataclass
class Answer:
    """What came back."""

    status: int = 0
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes = b""


def ask(
    app: ASGIApp,
    path: str,
    method: str = "GET",
    headers: dict[str, str] | None = None,
    body: Sequence[bytes] = (b"",),
    query: str = "",
    root: str = "",
    client: str = "192.0.2.1",
) -> Answer:
    """One request, one answer."""
    given = {"host": "orrery.test", **(headers or {})}
    scope: Scope = {
        "type": "http",
        "method": method,
        "path": path,
        "root_path": root,
        "scheme": "http",
        "query_string": query.encode(),
        "client": (client, 50_000),
        "headers": [(k.encode(), v.encode()) for k, v in given.items()],
    }
    chunks = list(body)
    answer = Answer()

    async def receive() -> Message:
        if not chunks:
            return {"type": "http.disconnect"}
        chunk = chunks.pop(0)
        return {"type": "http.request", "body": chunk, "more_body": bool(chunks)}

    async def send(message: Message) -> None:
        if message["type"] == "http.response.start":
            answer.status = message["status"]
            answer.headers = {k.decode().lower(): v.decode() for k, v in message["headers"]}
        elif message["type"] == "http.response.body":
            answer.body += message.get("body", b"")

    asyncio.run(run(app, scope, receive, send))
    return answer


async def run(app: ASGIApp, scope: Scope, receive: Receive, send: Send) -> None:
    """`asyncio.run` wants a coroutine, and an app gives an awaitable."""
    await app(scope, receive, send)
