"""What the server keeps of 300 people who have each opened 20 pages.

    python -m benchmarks.sessions

Every page that is opened is a session of its own to Gradio. A person goes from lab to lab, as the
links at the top lead, and the page sends what opening it sends. Told is by how much the memory of
the server has grown since 20 pages were opened, and how many of the openings were answered.
"""

from __future__ import annotations

import asyncio
import sys
from itertools import cycle, islice

from benchmarks import server
from benchmarks.visitor import Kind, Visitor, client, kinds
from components.page import LABS

PEOPLE, PAGES = 300, 20
AT_ONCE = 8
MOST = 400.0  # MB
PATHS = ("/", *(f"/{lab.key}" for lab in LABS))


async def go_about(app: server.Server, opening: tuple[Kind, ...], pages: int) -> int:
    """One person opens so many pages, one after another. How many openings were answered."""
    answered = 0
    async with client(app.address, 120.0) as http:
        for path in islice(cycle(PATHS), pages):
            (await http.get(path)).raise_for_status()
            outcomes = await Visitor(http).press(*opening)
            answered += all(one.ending == "answered" for one in outcomes)
    return answered


async def measure(app: server.Server) -> tuple[float, int]:
    """Growth in MB, and openings that were answered."""
    async with client(app.address, 120.0) as http:
        _, opening = await kinds(http)
    await go_about(app, opening, PAGES)
    before, some = app.usage.megabytes, asyncio.Semaphore(AT_ONCE)

    async def person() -> int:
        async with some:
            return await go_about(app, opening, PAGES)

    answered = sum(await asyncio.gather(*(person() for _ in range(PEOPLE))))
    return app.usage.megabytes - before, answered


def main() -> None:
    with server.running() as app:
        growth, answered = asyncio.run(measure(app))
    print(f"{answered:,} of {PEOPLE * PAGES:,} openings answered")
    print(f"{growth:+.0f} MB (asked: at most {MOST:.0f} MB)")
    sys.exit(growth > MOST or answered < PEOPLE * PAGES)


if __name__ == "__main__":
    main()
