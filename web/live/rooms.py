"""`/room/CODE/guess` and `/room/CODE/turn`: what the people in a room send, and the lecturer."""

from __future__ import annotations

import re
from collections.abc import Callable

from anyio import to_thread
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from inference.errors import OrreryError
from web.responses import refusal

PATH = re.compile(r"/room/(\w{4,12})/(guess|turn)", re.ASCII)
Act = Callable[[str, bytes], None]
"""Does what a body asks for in the room with this code; raises OrreryError."""


class RoomActs:
    """Answers 409 with a sentence to what does not count.

    guess: takes no time. turn: may ask models, so it has a thread.
    """

    def __init__(self, app: ASGIApp, guess: Act, turn: Act) -> None:
        self._app = app
        self._guess, self._turn = guess, turn

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        asked = PATH.fullmatch(scope["path"]) if scope["type"] == "http" else None
        if asked is None:
            await self._app(scope, receive, send)
            return
        body = await Request(scope, receive).body()
        try:
            if asked[2] == "guess":
                self._guess(asked[1], body)
            else:
                await to_thread.run_sync(self._turn, asked[1], body)
        except OrreryError as error:
            await refusal(409, str(error))(scope, receive, send)
        else:
            await JSONResponse({}, headers={"Cache-Control": "no-store"})(scope, receive, send)
