"""A backend behind a real HTTP server on a port of its own, and a line that can be disturbed."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import uvicorn
from starlette.requests import Request

from inference import wire
from inference.backend import Backend
from inference.cluster.protocol import ClusterStatus
from inference.cluster.server import BackendServer
from inference.limits import Limits
from inference.loading.trained import TrainedModels

Disturb = Callable[[dict[str, Any], int, bytes], Any]
"""Given the headers of a request, the number of a line of its answer and the line: awaited before
the line is sent; may raise, which cuts the answer off."""


class CutOff(Exception):
    pass


class Line:
    """The ASGI app: routes as the deployments do, and lets a test disturb what is sent."""

    def __init__(self, backend: Backend, trained: TrainedModels, limits: Limits) -> None:
        self.backend = backend
        self.server = BackendServer(backend, trained, limits)
        self.asked: list[dict[str, str]] = []
        """The headers of every question."""
        self.disturb: Disturb | None = None
        self.away = False
        """As a proxy answers that has no replica behind it."""

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        request = Request(scope, receive)
        if self.away:
            await send({"type": "http.response.start", "status": 503, "headers": []})
            await send({"type": "http.response.body", "body": b"<h1>no replica</h1>"})
            return
        if request.url.path == "/status/":
            status = ClusterStatus(self.backend.status, self.server.counts, 1)
            await send({"type": "http.response.start", "status": 200, "headers": []})
            await send({"type": "http.response.body", "body": wire.dumps(status)})
            return
        work = self.server.run if request.url.path.endswith("/run") else self.server.open
        if work == self.server.run:
            self.asked.append(dict(request.headers))
        response = await work(request)
        await response(scope, receive, self._disturbed(send, dict(request.headers)))

    def _disturbed(self, send: Any, headers: dict[str, str]) -> Any:
        lines = 0

        async def sent(message: Any) -> None:
            nonlocal lines
            if message["type"] == "http.response.body" and self.disturb and message["body"]:
                await self.disturb(headers, lines, message["body"])
                lines += 1
            await send(message)

        return sent


@contextmanager
def serving(line: Line) -> Iterator[str]:
    """Its URL, for as long as it is served."""
    quiet = {"log_config": None, "lifespan": "off", "ws": "none", "access_log": False}
    server = uvicorn.Server(uvicorn.Config(line, port=0, **quiet))  # type: ignore[arg-type]
    thread = threading.Thread(target=lambda: asyncio.run(server.serve()))
    thread.start()
    while not server.started:
        assert thread.is_alive()
        threading.Event().wait(0.01)
    try:
        yield f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
    finally:
        server.force_exit = server.should_exit = True
        thread.join()
