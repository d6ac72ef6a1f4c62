"""Only what the page and `gradio_client` ask for is open; all other routes of Gradio are not there.

Gradio brings routes for uploads, recordings, proxied files, deep links, icons of any size, usage
summaries and editing by a language model. No tab needs them, so nobody can reach them.
"""

from __future__ import annotations

import re

from starlette.types import ASGIApp, Receive, Scope, Send

from web.refusal import refusal

API = "/gradio_api"
READ = ("GET", "HEAD")
OPEN: tuple[tuple[tuple[str, ...], str], ...] = (
    (READ, "/(tokens|embeddings|attention|generation|ladder)?"),
    (READ, "/healthz"),
    (READ, r"/(assets|static)/[\w./-]{1,200}"),
    (READ, r"/theme\.css|/favicon\.ico|/robots\.txt"),
    (READ, f"/config/?|{API}/info/?"),  # what `gradio_client` reads first
    (READ, f"{API}/app_id"),  # what a page asks for when its connection broke
    (READ, f"{API}/startup-events"),  # what `launch` asks for
    (READ, rf"{API}/(heartbeat/[\w-]+|queue/data)"),
    (("POST",), rf"{API}/(queue/join|run/\w+|cancel|reset)"),
)


class RouteGate:
    """Answers 404 before Gradio sees the request."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app
        self._open = [(methods, re.compile(path)) for methods, path in OPEN]

    def lets_in(self, method: str, path: str) -> bool:
        """Whether the list has this route; a path that climbs is on no list."""
        return ".." not in path and any(
            method in methods and pattern.fullmatch(path) for methods, pattern in self._open
        )

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and not self.lets_in(scope["method"], scope["path"]):
            await refusal(404, "There is nothing here.")(scope, receive, send)
        elif scope["type"] == "websocket":
            await send({"type": "websocket.close", "code": 1008})
        else:
            await self._app(scope, receive, send)
