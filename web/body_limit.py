"""No request body grows without bound: it is read up to a limit before anything else sees it."""

from __future__ import annotations

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from web.refusal import refusal

EVENT_BYTES = 256_000  # many times the longest text that a tab takes, so that a tab can say so
OTHER_BYTES = 4_000
EVENTS = ("/gradio_api/queue/join", "/gradio_api/run/")


class TooLarge(Exception):
    """The body went over its limit."""


class BodyLimit:
    """Answers 413 to a larger body, whether its length was announced or it came in chunks."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["method"] in ("GET", "HEAD", "OPTIONS"):
            await self._app(scope, receive, send)
            return
        limit = EVENT_BYTES if scope["path"].startswith(EVENTS) else OTHER_BYTES
        try:
            announced = Headers(scope=scope).get("content-length", "0")
            if announced.isdecimal() and int(announced[:20]) > limit:
                raise TooLarge
            whole = await read(receive, limit)
        except TooLarge:
            sentence = (
                f"This is more than {limit // 1000} kB at once, which no view takes. "
                "Shorten the text; nothing you typed is lost."
            )
            await refusal(413, sentence)(scope, receive, send)
            return
        await self._app(scope, replay(whole, receive), send)


async def read(receive: Receive, limit: int) -> Message:
    """The body as one message, or the news that the client left. Raises TooLarge."""
    parts: list[bytes] = []
    size = 0
    while True:
        message = await receive()
        if message["type"] != "http.request":
            return message
        parts.append(message.get("body", b""))
        size += len(parts[-1])
        if size > limit:
            raise TooLarge
        if not message.get("more_body"):
            return {"type": "http.request", "body": b"".join(parts), "more_body": False}


def replay(message: Message, receive: Receive) -> Receive:
    """A `receive` that gives this message first, and then whatever comes."""
    waiting = [message]

    async def receive_again() -> Message:
        return waiting.pop() if waiting else await receive()

    return receive_again
