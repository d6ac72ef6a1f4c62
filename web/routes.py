"""Which routes are open: what the pages and `gradio_client` ask for. All others of Gradio are 404.

Gradio brings routes for uploads, recordings, proxied files, deep links, icons of any size, usage
summaries and editing by a language model. No page needs them, so nobody can reach them.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from starlette.responses import RedirectResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from web.responses import refusal

API = "/gradio_api"
READ = ("GET", "HEAD")
OPEN: tuple[tuple[tuple[str, ...], str], ...] = (
    (READ, r"/healthz|/cards/[\w.-]{1,40}"),
    (READ, r"/(assets|static)/[\w./-]{1,200}"),
    (READ, r"/theme\.css|/favicon\.ico|/robots\.txt"),
    (READ, f"/config|{API}/info"),  # what `gradio_client` reads first
    (READ, f"{API}/app_id"),  # what a page asks for when its connection broke
    (READ, f"{API}/startup-events"),  # what `launch` asks for
    (READ, rf"{API}/(heartbeat/[\w-]+|queue/data)"),
    (("POST",), rf"{API}/(queue/join|run/\w+|cancel|reset)|/folder"),
    (("GET",), r"/(watch|room)/[\w-]{4,32}(/news)?|/room"),
    (("POST",), r"/watch|/room(/\w{4,12}/(guess|turn))?"),
)


class RouteGate:
    """Answers 404 before Gradio sees the request; what passes has a path without the root path.

    pages: the paths of the pages, "/" for the first.
    """

    def __init__(self, app: ASGIApp, pages: Sequence[str]) -> None:
        self._app = app
        self._pages = frozenset(pages)
        self._open = [(methods, re.compile(path)) for methods, path in OPEN]

    def lets_in(self, method: str, path: str) -> bool:
        """Whether this route is open; a path that climbs never is."""
        if path in self._pages:
            return method in READ
        return ".." not in path and any(
            method in methods and pattern.fullmatch(path) for methods, pattern in self._open
        )

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "websocket":
            await send({"type": "websocket.close", "code": 1008})
            return
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        asked = without_root(scope)
        path = asked if asked in ("/", "//") else asked.removesuffix("/")
        if asked == "" or (asked != path and path in self._pages):
            await redirect(scope, asked)(scope, receive, send)
        elif self.lets_in(scope["method"], path):
            await self._app({**scope, "path": path}, receive, send)
        else:
            await refusal(404, "There is nothing here.")(scope, receive, send)


def without_root(scope: Scope) -> str:
    """The path below the root path, whether a proxy in front kept that prefix or removed it."""
    path: str = scope["path"]
    root = str(scope.get("root_path", "")).rstrip("/")
    below = path.removeprefix(root)
    return below if below[:1] in ("", "/") else path


def redirect(scope: Scope, path: str) -> RedirectResponse:
    """To the address at which a page's relative links work: `/root/` and `/tokens`.

    Relative, as a proxy may have removed a prefix from what is seen here.
    """
    name = scope["path"].rstrip("/").rsplit("/", 1)[-1]
    target = f"{name}/" if path == "" else f"../{name}"
    query = scope["query_string"].decode("latin-1")
    return RedirectResponse(f"{target}?{query}" if query else target, 308)
