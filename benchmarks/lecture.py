"""A lecture: 100 people open the page, look around, and all press Run within five seconds.

    python -m benchmarks.lecture
    python -m benchmarks.lecture --people 300 --idle 10

Every tenth leaves in the middle of a stream and every tenth presses twice. Who is told that the
room is busy presses again, as the page does for them (components/shared/js/busy.js). It fails where
an event is lost, where somebody is told that later than after 2 seconds, where a refusal has no
reason, or where the service's own counters do not add up afterwards; with `--idle`, where so many
quiet minutes later memory is more than 5 % above that after a class of six. The people share the
machine with the server, so times are pessimistic. Traffic goes to 127.0.0.1 alone.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import random
import re
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import httpx

from benchmarks import server
from benchmarks.visitor import TOLD, Kind, Outcome, Visitor, client, kinds, with_text, worst

ARRIVING = 30.0  # seconds in which everybody opens the page
LOOKING = 20.0  # seconds from then on to look around
TOGETHER = 5.0  # seconds in which everybody presses Run
PATIENCE = 90.0  # seconds without news after which an event counts as lost
LONGEST = 420.0  # seconds for the whole of it
AGAIN = 5  # times that the page presses for somebody who was told that the room is busy
PAUSE = (2.0, 6.0)  # seconds before it does
GROWTH = 0.05  # of the memory after six people
TRIED = (
    "tokens_pieces",
    "embeddings_neighbours",
    "embeddings_analogies",
    "attention_heads",
    "generation_wheel",
    "ladder_models",
    "ladder_forcing",
)
ENDINGS = ("answered", "busy", "replaced", "left", "refused", "lost")
WORDS = ("king", "forest", "blue", "ship", "seven", "monday", "whispered", "house", "river")


@dataclass
class Notes:
    """What happened, by everybody together."""

    outcomes: list[Outcome] = field(default_factory=list)
    pages: list[float] = field(default_factory=list)
    """Seconds from the first byte asked to the last opening example."""
    beats: list[float] = field(default_factory=list)
    """Seconds that /healthz took, ten times a second: what the event loop makes others wait."""


@dataclass(frozen=True)
class Room:
    """What everybody has in common."""

    http: httpx.AsyncClient
    pressed: dict[str, Kind]
    opening: tuple[Kind, ...]
    bell: float
    """When everybody begins to press Run."""
    notes: Notes


async def person(number: int, room: Room, dice: random.Random) -> None:
    """Arrive, look around, and press Run with the others."""
    await asyncio.sleep(dice.uniform(0, ARRIVING))
    visitor = Visitor(room.http)
    try:
        room.notes.pages.append(await open_page(visitor, room, dice))
    except httpx.TransportError as error:
        room.notes.outcomes.append(Outcome("page", "lost", 0.0, says=repr(error)))
    for _ in range(3):
        await think(dice)
        tried = choose(number, room.pressed, dice)
        room.notes.outcomes += await insist(visitor, (tried,), False, dice)
    await asyncio.sleep(max(0.0, room.bell - time.monotonic()) + dice.uniform(0, TOGETHER))
    run = with_text(
        room.pressed["generation_lanes"], f"Once upon a time there were {number} foxes who"
    )
    twice = (run, run) if number % 10 == 5 else (run,)
    room.notes.outcomes += await insist(visitor, twice, number % 10 == 0, dice)


async def insist(
    visitor: Visitor, kinds: Sequence[Kind], leaves: bool, dice: random.Random
) -> list[Outcome]:
    """Press, and again while the room is busy. An answer took as long as the person waited for it.

    Of a refusal that was tried again only the last is an outcome: the page has the others.
    """
    began = time.monotonic()
    for again in range(AGAIN + 1):
        pressed = time.monotonic() - began
        outcomes = await visitor.press(*kinds, leave_early=leaves)
        late = [one for one in outcomes if one.ending == "busy" and one.seconds > TOLD]
        if late or again == AGAIN or any(one.ending != "busy" for one in outcomes):
            break
        await asyncio.sleep(dice.uniform(*PAUSE))
    return [
        replace(one, seconds=one.seconds + pressed, first=one.first and one.first + pressed)
        if one.ending == "answered"
        else one
        for one in outcomes
    ]


async def open_page(visitor: Visitor, room: Room, dice: random.Random) -> float:
    """The page, the files that it names, and the opening example of every tab."""
    began = time.monotonic()
    page = (await room.http.get("/", headers={"accept-encoding": "gzip"})).text
    named = set(re.findall(r"[\"'(](?:\./|/)((?:assets|static)/[\w./-]+|theme\.css)", page))
    await asyncio.gather(*(room.http.get(f"/{path}") for path in named))
    room.notes.outcomes += await insist(visitor, room.opening, False, dice)
    return time.monotonic() - began


async def think(dice: random.Random) -> None:
    """People differ: half of the pauses are below 3 seconds, a few are far longer."""
    await asyncio.sleep(min(15.0, dice.lognormvariate(1.1, 0.6)))


def choose(number: int, pressed: dict[str, Kind], dice: random.Random) -> Kind:
    """What somebody tries, with a text of their own."""
    name = dice.choice(TRIED)
    texts = {
        "embeddings_neighbours": (dice.choice(WORDS), "", "skip-gram-1"),
        "embeddings_analogies": (*dice.sample(WORDS, 3), "skip-gram-1"),
        "ladder_forcing": (" ".join(dice.choices(WORDS, k=30)),),  # of 128 to 240 characters
    }.get(name, (f"Student number {number} says: {' '.join(dice.sample(WORDS, 4))}.",))
    return with_text(pressed[name], *texts)


async def try_all(address: str) -> None:
    """Press every button once: the weights of every model are in memory from then on."""
    async with client(address, PATIENCE) as http:
        pressed, _ = await kinds(http)
        for name in TRIED:
            await Visitor(http).press(pressed[name])


async def listen(http: httpx.AsyncClient, beats: list[float]) -> None:
    """Ask how long a small answer takes, until cancelled."""
    while True:
        began = time.monotonic()
        await http.get("/healthz")
        beats.append(time.monotonic() - began)
        await asyncio.sleep(0.1)


async def lecture(address: str, people: int, seed: int) -> tuple[Notes, dict[str, Any]]:
    """Everybody's outcomes, and the service's own account once all is quiet."""
    notes = Notes()
    async with client(address, PATIENCE) as http, client(address, PATIENCE) as own:
        pressed, opening = await kinds(http)
        await Visitor(http).press(*opening)  # the lecturer has opened the page before
        room = Room(http, pressed, opening, time.monotonic() + ARRIVING + LOOKING, notes)
        beating = asyncio.create_task(listen(own, notes.beats))
        async with asyncio.timeout(LONGEST):
            await asyncio.gather(
                *(person(n, room, random.Random(seed * 10_000 + n)) for n in range(people))
            )
            beating.cancel()
            while (health := (await own.get("/healthz")).json())["waiting"]:
                await asyncio.sleep(0.2)
    return notes, health


def unbalanced(health: dict[str, Any]) -> list[str]:
    """What does not add up in the service's own counters, where it has them."""
    counts = dict(health.get("requests", {}))
    received, admitted = counts.pop("received", 0), counts.pop("admitted", 0)
    wrong = [name for name in ("arriving", "queued", "running") if counts.get(name)]
    if sum(counts.values()) != received:
        wrong.append(f"{sum(counts.values())} of {received} received")
    if counts and admitted != received - counts["refused"]:
        wrong.append(f"{admitted} admitted")
    return wrong


def share(values: Sequence[float], part: float) -> float:
    """The value that this part of all values does not exceed; nan of none."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(part * len(ordered)))] if ordered else float("nan")


def report(notes: Notes) -> None:
    """Times in seconds, by kind of event."""
    heads = "".join(f"{one:>9}" for one in ("events", *ENDINGS, "p50", "p95"))
    print(f"\n{'':<22}{heads}")
    for name in sorted({one.kind for one in notes.outcomes}):
        some = [one for one in notes.outcomes if one.kind == name]
        counts = (len(some), *(sum(one.ending == end for one in some) for end in ENDINGS))
        took = [one.seconds for one in some if one.ending == "answered"]
        cells = "".join(f"{one:>9}" for one in counts)
        print(f"{name:<22}{cells}{share(took, 0.5):>9.2f}{share(took, 0.95):>9.2f}")
    busy = [one.seconds for one in notes.outcomes if one.ending == "busy"]
    first = [one.first for one in notes.outcomes if one.kind == "generation_lanes" and one.first]
    for name, times in (
        ("page", notes.pages),
        ("first token", first),
        ("told busy", busy),
        ("/healthz", notes.beats),
    ):
        print(
            f"{name:<12}p50 {share(times, 0.5):7.3f}   p95 {share(times, 0.95):7.3f}   "
            f"p99 {share(times, 0.99):7.3f}   most {max(times, default=float('nan')):7.3f}"
        )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--people", type=int, default=100)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--idle", type=float, default=0.0, help="minutes to wait afterwards")
    parser.add_argument("--backend", help="the URL of a cluster that runs the models")
    given = parser.parse_args()
    elsewhere = ("--backend", given.backend) if given.backend else ()
    with server.running((*server.APP, *elsewhere)) as app:
        if given.idle:
            asyncio.run(try_all(app.address))
            asyncio.run(lecture(app.address, 6, given.seed + 1))
        before, began = app.usage, time.monotonic()
        notes, health = asyncio.run(lecture(app.address, given.people, given.seed))
        after, took = app.usage, time.monotonic() - began
        report(notes)
        time.sleep(60 * given.idle)
        quiet = app.usage.megabytes
    print(
        f"{given.people} people, seed {given.seed}, {took:.0f} s; the server used "
        f"{(after.cpu_seconds - before.cpu_seconds) / took:.2f} cores and "
        f"{after.megabytes:.0f} MB; load average {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores"
    )
    broken = [str(one) for one in worst(notes.outcomes)] + unbalanced(health)
    if given.idle:
        print(
            f"memory {before.megabytes:.0f} MB after six people, {quiet:.0f} MB when all is quiet"
        )
        if quiet > before.megabytes * (1 + GROWTH):
            broken.append("memory has not come back")
    for one in broken[:20]:
        print(f"broken: {one}")
    sys.exit(f"{len(broken)} promises broken" if broken else None)


if __name__ == "__main__":
    main()
