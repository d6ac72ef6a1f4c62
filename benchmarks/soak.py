"""Whether the server grows: memory, open files and threads between request 200 and request 1,200.

    python -m benchmarks.soak
    python -m benchmarks.soak --minutes 120

100 people take turns at the views that are used most, each time with another text, and after each
round at one of all the others as it opens; every tenth generation is left in the middle. It fails
where memory grows by more than 2 %, or files or threads by more than a few. With `--minutes` it
goes on for so long; then only the second half counts, when every cache is full, and its growth an
hour is told, as the slope of a straight line through its readings.
Traffic goes to 127.0.0.1 alone.
"""

from __future__ import annotations

import argparse
import asyncio
import random
import statistics
import sys
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import count, takewhile

from benchmarks import server
from benchmarks.lecture import WORDS
from benchmarks.visitor import Kind, Visitor, client, kinds, with_text

FIRST, LAST = 200, 1_200
KINDS = (
    "tokens_pieces",
    "embeddings_neighbours",
    "embeddings_analogies",
    "attention_heads",
    "generation_wheel",
    "generation_lanes",
)
LONG = "ladder_train"
"""It trains for half a minute, one run at a time: benchmarks/trainings.py does nothing else."""
PEOPLE = 100
AT_ONCE = 4
GROWTH = 0.02  # of the memory at the first reading
LOOSE = 4  # files or threads that come and go
LONGEST = 500.0  # seconds


@dataclass(frozen=True)
class Reading:
    """What the server uses after so many requests, all answered."""

    requests: int
    usage: server.Usage
    seconds: float = 0.0
    """Since the first request."""


async def soak(
    app: server.Server, marks: Iterable[int], seed: int, longest: float = LONGEST
) -> list[Reading]:
    """Send requests up to the last mark, and read what the server uses at each mark."""
    dice, began = random.Random(seed), time.monotonic()
    readings = []
    async with client(app.address, 60.0) as http, asyncio.timeout(longest):
        pressed, _ = await kinds(http)
        people = [Visitor(http) for _ in range(PEOPLE)]
        sent = 0
        for mark in marks:
            while sent < mark:
                some = range(sent, min(sent + AT_ONCE, mark))
                await asyncio.gather(*(one(people[n % PEOPLE], n, pressed, dice) for n in some))
                sent += len(some)
            await asyncio.sleep(2.0)  # what was left in the middle ends, and streams close
            readings.append(Reading(sent, app.usage, time.monotonic() - began))
            told(readings[-1])
    return readings


def told(reading: Reading) -> None:
    """A line as soon as it is known: what runs for hours may be looked at meanwhile."""
    use = reading.usage
    print(
        f"request {reading.requests:>6,} after {reading.seconds / 60:5.1f} min: "
        f"{use.megabytes:7.1f} MB, {use.files} files, {use.threads} threads, "
        f"{use.cpu_seconds:.0f} s of CPU",
        flush=True,
    )


def an_hour(readings: Sequence[Reading]) -> float:
    """Megabytes that memory grows in an hour: the slope of the least squares line."""
    hours = [reading.seconds / 3600 for reading in readings]
    return statistics.linear_regression(hours, [r.usage.megabytes for r in readings]).slope


async def one(visitor: Visitor, number: int, pressed: dict[str, Kind], dice: random.Random) -> None:
    """One request, unlike all before it. Raises RuntimeError where it is not answered."""
    others = sorted(pressed.keys() - {*KINDS, LONG})
    turn, place = divmod(number, len(KINDS) + bool(others))
    if place == len(KINDS):
        await answered(visitor, pressed[others[turn % len(others)]], number)
        return
    name = KINDS[place]
    texts = {
        "embeddings_neighbours": (dice.choice(WORDS), "", "skip-gram-1"),
        "embeddings_analogies": (*dice.sample(WORDS, 3), "skip-gram-1"),
    }.get(name, (f"Request {number}: {' '.join(dice.sample(WORDS, 5))}",))
    kind = with_text(pressed[name], *texts)
    if name == "generation_lanes":
        values = (*kind.values[:6], 8, number, *kind.values[8:])  # 8 tokens, other dice
        kind = replace(kind, values=values)
    if name == "generation_lanes" and turn % 10 == 9:
        await visitor.press(kind, leave_early=True)
    else:
        await answered(visitor, kind, number)


async def answered(visitor: Visitor, kind: Kind, number: int) -> None:
    """Press, and raise RuntimeError where no answer comes."""
    for outcome in await visitor.press(kind):
        if outcome.ending != "answered":
            raise RuntimeError(f"request {number}: {outcome}")


def grown(before: Reading, after: Reading) -> list[str]:
    """What grew beyond its bound, in words."""
    old, new = before.usage, after.usage
    wrong = []
    if new.megabytes > old.megabytes * (1 + GROWTH):
        wrong.append(f"memory grew from {old.megabytes:.1f} to {new.megabytes:.1f} MB")
    for what, was, now in (
        ("open files", old.files, new.files),
        ("threads", old.threads, new.threads),
    ):
        if now > was + LOOSE:
            wrong.append(f"{what} grew from {was} to {now}")
    return wrong


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--first", type=int, default=FIRST, help="request of the first reading")
    parser.add_argument("--last", type=int, default=LAST, help="request of the last reading")
    parser.add_argument("--minutes", type=float, default=0.0, help="to go on for at least")
    given = parser.parse_args()
    step = (given.last - given.first) // 4
    ends = time.monotonic() + 60 * given.minutes
    marks = takewhile(
        lambda mark: mark <= given.last or time.monotonic() < ends, count(given.first, step)
    )
    with server.running() as app:
        readings = asyncio.run(soak(app, marks, 1, LONGEST + 60 * given.minutes))
    if given.minutes:
        readings = readings[len(readings) // 2 :]
    change = readings[-1].usage.megabytes / readings[0].usage.megabytes - 1
    print(
        f"memory {change:+.2%} in {readings[-1].seconds - readings[0].seconds:.0f} s; "
        f"{an_hour(readings):+.1f} MB an hour"
    )
    wrong = grown(readings[0], readings[-1])
    sys.exit("; ".join(wrong) if wrong else None)


if __name__ == "__main__":
    main()
