"""300 watchers of one training: what each of them costs the server.

    python -m benchmarks.watching

The same training runs twice, first watched by nobody and then by 300 people on lines of their own.
The difference in CPU time of the server, which is not the process that trains, by watcher and
second. Fails above what docs/performance.md asks for, and where anybody misses anything.
"""

from __future__ import annotations

import asyncio
import json
import sys
import time
from dataclasses import dataclass, replace
from typing import Any

import httpx

from benchmarks import server
from benchmarks.visitor import Kind, Visitor, client, kinds

PEOPLE = 300
ASKED = 2.0  # ms of CPU a watcher and second
STEPS = 800
PATIENCE = 120.0
DONE = "The training has ended."


@dataclass(frozen=True)
class Cost:
    """Of one training: how long it was, and what the server used meanwhile."""

    seconds: float
    cpu: float


class Watcher:
    """Follows the news of a topic and puts nothing together but the end."""

    def __init__(self) -> None:
        self.messages: list[str] = []
        self.connected = asyncio.Event()

    async def follow(self, http: httpx.AsyncClient, code: str) -> None:
        """Until the training has ended."""
        async with http.stream("GET", f"/watch/{code}/news") as stream:
            async for line in stream.aiter_lines():
                self.connected.set()
                if line.startswith("id: "):
                    self.messages.append(line)
                elif DONE in line:
                    return


def training(pressed: Kind, steps: int, key: str, model: str = "lstm") -> Kind:
    """A press of Train with these dials; watched where there is a key."""
    values = [*pressed.values]  # as `ask` of components/ladder/train.py has them
    values[3], values[6], values[-1] = model, steps, key
    return replace(pressed, values=tuple(values))


async def trained(app: server.Server, http: httpx.AsyncClient, key: str) -> Cost:
    """Train once; watched where there is a key."""
    pressed, _ = await kinds(http)
    kind = training(pressed["ladder_train"], STEPS, key)
    before, began = app.usage.cpu_seconds, time.monotonic()
    (outcome,) = await Visitor(http).press(kind)
    if outcome.ending != "answered":
        raise AssertionError(outcome)
    return Cost(time.monotonic() - began, app.usage.cpu_seconds - before)


async def measured(app: server.Server) -> bool:
    async with client(app.address, PATIENCE) as http, client(app.address, PATIENCE) as lines:
        await trained(app, http, "")  # what is loaded once is loaded
        alone = await trained(app, http, "")
        opened: dict[str, Any] = json.loads((await http.post("/watch", content="")).text)
        watchers = [Watcher() for _ in range(PEOPLE)]
        tasks = [asyncio.create_task(one.follow(lines, opened["code"])) for one in watchers]
        await asyncio.gather(*(one.connected.wait() for one in watchers))
        watched = await trained(app, http, f"{opened['key']}.{opened['code']}")
        await asyncio.wait_for(asyncio.gather(*tasks), PATIENCE)
    told = {tuple(one.messages) for one in watchers}
    each = 1000 * (watched.cpu - alone.cpu) / PEOPLE / watched.seconds
    (messages,) = told
    print(f"{PEOPLE} watchers, each told the same {len(messages)} messages in ", end="")
    print(f"{watched.seconds:.1f} s: {each:.2f} ms a watcher and second (asked: {ASKED:g}); ")
    print(f"the server used {watched.cpu:.1f} s of CPU, {alone.cpu:.1f} s with nobody watching")
    return each <= ASKED


def main() -> None:
    with server.running() as app:
        if not asyncio.run(measured(app)):
            sys.exit("More than was asked.")


if __name__ == "__main__":
    main()
