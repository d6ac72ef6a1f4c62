"""Closing without losing anybody's work: first no new events, then the end of those at work."""

from __future__ import annotations

import os
import sys
import threading
import time
from collections.abc import Callable, Sized
from typing import NoReturn

from starlette.types import ASGIApp, Receive, Scope, Send

from web.events import EVENT_ROUTE
from web.responses import refusal

SECONDS = 6.0  # so that the process has ended within nine: containers give ten
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
        """Take nothing new. Its arguments make it a signal handler; the second signal ends all."""
        if self._said.is_set():
            os._exit(1)
        self._said.set()

    def has_begun(self) -> bool:
        return self._said.is_set()

    def wait(self) -> None:
        """Sleep until it is time to close."""
        while not self._said.wait(0.5):  # in pieces: Windows lets no Ctrl-C into a longer wait
            pass


def finish(sessions: Sized, cut_short: Callable[[], None]) -> int:
    """Let the sessions at work end, and say what became of them; returns how many did not.

    cut_short: tells those whose time is up, who get a second to hear it.
    """
    say(f"Closing: nothing new is taken; {people(len(sessions))} at work, up to {SECONDS:g} s.")
    left = let_finish(sessions, SECONDS)
    if left:
        cut_short()
        let_finish(sessions, 1.0)
    say(f"Closed; {people(left)} cut short." if left else "Closed; all were answered.")
    return left


def let_finish(sessions: Sized, seconds: float) -> int:
    """Give the sessions at work this long to end; returns how many have not."""
    deadline = time.monotonic() + seconds
    quiet_since = time.monotonic()
    while (now := time.monotonic()) < deadline:
        if len(sessions):
            quiet_since = now
        elif now - quiet_since >= QUIET:
            break
        time.sleep(0.05)
    return len(sessions)


def people(count: int) -> str:
    """One person, two people."""
    return "1 person" if count == 1 else f"{count} people"


def say(sentence: str) -> None:
    print(sentence, file=sys.stderr, flush=True)


def end(page_closes: Callable[[], None]) -> NoReturn:
    """Close what still answers, and end the process with 0, at the latest after 1.5 s.

    Without Python's own shutdown: a library that is still being imported by the warm-up, such as
    torch, aborts the process there.
    """
    threading.Timer(1.5, os._exit, (0,)).start()
    page_closes()
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(0)


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
