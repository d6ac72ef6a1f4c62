"""The page and its files from memory: compressed once, and not sent again to who has them.

Left to itself Gradio reads every file from disk and compresses it anew for every visitor, renders
the page anew though it is the same for everybody, and lets no browser keep anything.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from anyio import Lock, to_thread
from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from web.representation import Representation

PAGES = ("/", "/tokens", "/embeddings", "/attention", "/generation", "/ladder")
RENDERED = (*PAGES, "/config")  # the same for everybody who reaches the app under one address
FILES = re.compile(r"/(?:assets|static)/.+|/theme\.css|/favicon\.ico|/robots\.txt")
HASHED = re.compile(r"/assets/.+-[\w-]{8,}\.\w+")  # the name changes whenever the content does
ADDRESS_HEADERS = ("host", "x-forwarded-host", "x-forwarded-proto")
ADDRESSES = 16  # renderings kept; anybody can invent addresses
BYTES = 48_000_000  # all files that Gradio brings, with their compressed copies, are more

Key = tuple[str, ...]


class StaticCache:
    """Answers GET and HEAD from memory, and asks the app only the first time."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app
        self._kept: dict[Key, Representation] = {}
        self._filling = Lock()  # a class opens the page at once: each file is made only once

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        key = cache_key(scope)
        if key is None:
            await self._app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        kept = self._kept.get(key)
        if kept is None or not kept.has(kept.encoding(headers.get("accept-encoding", ""))):
            async with self._filling:
                kept = self._kept.get(key) or await self._fill(key, scope, receive, send)
                if kept is None:
                    return
                encoding = kept.encoding(headers.get("accept-encoding", ""))
                await to_thread.run_sync(kept.body, encoding)
        await answer(kept, scope["method"], headers)(scope, receive, send)

    async def _fill(
        self, key: Key, scope: Scope, receive: Receive, send: Send
    ) -> Representation | None:
        """Ask the app and keep its answer; any answer but 200 is passed on, and None returned."""
        # No cookie, range, query or known tag of one visitor may shape what all others get.
        wanted = [(k, v) for k, v in scope["headers"] if k.decode("latin-1") in ADDRESS_HEADERS]
        recorder = Recorder()
        plain = {**scope, "method": "GET", "headers": wanted, "query_string": b""}
        await self._app(plain, receive, recorder)
        if recorder.status != 200:
            await recorder.response()(scope, receive, send)
            return None
        made = Representation(
            bytes(recorder.body), recorder.headers["content-type"], lifetime(scope)
        )
        self._keep(key, made)
        return made

    def _keep(self, key: Key, made: Representation) -> None:
        addresses = [other for other in self._kept if other[0] == key[0]]
        if len(addresses) >= ADDRESSES:
            del self._kept[addresses[0]]
        if sum(one.size for one in self._kept.values()) + made.size <= BYTES:
            self._kept[key] = made


class Recorder:
    """A `send` that keeps what the app answers."""

    def __init__(self) -> None:
        self.status = 500
        self.body = bytearray()
        self.headers: Mapping[str, str] = {}

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.status = message["status"]
            self.headers = MutableHeaders(raw=list(message.get("headers", [])))
        elif message["type"] == "http.response.body":
            self.body += message.get("body", b"")

    def response(self) -> Response:
        """The answer again, as it was."""
        return Response(bytes(self.body), self.status, dict(self.headers))


def cache_key(scope: Scope) -> Key | None:
    """What an answer may depend on, or None where it must not be kept."""
    if scope["type"] != "http" or scope["method"] not in ("GET", "HEAD"):
        return None
    path = scope["path"]
    if FILES.fullmatch(path):
        return (path,)
    if path in RENDERED:
        headers = Headers(scope=scope)
        return (path, scope["scheme"], *(headers.get(name, "") for name in ADDRESS_HEADERS))
    return None


def lifetime(scope: Scope) -> str:
    """How long a browser may keep an answer without asking."""
    versioned = scope["path"] == "/theme.css" and scope["query_string"].startswith(b"v=")
    if versioned or HASHED.fullmatch(scope["path"]):
        return "public, max-age=31536000, immutable"
    return "no-cache" if scope["path"] in RENDERED else "public, max-age=3600"


def answer(kept: Representation, method: str, headers: Headers) -> Response:
    """What this client gets: all of it, its headers alone, or that it has it already."""
    encoding = kept.encoding(headers.get("accept-encoding", ""))
    shown = dict(kept.headers(encoding))
    if kept.is_known(headers):
        return Response(status_code=304, headers=shown)
    body = kept.body(encoding)
    if method == "HEAD":
        return Response(headers={**shown, "content-length": str(len(body))})
    return Response(body, headers=shown)
