"""`/watch/CODE`: a lean page; `/watch/CODE/news`: what is said there, as server-sent events.

No session of Gradio's is made for who follows. Every follower is sent the same bytes, and holds
a place in the list of messages and nothing else; where its line is full, it waits alone.
"""

from __future__ import annotations

import asyncio
import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress

from anyio import to_thread
from starlette.datastructures import Headers
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.types import ASGIApp, Receive, Scope, Send

from inference.broadcast.topics import Topic, Topics
from inference.errors import FROM_HERE, FullHouse, OrreryError, TooManyTopics
from inference.limits import Limits
from web.responses import refusal
from web.sessions import address_of
from web.static_files import Representation, answer

PATH = re.compile(r"/(watch|room)(?:/([\w-]{4,32})(/news)?)?", re.ASCII)
HEARTBEAT = 5.0  # seconds
STUCK = 30.0  # seconds in which a line takes nothing; then it is closed
PIECE = 16_000  # bytes at once: what a line has not taken yet lies in memory
EVENTS = {
    "content-type": "text/event-stream; charset=utf-8",
    "cache-control": "no-store",
    "x-accel-buffering": "no",  # nginx would keep it back
}
Opened = Callable[[str], dict[str, object]]
"""Opens a topic: what the page is to be told of it. It is given the address before its code."""


class Broadcasts:
    """Follows topics, serves the pages on which that is done, and opens new ones by POST.

    pages: the HTML of each kind of page, which is the same for all its topics.
    opened: by the same kinds, what opens a topic; raises OrreryError. limits: of all together; one
    address may keep seven in eight of the topics, and follow as many lines as two of them may have.
    """

    def __init__(
        self,
        app: ASGIApp,
        topics: Topics,
        pages: Mapping[str, str],
        opened: Mapping[str, Opened],
        limits: Limits,
    ) -> None:
        self._most_topics = limits.topics * 7 // 8
        self._most_lines = 2 * limits.topic_followers
        self._openers: dict[str, str] = {}
        """Addresses, by the codes that they have opened."""
        self._lines: Counter[str] = Counter()
        """Followed now, by address."""
        self._app = app
        self._topics = topics
        self._pages = {
            kind: Representation(page.encode(), "text/html; charset=utf-8")
            for kind, page in pages.items()
        }
        self._opened = opened

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        asked = PATH.fullmatch(scope["path"]) if scope["type"] == "http" else None
        if asked is None or asked[1] not in self._pages:
            await self._app(scope, receive, send)
            return
        kind, code, news = asked.groups()
        if code is None and scope["method"] == "POST":
            await self._open(kind, scope, receive, send)
        elif news is None:
            page = self._pages[kind]
            await answer(page, scope, Headers(scope=scope))(scope, receive, send)
        else:
            try:
                with self._line(address_of(scope)):
                    await follow(self._topics.by_code(code), scope, receive, send)
            except OrreryError as error:
                await refused(error, scope)(scope, receive, send)

    @contextmanager
    def _line(self, address: str) -> Iterator[None]:
        """Count a line of this address. Raises FullHouse."""
        if self._lines[address] >= self._most_lines:
            raise FullHouse(self._most_lines, FROM_HERE)
        self._lines[address] += 1
        try:
            yield
        finally:
            self._lines[address] -= 1
            if not self._lines[address]:
                del self._lines[address]

    def _may_open(self, address: str) -> None:
        """Raises TooManyTopics where this address keeps too many."""
        kept = {code: who for code, who in self._openers.items() if code in self._topics}
        self._openers = kept
        if list(kept.values()).count(address) >= self._most_topics:
            raise TooManyTopics(self._most_topics, FROM_HERE)

    async def _open(self, kind: str, scope: Scope, receive: Receive, send: Send) -> None:
        address = (await Request(scope, receive).body()).decode("utf-8", "replace")
        try:
            self._may_open(address_of(scope))
            told = await to_thread.run_sync(self._opened[kind], address[:400])
            self._openers[str(told["code"])] = address_of(scope)
        except OrreryError as error:
            await refusal(409, str(error))(scope, receive, send)
        else:
            await JSONResponse(told, headers={"Cache-Control": "no-store"})(scope, receive, send)


async def follow(topic: Topic, scope: Scope, receive: Receive, send: Send) -> None:
    """Send what is said until the topic is over or the follower leaves. Raises FullHouse."""
    loop, awake = asyncio.get_running_loop(), asyncio.Event()

    def wake() -> None:
        with suppress(RuntimeError):  # the loop has ended
            loop.call_soon_threadsafe(awake.set)

    async def until_left() -> None:
        while (await receive())["type"] != "http.disconnect":
            pass
        awake.set()

    with topic.followed(wake):
        left = asyncio.create_task(until_left())
        try:
            await send(
                {"type": "http.response.start", "status": 200, "headers": Headers(EVENTS).raw}
            )
            await tell(topic, place(scope), left, awake, send)
        except (OSError, TimeoutError):
            return  # gone, or stuck
        finally:
            left.cancel()
    with suppress(OSError):
        await send({"type": "http.response.body", "body": b""})


def refused(error: OrreryError, scope: Scope) -> Response:
    """The sentence; as an event for a browser, which hides any other answer from the page."""
    if "text/event-stream" not in Headers(scope=scope).get("accept", ""):
        return refusal(404, str(error))
    news = f"event: refused\ndata: {error}\n\n"
    return Response(news, headers=EVENTS)


def place(scope: Scope) -> int:
    """How many messages a browser has been told that comes again."""
    last = Headers(scope=scope).get("last-event-id", "")
    return int(last) if last.isdecimal() and len(last) < 16 else 0


async def tell(
    topic: Topic, at: int, left: asyncio.Task[None], awake: asyncio.Event, send: Send
) -> None:
    """Send all that is new, and how many follow. Raises TimeoutError."""
    told = -1
    while not left.done():
        awake.clear()
        said = topic.since(at)
        at, parts = said.at, [*said.messages]
        if not parts or told != topic.followers:
            told = topic.followers
            parts.append(b"event: people\ndata: %d\n\n" % told)
        if said.over:
            parts.append(b"event: over\ndata:\n\n")
        for piece in pieces(parts):
            async with asyncio.timeout(STUCK):
                await send({"type": "http.response.body", "body": piece, "more_body": True})
        if said.over:
            return
        with suppress(TimeoutError):
            async with asyncio.timeout(HEARTBEAT):
                await awake.wait()


def pieces(messages: Iterable[bytes]) -> Iterator[bytes]:
    """The messages in a row, joined where they are short."""
    joined: list[bytes] = []
    size = 0
    for message in messages:
        if joined and size + len(message) > PIECE:
            yield b"".join(joined)
            joined, size = [], 0
        joined.append(message)
        size += len(message)
    if joined:
        yield b"".join(joined)
