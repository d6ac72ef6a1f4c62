"""`/healthz`: whether the app works, for a load balancer, a container, or a person with curl."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import asdict

from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from inference.status import ServiceStatus

PATH = "/healthz"


class Healthz:
    """Answers from the service's status alone: 200 while it works, 503 once it does not.

    It does not while it closes, and where no model can be used. The status is what the status
    line shows to everybody, so nothing here is secret.
    """

    def __init__(
        self, app: ASGIApp, status: Callable[[], ServiceStatus], closing: Callable[[], bool]
    ) -> None:
        self._app = app
        self._status = status
        self._closing = closing
        self._began = time.monotonic()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and scope["path"] == PATH:
            await self._answer()(scope, receive, send)
        else:
            await self._app(scope, receive, send)

    def _answer(self) -> JSONResponse:
        status = self._status()
        ok = not self._closing() and any(model.available for model in status.models)
        facts = {
            "ok": ok,
            "closing": self._closing(),
            "uptime_seconds": round(time.monotonic() - self._began, 1),
            **asdict(status),
        }
        return JSONResponse(facts, 200 if ok else 503, {"Cache-Control": "no-store"})
