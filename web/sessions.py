"""Which sessions are at work: counted, bounded for each address, given up and freed.

A session is one opened page or one `gradio_client`. It is at work from the moment its event was
taken until the stream that brings the answer has ended.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import parse_qs

from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from web.abandoned import JOIN, STREAM, leave
from web.events import SESSION
from web.responses import refusal
from web.session_memory import SessionMemory

SECONDS = 15.0
"""A page asks for its stream as soon as it has read that the event was taken. A slow phone that is
still drawing the page takes seconds to get there; one that is given up too early loads the page
again, and is no faster the next time."""
TICKS = 12  # in which these are counted
GIVEN_UP = 1_000  # sessions that are remembered as such
NOTHING = (
    'data: {"msg":"close_stream","event_id":null}\n\n'  # the end of a stream, as Gradio tells it
)
LATER = 1.0  # seconds until a session is looked at again whose reader left during a run
BUSY = (
    "Many people are running this from your network right now, {} at once. "
    "Nothing is lost: wait a few seconds and press the button again."
)  # begins as the sentence in inference/errors.py does


class Sessions:
    """The sessions at work. Only the event loop changes it; any thread may ask how many."""

    def __init__(self, per_address: int) -> None:
        self.per_address = per_address
        self._address: dict[str, str] = {}
        self._count: Counter[str] = Counter()

    def __len__(self) -> int:
        return len(self._address)

    def has_room(self, session: str, address: str) -> bool:
        """Whether this session may go to work beside the others of its address."""
        return session in self._address or self._count[address] < self.per_address

    def begin(self, session: str, address: str) -> None:
        """Count a session in, if it is not at work already."""
        if session not in self._address:
            self._address[session] = address
            self._count[address] += 1

    def end(self, session: str) -> None:
        """Count a session out, if it was at work."""
        address = self._address.pop(session, None)
        if address is not None:
            self._count[address] -= 1
            if not self._count[address]:
                del self._count[address]


class SessionWatch:
    """Follows every session from its event to the end of its stream.

    A session whose stream is not open `seconds` after an event was taken is given up: Gradio would
    work for it, and keep every message, whether or not anybody ever asks for them. The time is
    counted in ticks of the event loop, so that it does not run while the process is paused, and
    runs slower where the machine is too busy to look at what has arrived.
    """

    def __init__(self, app: ASGIApp, sessions: Sessions, seconds: float = SECONDS) -> None:
        self._app = app
        self._sessions = sessions
        self._tick = seconds / TICKS
        self._memory = SessionMemory()
        self._streams: Counter[str] = Counter()
        """Open ones, by session: a program may open its own before it asks, or after."""
        self._expected: dict[str, asyncio.TimerHandle] = {}
        self._given_up: dict[str, None] = {}
        """What these asked for is lost, which Gradio's 404 tells them; the oldest first."""
        self._asking: Counter[str] = Counter()
        """Requests for events that are not answered yet: what they set up must not be freed."""
        self._leaving: set[asyncio.Task[None]] = set()  # the event loop alone would drop them

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if SESSION in scope and "app" in scope:
            self._memory.prepare(scope["app"], scope[SESSION])
        if scope["type"] == "http" and scope["path"] == JOIN:
            await self._join(scope, receive, send)
        elif scope["type"] == "http" and scope["path"] == STREAM:
            await self._follow(scope, receive, send)
        else:
            before = dict(scope)  # what is below writes into it
            if SESSION not in before:
                await self._app(scope, receive, send)
                return
            with self._asked(before[SESSION]):  # an event that is answered at once, with no stream
                await self._app(scope, receive, send)
            self._rest(before[SESSION], before)

    async def _join(self, scope: Scope, receive: Receive, send: Send) -> None:
        session, address = scope[SESSION], address_of(scope)
        if not self._sessions.has_room(session, address):
            sentence = BUSY.format(self._sessions.per_address)
            await refusal(429, sentence)(scope, receive, send)
            return
        status = 0

        async def note_status(answer: Message) -> None:
            nonlocal status
            status = answer.get("status", status)
            await send(answer)

        before = dict(scope)
        with self._asked(session):
            await self._app(scope, receive, note_status)
        if status == 200 and session not in self._streams and session not in self._expected:
            self._given_up.pop(session, None)
            self._sessions.begin(session, address)
            self._expect(session, before, TICKS)
        else:
            self._rest(session, before)

    @contextmanager
    def _asked(self, session: str) -> Iterator[None]:
        self._asking[session] += 1
        try:
            yield
        finally:
            self._asking[session] -= 1
            if not self._asking[session]:
                del self._asking[session]

    def _expect(self, session: str, scope: Scope, ticks: int) -> None:
        """Wait for the stream this many ticks more, and then give the session up."""
        if ticks:
            loop = asyncio.get_running_loop()
            timer = loop.call_later(self._tick, self._expect, session, scope, ticks - 1)
            self._expected[session] = timer
            return
        del self._expected[session]
        task = asyncio.create_task(self._give_up(session, scope))
        self._leaving.add(task)
        task.add_done_callback(self._leaving.discard)

    async def _give_up(self, session: str, scope: Scope) -> None:
        self._given_up[session] = None
        if len(self._given_up) > GIVEN_UP:
            del self._given_up[next(iter(self._given_up))]
        await leave(self._app, session, scope)
        self._rest(session, scope)

    async def _follow(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Bring the answers; what is taken while the stream ends is for the next one."""
        query = parse_qs(scope["query_string"].decode("latin-1"))
        session = query.get("session_hash", [""])[-1]
        if self._has_read_all(session, scope):
            await Response(NOTHING, media_type="text/event-stream")(scope, receive, send)
            return
        if timer := self._expected.pop(session, None):
            timer.cancel()
        self._sessions.begin(session, address_of(scope))
        self._streams[session] += 1
        before = dict(scope)
        ended = False

        async def note_end(answer: Message) -> None:
            nonlocal ended
            ended = answer["type"] == "http.response.body" and not answer.get("more_body")
            await send(answer)

        try:
            await self._app(scope, receive, note_end)
        finally:
            self._streams[session] -= 1
            if not self._streams[session]:
                del self._streams[session]
                if ended and self._memory.has_unread(before["app"], session):
                    self._expect(session, before, TICKS)
                else:
                    self._rest(session, before)

    def _has_read_all(self, session: str, scope: Scope) -> bool:
        """Whether a page asks again for what the stream before has brought already.

        It does so where it reads that an event was taken after it has read how that ended.
        """
        known = session in self._given_up or self._memory.has_stream(scope["app"], session)
        return not known

    def _rest(self, session: str, scope: Scope) -> None:
        """Nothing is at work for this session any more, unless it asked again meanwhile."""
        if not any(session in at for at in (self._streams, self._expected, self._asking)):
            self._sessions.end(session)
            if "app" in scope and not self._memory.free(scope["app"], session):
                asyncio.get_running_loop().call_later(LATER, self._rest, session, scope)


def address_of(scope: Scope) -> str:
    """The address of the client, or of the nearest proxy that may not speak for others."""
    client = scope.get("client")
    return client[0] if client else ""
