"""300 people in a room of the game guess one letter within ten seconds.

    python -m benchmarks.room

Each follows the room and sends a guess at a moment of its own, on a line of its own. Fails where a
guess is lost, and where 5 % take a second or more, from the press to the answer.
"""

from __future__ import annotations

import asyncio
import json
import random
import statistics
import sys
import time
from typing import Any

import httpx

from benchmarks import server
from benchmarks.visitor import client

PEOPLE = 300
SECONDS = 10.0
ASKED = 1.0  # seconds, of 95 in 100
PATIENCE = 60.0
SYMBOLS = "abcdefghijklmnopqrstuvwxyz ."


class Guesser:
    """Follows a room, guesses once, and sees the letter come out."""

    def __init__(self, number: int, dice: random.Random) -> None:
        self.guess = SYMBOLS[number % len(SYMBOLS)]
        self.person = f"guesser-{number:04}"
        self.wait = dice.uniform(0, SECONDS)
        self.connected = asyncio.Event()
        self.seconds = 0.0
        self.status = 0

    async def follow(self, http: httpx.AsyncClient, code: str) -> None:
        """Until a letter is out."""
        async with http.stream("GET", f"/room/{code}/news") as stream:
            async for line in stream.aiter_lines():
                self.connected.set()
                if line.startswith("data: ") and '"last":{' in line:
                    return

    async def send(self, http: httpx.AsyncClient, code: str) -> None:
        await asyncio.sleep(self.wait)
        sent = {"person": self.person, "game": 1, "round": 0, "guess": self.guess}
        began = time.monotonic()
        answer = await http.post(f"/room/{code}/guess", json=sent)
        self.seconds, self.status = time.monotonic() - began, answer.status_code


async def measured(app: server.Server) -> bool:
    dice = random.Random(1)
    async with client(app.address, PATIENCE) as http, client(app.address, PATIENCE) as lines:
        room: dict[str, Any] = (await http.post("/room", content="")).json()
        code, key = room["code"], room["key"]
        await turn(http, code, {"key": key, "do": "start", "text": "Rain"})
        people = [Guesser(number, dice) for number in range(PEOPLE)]
        following = [asyncio.create_task(one.follow(lines, code)) for one in people]
        await asyncio.gather(*(one.connected.wait() for one in people))
        before = app.usage.cpu_seconds
        await asyncio.gather(*(one.send(http, code) for one in people))
        cpu = app.usage.cpu_seconds - before
        await turn(http, code, {"key": key, "do": "reveal", "round": 0})
        await asyncio.wait_for(asyncio.gather(*following), PATIENCE)
        counted = await result(http, code)
    taken = sum(one.status == 200 for one in people)
    late = statistics.quantiles([one.seconds for one in people], n=20)[-1]
    print(f"{PEOPLE} guesses in {SECONDS:g} s: {taken} taken, {counted} counted; ", end="")
    print(f"{1000 * late:.0f} ms at p95 (asked: {1000 * ASKED:g}); {cpu:.1f} s of CPU")
    return taken == counted == PEOPLE and late < ASKED


async def turn(http: httpx.AsyncClient, code: str, what: dict[str, object]) -> None:
    (await http.post(f"/room/{code}/turn", json=what)).raise_for_status()


async def result(http: httpx.AsyncClient, code: str) -> int:
    """How many guesses the room shows, to who comes now."""
    async with http.stream("GET", f"/room/{code}/news") as stream:
        async for line in stream.aiter_lines():
            if line.startswith("data: {") and '"last"' in line:
                last = in_change(json.loads(line.removeprefix("data: ")))
                if last is not None:
                    return sum(count for _, count in last["guesses"])
    raise AssertionError("The room ended.")


def in_change(change: dict[str, Any]) -> dict[str, Any] | None:
    """The result of the round in what a message changes, where it is in it."""
    parts = change.get("=") or {k: v.get("=") for k, v in change.get(".", {}).items()}
    found: dict[str, Any] | None = parts.get("last")
    return found


def main() -> None:
    with server.running() as app:
        if not asyncio.run(measured(app)):
            sys.exit("Less than was asked.")


if __name__ == "__main__":
    main()
