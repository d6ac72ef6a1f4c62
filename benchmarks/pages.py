"""Whether opening a page costs the same however many views it has.

    python -m benchmarks.pages

A lab with 10 and one with 20 copies of a real view: the events that an opening sends to the
server, the size of the page, the server's CPU time for an opening, and the time until Chromium
shows the result.
"""

from __future__ import annotations

import statistics
import sys
import time
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from playwright.sync_api import Browser

from benchmarks import server
from components.page import build_app, launch_options
from components.shared.view import Lab, View
from components.tokens import pieces
from inference.service import Service
from tests.browser.running import running_browser

COUNTS = (10, 20)
VISITS = 5
PROGRAM = ("-m", "benchmarks.pages", "--serve")


def copies(count: int) -> Lab:
    """A lab with so many copies of a view."""
    key = f"lab{count}"
    views: list[View] = [replace(pieces.VIEW, key=f"{key}-v{number}") for number in range(count)]
    return Lab(key, key, tuple(views), views[0].key, "write")


def serve(arguments: Sequence[str]) -> None:
    """Serve both labs until the process is ended."""
    labs = [copies(count) for count in COUNTS]
    port = int(arguments[arguments.index("--port") + 1])
    build_app(Service(Path("checkpoints")), labs).launch(server_port=port, **launch_options(labs))


def visit(browser: Browser, address: str, count: int) -> tuple[float, int]:
    """Seconds until the first view shows its result, and the events that were sent for it."""
    page = browser.new_page()
    sent: list[str] = []
    page.on("request", lambda one: sent.append(one.url) if "/queue/join" in one.url else None)
    began = time.monotonic()
    page.goto(f"{address}/lab{count}")
    page.locator(f"#lab{count}-v0-view .chip").first.wait_for()
    seconds = time.monotonic() - began
    page.wait_for_timeout(300)
    page.close()
    return seconds, len(sent)


def main() -> None:
    with server.running(PROGRAM) as app, running_browser() as browser:
        for count in COUNTS:
            visit(browser, app.address, count)  # fills caches
            before = app.usage.cpu_seconds
            seen = [visit(browser, app.address, count) for _ in range(VISITS)]
            cpu = 1000 * (app.usage.cpu_seconds - before) / VISITS
            page = browser.new_page()
            size = len((page.goto(f"{app.address}/lab{count}") or sys.exit("no answer")).body())
            page.close()
            sight = statistics.median(seconds for seconds, _ in seen)
            print(
                f"{count:3} views: {max(sent for _, sent in seen)} events, {size / 1e3:,.0f} kB, "
                f"{cpu:.0f} ms of CPU, first sight after {sight:.2f} s"
            )


if __name__ == "__main__":
    serve(sys.argv) if "--serve" in sys.argv else main()
