"""One person at the page, over HTTP: sends events as Gradio's page does and follows their stream.

Every event ends in exactly one outcome, so that whoever counts them knows that none was lost.
"""

from __future__ import annotations

import asyncio
import json
import secrets
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import aclosing, suppress
from dataclasses import dataclass, replace
from typing import Any, Literal

import httpx

Ending = Literal["answered", "busy", "replaced", "refused", "left", "lost"]
BUSY = "Many people are running this"
REPLACED = "a newer run of yours took its place"
API = "/gradio_api"
TOLD = 2.0  # seconds after which nobody may be told for the first time that the room is busy


@dataclass(frozen=True)
class Kind:
    """An event of the page, with the values that its inputs open with."""

    name: str
    number: int
    values: tuple[Any, ...]


@dataclass(frozen=True)
class Outcome:
    """What became of one event."""

    kind: str
    ending: Ending
    seconds: float
    """From the press to the end."""
    first: float | None = None
    """From the press to the first result on screen."""
    says: str = ""


class Visitor:
    """A session of its own."""

    def __init__(self, http: httpx.AsyncClient) -> None:
        self._http = http
        self._session = secrets.token_hex(6)

    async def press(self, *kinds: Kind, leave_early: bool = False) -> list[Outcome]:
        """Send events together and follow them to their end, or leave at the first result."""
        began = time.monotonic()
        joined = await asyncio.gather(*(self._join(kind) for kind in kinds))
        outcomes = [outcome for outcome in joined if isinstance(outcome, Outcome)]
        waiting = {one[0]: one[1] for one in joined if not isinstance(one, Outcome)}
        first: dict[str, float] = {}
        async with aclosing(self._messages() if waiting else nothing()) as messages:
            async for message in messages:
                event, kind = message.get("event_id"), waiting.get(message.get("event_id"))
                now = time.monotonic() - began
                if kind is None:
                    continue
                if message["msg"] == "process_completed" or shows(message):
                    first.setdefault(event, now)
                if message["msg"] == "process_completed":
                    del waiting[event]
                    outcomes.append(outcome(kind, message, now, first[event]))
                elif leave_early and event in first:
                    break
                if not waiting:
                    break
        ending: Ending = "left" if leave_early else "lost"
        now = time.monotonic() - began
        return outcomes + [Outcome(kind.name, ending, now) for kind in waiting.values()]

    async def _join(self, kind: Kind) -> tuple[str, Kind] | Outcome:
        body = {"data": kind.values, "fn_index": kind.number, "session_hash": self._session}
        began = time.monotonic()
        try:
            answer = await self._http.post(f"{API}/queue/join", json=body)
        except httpx.TransportError as error:
            return Outcome(kind.name, "lost", time.monotonic() - began, says=repr(error))
        if answer.status_code == 200:
            return answer.json()["event_id"], kind
        ending: Ending = "busy" if answer.status_code in (429, 503) else "refused"
        return Outcome(kind.name, ending, time.monotonic() - began, says=answer.text[:200])

    async def _messages(self) -> AsyncIterator[dict[str, Any]]:
        query = {"session_hash": self._session}
        with suppress(httpx.TransportError):  # what has not ended by then is lost, and counted so
            async with self._http.stream("GET", f"{API}/queue/data", params=query) as stream:
                async for line in stream.aiter_lines():
                    if line.startswith("data: "):
                        yield json.loads(line.removeprefix("data: "))


async def nothing() -> AsyncIterator[dict[str, Any]]:
    """No messages, where nothing was let in."""
    return
    yield {}


def outcome(kind: Kind, message: dict[str, Any], now: float, first: float) -> Outcome:
    """How an event ended, from its last message."""
    if message["success"]:
        return Outcome(kind.name, "answered", now, first)
    says = str(message["output"].get("error"))
    ending: Ending = "busy" if BUSY in says else "replaced" if REPLACED in says else "refused"
    return Outcome(kind.name, ending, now, None, says)


def shows(message: dict[str, Any]) -> bool:
    """Whether a message brings a result: a remark on the waiting alone leaves most as it is."""
    if message["msg"] != "process_generating":
        return False
    data = message["output"].get("data") or []
    same = sum(one == [] or "__type__" in str(one) for one in data)  # no change, and `gr.skip()`
    return 2 * same < len(data)


OPENER = "tokens-pieces-open"  # the browser presses it when it shows the first tab


async def kinds(http: httpx.AsyncClient) -> tuple[dict[str, Kind], tuple[Kind, ...]]:
    """What a press of each tab's buttons sends, and what opening the page sends."""
    config = (await http.get("/config")).json()
    parts = {part["id"]: part["props"].get("value") for part in config["components"]}
    by_number = {
        event["id"]: Kind(
            str(event["api_name"]), event["id"], tuple(parts[i] for i in event["inputs"])
        )
        for event in config["dependencies"]
        if event["backend_fn"]
    }
    buttons = {part["id"]: part["props"].get("elem_id") or "" for part in config["components"]}
    names = {
        event["id"]: buttons[target].removesuffix("-run").replace("-", "_")
        for event in config["dependencies"]
        for target, _ in event["targets"]
        if event["id"] in by_number and buttons.get(target, "").endswith("-run")
    }
    pressed = {name: replace(by_number[number], name=name) for number, name in names.items()}
    opener = next(p["id"] for p in config["components"] if p["props"].get("elem_id") == OPENER)
    opened = {
        event["id"] for event in config["dependencies"] if [opener, "click"] in event["targets"]
    }
    opening = [e["id"] for e in config["dependencies"] if e["trigger_after"] in opened]
    return pressed, tuple(by_number[number] for number in opening if number in by_number)


def with_text(kind: Kind, *texts: str) -> Kind:
    """The event with its first inputs typed anew."""
    return Kind(kind.name, kind.number, (*texts, *kind.values[len(texts) :]))


def client(address: str, seconds: float, connections: int | None = None) -> httpx.AsyncClient:
    """A client that waits this long for the next piece of an answer; for 127.0.0.1 alone.

    It lets go of idle connections well before the server does after 5 seconds: a browser would
    ask again where the two cross, and this client does not.
    """
    return httpx.AsyncClient(
        base_url=address,
        timeout=httpx.Timeout(seconds),
        limits=httpx.Limits(max_connections=connections, keepalive_expiry=1.0),
        trust_env=False,
    )


def worst(outcomes: Sequence[Outcome]) -> list[Outcome]:
    """Those that break the promise: lost, or refused for no reason, or told busy too late."""
    return [
        one
        for one in outcomes
        if one.ending in ("lost", "refused") or (one.ending == "busy" and one.seconds > TOLD)
    ]
