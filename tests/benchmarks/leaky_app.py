"""The app with a leak: a megabyte and a thread of every event are never given back."""

from __future__ import annotations

import threading

from starlette.types import Receive, Scope, Send

import app
from web.events import BodyCheck

kept: list[bytearray] = []
healthy = BodyCheck.__call__


async def leaky(self: BodyCheck, scope: Scope, receive: Receive, send: Send) -> None:
    if scope["path"].endswith("/queue/join"):
        kept.append(bytearray(1_000_000))
        threading.Thread(target=threading.Event().wait, daemon=True).start()
    await healthy(self, scope, receive, send)


if __name__ == "__main__":
    BodyCheck.__call__ = leaky  # type: ignore[method-assign]
    app.main()
