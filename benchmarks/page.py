"""What a visitor's first sight of the page costs the server: with our middlewares and without.

    python -m benchmarks.page

A browser opens the page once, to learn which files it asks for; then a plain client asks for the
same files again and again, as browsers do that keep nothing yet. The figure is the CPU time of
the server's process, both servers in turns, the first round dropped.
"""

from __future__ import annotations

import asyncio
import runpy
import statistics
import sys
from urllib.parse import urlsplit

from benchmarks import server
from benchmarks.visitor import client
from tests.browser.running import running_browser

ROUNDS = 6
VISITS = 10  # a round; CPU time is counted in hundredths of a second
CONNECTIONS = 6  # as browsers open to one address
BARE = ("-m", "benchmarks.page", "--bare")


def files(address: str) -> list[str]:
    """The paths that a browser asks for until the first tab is drawn."""
    with running_browser() as browser:
        page = browser.new_page()
        asked: list[str] = []
        page.on("request", lambda request: asked.append(request.url))
        page.goto(address)
        page.locator("#tokens-pieces-view .chip").first.wait_for()
        page.wait_for_load_state("networkidle")
    paths = [url.removeprefix(address) for url in asked if url.startswith(address)]
    return [path for path in paths if not urlsplit(path).path.startswith("/gradio_api")]


async def visit(address: str, paths: list[str]) -> int:
    """Some visitors one after another, each over fresh connections. Bytes that one received."""
    received = 0
    for _ in range(VISITS):
        async with client(address, 30.0, CONNECTIONS) as http:
            answers = await asyncio.gather(
                *(http.get(path, headers={"accept-encoding": "gzip, br"}) for path in paths)
            )
        received = sum(answer.num_bytes_downloaded for answer in answers)
    return received


def measure(app: server.Server, paths: list[str]) -> tuple[float, int]:
    """Milliseconds of the server's CPU that one visit takes, and its bytes."""
    before = app.usage.cpu_seconds
    received = asyncio.run(visit(app.address, paths))
    return 1000 * (app.usage.cpu_seconds - before) / VISITS, received


def main() -> None:
    with server.running() as ours, server.running(BARE) as bare:
        paths = files(ours.address)
        costs: dict[str, list[float]] = {"with": [], "without": []}
        sizes = {}
        for _ in range(ROUNDS):
            for name, app in (("with", ours), ("without", bare)):
                cost, sizes[name] = measure(app, paths)
                costs[name].append(cost)
    for name, values in costs.items():
        print(
            f"{name:>8} our middlewares: {statistics.median(values[1:]):6.1f} ms of CPU "
            f"(from {min(values[1:]):.1f} to {max(values[1:]):.1f}) and "
            f"{sizes[name] / 1e3:,.0f} kB for {len(paths)} files"
        )


def without_middlewares() -> None:
    """The app as it would be served by Gradio alone."""
    import web.stack  # noqa: PLC0415

    web.stack.stack = lambda *_: []
    sys.argv = ["app.py", *sys.argv[2:]]
    runpy.run_path("app.py", run_name="__main__")


if __name__ == "__main__":
    without_middlewares() if sys.argv[1:2] == ["--bare"] else main()
