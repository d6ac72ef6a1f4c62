"""Two hundred trainings, one after another: does the server's memory grow?

    python -m benchmarks.trainings

Short ones, each by a visitor of its own and watched by somebody, a new link every ten. The server's
resident memory after the last against that after the 20th; fails where it is more than 3 % larger.
"""

from __future__ import annotations

import argparse
import asyncio
import sys

import httpx

from benchmarks import server
from benchmarks.visitor import Visitor, client, kinds
from benchmarks.watching import Watcher, training

RUNS, SETTLED = 200, 20
ASKED = 0.03
PATIENCE = 120.0
EACH_LINK = 10


async def one(http: httpx.AsyncClient, opened: dict[str, str]) -> None:
    """A training to its end, and somebody who watches it."""
    pressed, _ = await kinds(http)
    key = f"{opened['key']}.{opened['code']}"
    kind = training(pressed["ladder_train"], 50, key, model="table")
    (outcome,) = await Visitor(http).press(kind)
    if outcome.ending != "answered":
        raise AssertionError(outcome)
    await asyncio.wait_for(Watcher().follow(http, opened["code"]), PATIENCE)


async def measured(app: server.Server, runs: int) -> bool:
    early = app.usage
    async with client(app.address, PATIENCE) as http:
        for number in range(1, runs + 1):
            if number % EACH_LINK == 1:
                opened = (await http.post("/watch", content="http://orrery.test/watch/")).json()
            await one(http, opened)
            if number == SETTLED:
                early = app.usage
            if number % SETTLED == 0:
                print(f"{number} trainings: {app.usage.megabytes:.1f} MB", flush=True)
        late = app.usage
    grown = late.megabytes / early.megabytes - 1
    print(
        f"after {SETTLED}: {early.megabytes:.1f} MB, {early.files} files, {early.threads} threads"
    )
    print(f"after {runs}: {late.megabytes:.1f} MB, {late.files} files, {late.threads} threads")
    print(f"{100 * grown:+.1f} % (asked: at most {100 * ASKED:g} %)")
    return grown <= ASKED


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=RUNS)
    given = parser.parse_args()
    with server.running() as app:
        if not asyncio.run(measured(app, given.runs)):
            sys.exit("It grows.")


if __name__ == "__main__":
    main()
