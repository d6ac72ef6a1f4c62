"""Closing without losing anybody's work: first no new events, then the end of those at work."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

from starlette.types import ASGIApp, Receive, Scope, Send

from web.body_check import EVENT_ROUTE
from web.refusal import refusal

SECONDS = 10.0
QUIET = 0.3  # seconds without work, so that the last answer has left too
CLOSING = (
    "Orrery is about to restart and takes nothing new. What you typed stays in its box; "
    "run it again in a minute."
)


class Closing:
    """Whether the app is closing; said once, by the signal that ends it."""

    def __init__(self) -> None:
        self._said = threading.Event()

    def begin(self, *_: object) -> None:
        """Take nothing new. Its arguments make it a signal handler."""
        self._said.set()

    def has_begun(self) -> bool:
        return self._said.is_set()

    def wait(self) -> None:
        """Sleep until it is time to close."""
        while not self._said.wait(0.5):  # in pieces: Windows lets no Ctrl-C into a longer wait
            pass

    def let_finish(self, at_work: Callable[[], int], seconds: float = SECONDS) -> int:
        """Give the events at work this long to end; returns how many have not."""
        deadline = time.monotonic() + seconds
        quiet_since = time.monotonic()
        while (now := time.monotonic()) < deadline:
            if at_work():
                quiet_since = now
            elif now - quiet_since >= QUIET:
                break
            time.sleep(0.05)
        return at_work()


class ClosingGate:
    """Refuses new events once the app is closing; what streams goes on."""

    def __init__(self, app: ASGIApp, closing: Closing) -> None:
        self._app = app
        self._closing = closing

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        new = scope["type"] == "http" and EVENT_ROUTE.fullmatch(scope["path"])
        if new and self._closing.has_begun():
            # Not 503: for that Gradio's page shows a sentence of its own, which is not true here.
            await refusal(409, CLOSING)(scope, receive, send)
        else:
            await self._app(scope, receive, send)
