"""Following a topic over HTTP: the same bytes for all, from where each of them is."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from dataclasses import replace

import pytest
from starlette.types import Message, Scope

from inference.broadcast.topics import Topic, Topics
from inference.errors import TooManyTopics
from inference.limits import Limits
from tests.web.asking import ask
from web.live import broadcasts
from web.live.broadcasts import Broadcasts
from web.responses import refusal
from web.routes import RouteGate

LIMITS = replace(Limits(), topic_followers=3)


class Follower:
    """Somebody who follows: reads as fast as asked, and leaves when told."""

    def __init__(
        self, app: Broadcasts, topic: Topic, last: str = "", address: str = "192.0.2.1"
    ) -> None:
        self.read = b""
        self.most = 0
        self.reads = asyncio.Event()
        self.reads.set()
        self.left = asyncio.Event()
        scope: Scope = {
            "type": "http",
            "method": "GET",
            "path": f"/watch/{topic.code}/news",
            "client": (address, 50_000),
            "headers": [(b"last-event-id", last.encode()), (b"accept", b"text/event-stream")],
        }
        self.task = asyncio.ensure_future(app(scope, self._receive, self._send))  # type: ignore[arg-type]

    async def _receive(self) -> Message:
        await self.left.wait()
        return {"type": "http.disconnect"}

    async def _send(self, message: Message) -> None:
        body = message.get("body", b"")
        self.most = max(self.most, len(body))
        await self.reads.wait()
        self.read += body

    async def until(self, what: bytes) -> bytes:
        async with asyncio.timeout(5):
            while what not in self.read:
                await asyncio.sleep(0.001)
        return self.read


def app(topics: Topics) -> Broadcasts:
    def full(address: str) -> dict[str, object]:
        raise TooManyTopics(3)

    opened: dict[str, Callable[[str], dict[str, object]]] = {
        "watch": lambda address: {"code": topics.open().code, "address": address},
        "room": full,
    }
    pages = {"watch": "<p>Lean " + "x" * 500, "room": "<p>Room"}
    return Broadcasts(refusal(418, "the app"), topics, pages, opened, LIMITS)


def test_all_are_sent_the_same_from_where_they_are_until_it_is_over() -> None:
    async def run() -> None:
        topics = Topics(LIMITS)
        served, topic = app(topics), topics.open()
        turn = topic.begin()
        topic.say(turn, {"one": 1})
        early = Follower(served, topic)
        await early.until(b'id: 1\ndata: {"one":1}\n\n')
        await early.until(b"event: people\ndata: 1\n\n")
        topic.say(turn, {"two": 2})
        await early.until(b'id: 2\ndata: {"two":2}\n\n')
        late, again = Follower(served, topic), Follower(served, topic, "1")
        assert b'"one"' in await late.until(b'"two"')
        assert b'"one"' not in await again.until(b'"two"')
        assert b"data: 3" in await again.until(b"event: people")
        fourth = Follower(served, topic)
        assert b"No more than 3 people can follow this" in await fourth.until(b"event: refused")
        topic.end()
        for one in (early, late, again):
            await one.until(b"event: over")
            await one.task
        assert topic.followers == 0

    asyncio.run(run())


def test_who_leaves_is_counted_out_at_once_and_holds_nobody_up() -> None:
    async def run() -> None:
        topics = Topics(LIMITS)
        served, topic = app(topics), topics.open()
        turn = topic.begin()
        goes, stays = Follower(served, topic), Follower(served, topic)
        await stays.until(b"people")
        goes.left.set()
        await goes.task
        assert topic.followers == 1
        topic.say(turn, "x")
        await stays.until(b'"x"')
        stays.left.set()
        await stays.task

    asyncio.run(run())


def test_one_address_leaves_lines_for_the_others() -> None:
    """Three people a topic: six lines an address."""

    async def run() -> None:
        topics = Topics(LIMITS)
        served = app(topics)
        here = [topics.open() for _ in range(3)]
        six = [Follower(served, topic) for topic in here[:2] for _ in range(3)]
        for one in six:
            await one.until(b"people")
        seventh, other = Follower(served, here[2]), Follower(served, here[2], address="192.0.2.2")
        assert b"No more than 6 people can follow this at once from your network." in (
            await seventh.until(b"event: refused")
        )
        await other.until(b"people")
        six[0].left.set()
        await six[0].task
        again = Follower(served, here[2])
        await again.until(b"people")
        for one in (*six, again, other):
            one.left.set()
            await one.task
        assert not served._lines

    asyncio.run(run())


def test_one_address_leaves_topics_for_the_others() -> None:
    """Of eight topics seven, and again as soon as one of them is over."""
    limits = replace(LIMITS, topics=8)
    topics = Topics(limits)
    codes: list[str] = []

    def opened(address: str) -> dict[str, object]:
        codes.append(topics.open().code)
        return {"code": codes[-1]}

    served = Broadcasts(refusal(418, "the app"), topics, {"room": ""}, {"room": opened}, limits)
    for _ in range(7):
        assert ask(served, "/room", "POST", client="192.0.2.1").status == 200
    eighth = ask(served, "/room", "POST", client="192.0.2.1")
    assert eighth.status == 409
    assert json.loads(eighth.body)["detail"].startswith(
        "No more than 7 trainings and rooms can be followed at once from your network."
    )
    assert ask(served, "/room", "POST", client="192.0.2.2").status == 200
    topics.by_code(codes[0]).end()
    assert ask(served, "/room", "POST", client="192.0.2.1").status == 200


def test_f4_who_does_not_read_holds_one_piece_and_is_let_go(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(broadcasts, "STUCK", 0.2)

    async def run() -> None:
        topics = Topics(LIMITS)
        served, topic = app(topics), topics.open()
        turn = topic.begin()
        stuck, reads = Follower(served, topic), Follower(served, topic)
        await stuck.until(b"people")
        stuck.reads.clear()
        for number in range(100):
            topic.say(turn, f"{number:05}" + "x" * 2_000)
        await reads.until(b'"00099')
        await asyncio.wait_for(stuck.task, 5)
        assert topic.followers == 1 and stuck.most <= broadcasts.PIECE
        reads.left.set()
        await reads.task

    asyncio.run(run())


def test_an_invented_link_is_answered_with_a_sentence_for_programs_and_browsers() -> None:
    served = app(Topics(LIMITS))
    plain = ask(served, "/watch/invented-code/news")
    assert plain.status == 404 and "nothing under this link" in json.loads(plain.body)["detail"]
    events = ask(served, "/watch/invented-code/news", headers={"accept": "text/event-stream"})
    assert (events.status, events.headers["cache-control"]) == (200, "no-store")
    assert events.body.startswith(b"event: refused\ndata: There is nothing under this link")
    assert events.body.count(b"\n") == 3


def test_the_page_is_the_same_for_every_code_and_compressed() -> None:
    served = app(Topics(LIMITS))
    found = ask(served, "/watch/whatever", headers={"accept-encoding": "br"})
    assert found.status == 200 and found.headers["content-encoding"] == "br"
    assert ask(served, "/watch/other").body.startswith(b"<p>Lean")
    again = ask(served, "/watch/other", headers={"if-none-match": found.headers["etag"]})
    assert again.status == 304


def test_a_topic_is_opened_by_post_or_refused_with_a_sentence() -> None:
    served = app(Topics(LIMITS))
    found = ask(served, "/watch", "POST", body=[b"http://orrery.test/watch/"])
    assert json.loads(found.body)["address"] == "http://orrery.test/watch/"
    assert found.headers["cache-control"] == "no-store"
    assert ask(served, "/room", "POST").status == 409
    assert ask(served, "/watchers").status == 418 and ask(served, "/watch/a/b").status == 418


def test_the_gate_lets_in_what_is_there_and_nothing_else() -> None:
    gate = RouteGate(refusal(418, "the app"), ["/"])
    for path in ("/watch/abcdefgh", "/watch/ab_d-fgh/news"):
        assert gate.lets_in("GET", path) and not gate.lets_in("POST", path)
    assert gate.lets_in("POST", "/watch") and not gate.lets_in("GET", "/watch")
    for path in ("/watch/../config", "/watch/a b", f"/watch/{'x' * 33}", "/watch/abcd/news/more"):
        assert not gate.lets_in("GET", path)
