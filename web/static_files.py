"""The pages and their files from memory: compressed once, and not sent again to who has them.

Left to itself Gradio reads every file from disk and compresses it anew for every visitor, renders
the page anew though it is the same for everybody, and lets no browser keep anything.
"""

from __future__ import annotations

import gzip
import hashlib
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from urllib.parse import parse_qs, urlencode

import brotli
from anyio import Lock, sleep_forever, to_thread
from starlette.datastructures import Headers
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

CONFIG = "/config"
FILES = re.compile(r"/(?:assets|static)/.+|/theme\.css|/favicon\.ico|/robots\.txt")
HASHED = re.compile(r"/assets/.+-[\w-]{8,}\.\w+")  # the name changes whenever the content does
ADDRESS_HEADERS = ("host", "x-forwarded-host", "x-forwarded-proto")
ADDRESSES = 16  # under which a page is kept; anybody can invent addresses
BYTES = 48_000_000  # all files that Gradio brings, with their compressed copies, are more
QUALITY = {"br": 7, "gzip": 6}
SMALL = 400  # bytes; below it the headers weigh more than what compression saves
REFUSED = re.compile(r"q=0(\.0*)?")
COMPRESSIBLE = ("text/", "application/javascript", "application/json", "image/svg+xml")

Key = tuple[str, ...]
"""Path, query, and for what is rendered the address under which it was asked for."""


class StaticCache:
    """Answers GET and HEAD from memory, and asks the app only the first time.

    pages: the paths of the pages, which are the same for everybody under one address.
    """

    def __init__(self, app: ASGIApp, pages: Sequence[str]) -> None:
        self._app = app
        self._pages = frozenset(pages)
        self._kept: dict[Key, Representation] = {}
        self._asked: Counter[Key] = Counter()
        self._filling = Lock()  # a class opens the page at once: each file is made only once

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        key = self.key(scope)
        if key is None:
            await self._app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        encoding = accepted(headers)
        kept = self._kept.get(key)
        if kept is None or not kept.has(encoding):
            async with self._filling:
                kept = self._kept.get(key) or await self._fill(key, scope, receive, send)
                if kept is None:
                    return
                await to_thread.run_sync(kept.body, encoding)
        if key in self._kept:
            self._asked[key] += 1
        await answer(kept, scope, headers)(scope, receive, send)

    def key(self, scope: Scope) -> Key | None:
        """All that an answer may depend on, or None where it must not be kept."""
        if scope["type"] != "http" or scope["method"] not in ("GET", "HEAD"):
            return None
        path, query = scope["path"], ""
        if FILES.fullmatch(path):
            return (path, query)
        if path == CONFIG:
            query = self._page_asked(scope)
        elif path not in self._pages:
            return None
        headers = Headers(scope=scope)
        address = (headers.get(name, "") for name in ADDRESS_HEADERS)
        return (path, query, scope["scheme"], *address)

    def _page_asked(self, scope: Scope) -> str:
        """The part of a query for the configuration that counts: one of the pages, or none."""
        asked = parse_qs(scope["query_string"].decode("latin-1"), keep_blank_values=True)
        page = asked.get("page", [None])[-1]
        return urlencode({"page": page}) if f"/{page}" in self._pages else ""

    async def _fill(
        self, key: Key, scope: Scope, receive: Receive, send: Send
    ) -> Representation | None:
        """Ask the app and keep its answer; any answer but 200 is passed on, and None returned."""
        # No cookie, range, query or known tag of one visitor may shape what all others get.
        wanted = [(k, v) for k, v in scope["headers"] if k.decode("latin-1") in ADDRESS_HEADERS]
        recorder = Recorder()
        plain = {**scope, "method": "GET", "headers": wanted, "query_string": key[1].encode()}
        await self._app(plain, stays, recorder)
        if recorder.status != 200:
            await recorder.response()(scope, receive, send)
            return None
        made = Representation(bytes(recorder.body), recorder.headers["content-type"])
        self._keep(key, made)
        return made

    def _keep(self, key: Key, made: Representation) -> None:
        """Keep it if there is room; of too many addresses, the one asked for least goes."""
        addresses = [other for other in self._kept if other[:2] == key[:2]]
        if len(addresses) >= ADDRESSES:
            least = min(addresses, key=self._asked.__getitem__)
            del self._kept[least], self._asked[least]
        if sum(one.size for one in self._kept.values()) + made.size <= BYTES:
            self._kept[key] = made


async def stays() -> Message:
    """A `receive` of somebody who waits for the whole answer, which is for all that come later:
    where the one who asked first has left in the middle, half a file or none would be kept."""
    await sleep_forever()
    raise AssertionError


class Recorder:
    """A `send` that keeps what the app answers."""

    def __init__(self) -> None:
        self.status = 500
        self.body = bytearray()
        self.headers: Mapping[str, str] = {}

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.status = message["status"]
            self.headers = Headers(raw=list(message.get("headers", [])))
        elif message["type"] == "http.response.body":
            self.body += message.get("body", b"")

    def response(self) -> Response:
        """The answer again, as it was."""
        return Response(bytes(self.body), self.status, dict(self.headers))


class Representation:
    """The body and type of an answer, compressed at most once for each encoding."""

    def __init__(self, body: bytes, content_type: str) -> None:
        self._bodies: dict[str, bytes] = {"identity": body}
        self._compressible = len(body) >= SMALL and content_type.startswith(COMPRESSIBLE)
        self.content_type = content_type
        # Weak, as it names the content and not one encoding of it.
        self.etag = f'W/"{hashlib.sha256(body).hexdigest()[:32]}"'

    def _used(self, encoding: str) -> str:
        return encoding if self._compressible else "identity"

    def has(self, encoding: str) -> bool:
        """Whether `body` costs nothing for this encoding."""
        return self._used(encoding) in self._bodies

    def body(self, encoding: str) -> bytes:
        """The bytes in this encoding; the first time this may take a tenth of a second."""
        encoding = self._used(encoding)
        if encoding not in self._bodies:
            plain = self._bodies["identity"]
            self._bodies[encoding] = (
                brotli.compress(plain, quality=QUALITY["br"])
                if encoding == "br"
                else gzip.compress(plain, QUALITY["gzip"], mtime=0)
            )
        return self._bodies[encoding]

    def headers(self, encoding: str) -> dict[str, str]:
        """All headers but the length and how long it may be kept."""
        used = self._used(encoding)
        encoded = {} if used == "identity" else {"content-encoding": used}
        return {
            "content-type": self.content_type,
            "etag": self.etag,
            "vary": "Accept-Encoding",
            **encoded,
        }

    @property
    def size(self) -> int:
        """Bytes in memory."""
        return sum(map(len, self._bodies.values()))


def accepted(headers: Headers) -> str:
    """The best encoding that a client accepts; a quality of zero means that it refuses it."""
    offers = {}
    for part in headers.get("accept-encoding", "").lower().split(","):
        name, _, quality = part.partition(";")
        offers[name.strip()] = not REFUSED.fullmatch(quality.strip())
    return next((name for name in QUALITY if offers.get(name)), "identity")


def lifetime(scope: Scope) -> str:
    """How long a browser may keep what it asked for here, without asking again."""
    path = scope["path"]
    versioned = path == "/theme.css" and scope["query_string"].startswith(b"v=")
    if versioned or HASHED.fullmatch(path):
        return "public, max-age=31536000, immutable"
    return "public, max-age=3600" if FILES.fullmatch(path) else "no-cache"


def answer(kept: Representation, scope: Scope, headers: Headers) -> Response:
    """What this client gets: all of it, its headers alone, or that it has it already."""
    encoding = accepted(headers)
    shown = {**kept.headers(encoding), "cache-control": lifetime(scope)}
    known = headers.get("if-none-match", "")
    if known == "*" or kept.etag in (tag.strip() for tag in known.split(",")):
        return Response(status_code=304, headers=shown)
    body = kept.body(encoding)
    if scope["method"] == "HEAD":
        return Response(headers={**shown, "content-length": str(len(body))})
    return Response(body, headers=shown)
