"""`/cancel` is answered at once, and carried out behind the answer.

Gradio answers once the run has reached its next step, and what the page sends next waits for the
answer (`components/shared/js/requests.js`). And of two requests to cancel one run, or of one that
comes while the run ends, Gradio answers one with 500.
"""

from __future__ import annotations

import asyncio
import logging

from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

CANCEL = "/gradio_api/cancel"
SOON = 0.05  # seconds in which Gradio has told the run's task, and mostly is done
log = logging.getLogger(__name__)


class Cancellation:
    """Lets Gradio cancel an event, and does not wait for it longer than `SOON`."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app
        self._under_way: set[asyncio.Task[None]] = set()  # the event loop alone would drop them

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or (scope["method"], scope["path"]) != ("POST", CANCEL):
            await self._app(scope, receive, send)
            return
        task = asyncio.create_task(self._cancel(dict(scope), receive))
        self._under_way.add(task)
        task.add_done_callback(self._under_way.discard)
        await asyncio.wait({task}, timeout=SOON)
        await JSONResponse({"success": True})(scope, receive, send)

    async def _cancel(self, scope: Scope, receive: Receive) -> None:
        async def nobody(message: Message) -> None:
            """The answer was given already."""

        try:
            await self._app(scope, receive, nobody)
        except KeyError:  # it has ended meanwhile, or was cancelled twice
            log.debug("cancelled already")
