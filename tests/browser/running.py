"""Start the real app and a real browser: shared by the tests and the screenshots."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlencode

from playwright.sync_api import Browser, BrowserContext, Page, Request, expect, sync_playwright
from playwright.sync_api import TimeoutError as TooLate

OpenPage = Callable[..., Page]

ROOT = Path(__file__).parents[2]
LABS = ("tokens", "embeddings", "attention", "generation", "ladder")
VIEWS = {
    "tokens-pieces": ["#tokens-pieces-view .chip"],
    "tokens-duel": ["#tokens-duel-view .strip"],
    "tokens-merges": ["#tokens-merges-view .recut button", "#tokens-merges-view .merge-steps li"],
    "tokens-train": ["#tokens-train-view .recut .word", "#tokens-train-view .learning .bar"],
    "tokens-vocabulary": [
        "#tokens-vocabulary-view .scatterlayer .point",
        "#tokens-vocabulary-view .vocabulary-table tbody tr",
        "#tokens-vocabulary-view .piece-after .bar",
    ],
    "tokens-cost": ["#tokens-cost-view .cost-rows .bar", "#tokens-cost-view .cost-pieces span"],
    "embeddings-neighbours": [
        "#embeddings-neighbours-view ol >> nth=2",
        "#embeddings-neighbours-view .js-plotly-plot",
    ],
    "embeddings-analogies": [
        "#embeddings-analogies-view ol",
        "#embeddings-analogies-view .js-plotly-plot",
    ],
    "embeddings-map": [
        "#embeddings-map-view .js-plotly-plot .textpoint text:not(.covered)",
        "#embeddings-map-view .bars .bar",
    ],
    "embeddings-benchmark": [
        "#embeddings-benchmark-view .benchmark .sum td:last-child button",
        "#embeddings-benchmark-view .failed tbody tr >> nth=5",
    ],
    "embeddings-arithmetic": [
        "#embeddings-arithmetic-view ol >> nth=1",
        "#embeddings-arithmetic-view .js-plotly-plot .point",
    ],
    "embeddings-axes": [
        "#embeddings-axes-view .js-plotly-plot .point",
        "#embeddings-axes-view .trust",
    ],
    "embeddings-words": [
        "#embeddings-words-view .js-plotly-plot .textpoint text:not(.covered)",
        "#embeddings-words-view .bars .bar",
    ],
    "embeddings-matrix": [
        "#embeddings-matrix-view .heatmaplayer",
        "#embeddings-matrix-view .bars .bar",
    ],
    "embeddings-context": [
        "#embeddings-context-view .likeness-matrix tbody td",
        "#embeddings-context-view .likeness svg g",
    ],
    "embeddings-counting": [
        "#embeddings-counting-view .likeness-matrix tbody td",
        "#embeddings-counting-view .likeness svg g",
    ],
    "embeddings-ratios": [
        "#embeddings-ratios-view .ratio-strips tbody tr",
        "#embeddings-ratios-view .ratio-place b",
    ],
    "embeddings-windows": [
        "#embeddings-windows-view .window-words .centre",
        "#embeddings-windows-view .window-pairs li",
    ],
    "embeddings-classifier": [
        "#embeddings-classifier-view .verdicts tbody td",
        "#embeddings-classifier-view .bars .bar",
    ],
    "embeddings-pieces": [
        "#embeddings-pieces-view .piece",
        "#embeddings-pieces-view .bars .bar",
    ],
    "attention-heads": [
        "#attention-heads-view .readout .bar",
        "#attention-heads-view :is(.token-lines .token, canvas.large) >> visible=true",
    ],
    "attention-journey": [
        "#attention-journey-view .way-rows canvas",
        "#attention-journey-view .way-next .bar",
    ],
    "attention-removal": [
        "#attention-removal-view .moves .bar",
        "#attention-removal-view .ranked button",
    ],
    "attention-cell": ["#attention-cell-view .opened-strip", ".by-hand td"],
    "attention-lens": ["#attention-lens-view td button", "#attention-lens-view .lens-open .bar"],
    "attention-roles": [
        "#attention-roles-view .role-grid button",
        "#attention-roles-view .one-map",
    ],
    "attention-growing": [
        "#attention-growing-view .js-plotly-plot .scatterlayer .trace >> nth=7",
        "#attention-growing-view .one-map",
    ],
    "attention-explanation": [
        "#attention-explanation-view .explained-row .best",
        "#attention-explanation-view .scatterlayer .trace",
    ],
    "attention-translation": [
        "#attention-translation-view .sides > section:nth-child(3) .one-vector"
    ],
    "attention-positions": [
        "#attention-positions-view .heatmaplayer",
        "#attention-positions-view .scatterlayer .trace >> nth=4",
        "#attention-positions-view .numbers",
    ],
    "attention-masked": [
        "#attention-masked-view .masked-text .gap",
        "#attention-masked-view .masked-bars .bar >> nth=12",
    ],
    "attention-cost": [
        "#attention-cost-view .js-plotly-plot .scatterlayer .trace >> nth=5",
        "#attention-cost-view .cost-sums",
    ],
    "generation-lanes": ["#generation-lanes [data-step]", ".detail h3"],
    "generation-choice": ["#generation-choice-view .waterfall .hit"],
    "generation-wheel": ["#generation-wheel-view .next .bar"],
    "generation-tree": [
        "#generation-tree-view .icicle button",
        "#generation-tree-view .branching li",
    ],
    "generation-beam": ["#generation-beam-view .search-step .best"],
    "generation-thousand": [
        "#generation-thousand-view .many svg circle",
        "#generation-thousand-view .tally dd",
    ],
    "generation-game": [
        "#generation-game-view .strip-of-letters button >> nth=34",
        "#generation-game-view .sides .bar",
    ],
    "generation-text": ["#generation-text-view .picked .bar"],
    "ladder-forcing": [
        "#ladder-forcing-view .js-plotly-plot .scatterlayer .trace >> nth=1",
        "#ladder-forcing-view .forced-lanes .own",
    ],
    "ladder-reach": [
        "#ladder-reach-view .js-plotly-plot .scatterlayer .trace >> nth=11",
        "#ladder-reach-view .reach-table",
    ],
    "ladder-state": ["#ladder-state-view .cell.sel", "#ladder-state-view .moves .bar"],
    "ladder-train": ["#ladder-train-view .bench[data-value*='\"ended\": true'] svg"],
    "ladder-models": ["#ladder .point", "#ladder tbody tr >> nth=9"],
    "ladder-dimensions": [
        "#ladder-dimensions-view .scatterlayer .point",
        "#ladder-dimensions-view .mixture .bar",
    ],
    "ladder-letters": [
        "#ladder-letters-view .scatterlayer .point",
        "#ladder-letters-view .window tbody tr",
    ],
    "ladder-loss": ["#ladder-loss-view .scatterlayer .point", "#ladder-loss-view .worked tbody tr"],
    "ladder-table": ["#ladder-table-view .heatmaplayer", "#ladder-table-view .rolls tbody tr"],
}
"""Every view, with the parts that stand there once its opening example does."""
OPENED = {
    "tokens": "tokens-pieces",
    "embeddings": "embeddings-analogies",
    "attention": "attention-heads",
    "generation": "generation-lanes",
    "ladder": "ladder-models",
}
"""The view that the front page shows of each lab."""
DESK, PHONE = 1280, 375  # px
HEIGHT = 900
PATIENCE = 30.0  # seconds; other work may share the machine
BROWSERS = ("chromium-headless-shell", "chromium", "chromium-browser")
"""The same engine; without a window around it a page opens with a third less of the processor."""


@contextmanager
def running_app(
    checkpoints: Path, log: Path, program: tuple[str, ...] = ("app.py",), **environment: str
) -> Iterator[str]:
    """The address of an app of its own, which ends with the block."""
    port = free_port()
    with app_process(checkpoints, log, port, program, **environment):
        yield f"http://127.0.0.1:{port}"


@contextmanager
def app_process(
    checkpoints: Path,
    log: Path,
    port: int,
    program: tuple[str, ...] = ("app.py",),
    **environment: str,
) -> Iterator[subprocess.Popen[bytes]]:
    """An app at this port, once it answers; it ends with the block."""
    settings = ("--port", str(port), "--checkpoints", str(checkpoints))
    command = [sys.executable, *program, *settings]
    with log.open("wb") as output:
        process = subprocess.Popen(
            command,
            cwd=ROOT,
            env={**os.environ, **environment},
            stdout=output,
            stderr=subprocess.STDOUT,
        )
        try:
            wait_until_it_answers(process, f"http://127.0.0.1:{port}", log)
            yield process
        finally:
            process.terminate()
            try:
                process.wait(timeout=PATIENCE)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def free_port() -> int:
    """A port that nobody listened on a moment ago."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def wait_until_it_answers(process: subprocess.Popen[bytes], address: str, log: Path) -> None:
    """Return once the page is served; raise with the app's own words where it never is."""
    deadline = time.monotonic() + 4 * PATIENCE
    while time.monotonic() < deadline and process.poll() is None:
        try:
            urllib.request.urlopen(address, timeout=PATIENCE).close()
        except (urllib.error.URLError, ConnectionError, TimeoutError):
            time.sleep(0.2)
        else:
            return
    said = log.read_text(encoding="utf-8", errors="replace")[-2000:]
    raise RuntimeError(f"The app did not come up. It said:\n{said}")


@contextmanager
def running_browser() -> Iterator[Browser]:
    """The machine's own Chromium; Playwright downloads nothing."""
    program = next(filter(None, map(shutil.which, BROWSERS)), None)
    if program is None:
        raise RuntimeError(f"The browser tests need Chromium: install `{BROWSERS[0]}`.")
    quiet = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=quiet)
        yield browser
        browser.close()


def new_context(browser: Browser, theme: str = "light", width: int = DESK) -> BrowserContext:
    """A fresh visitor."""
    context = browser.new_context(
        viewport={"width": width, "height": HEIGHT}, color_scheme=theme, device_scale_factor=1
    )
    context.set_default_timeout(1000 * PATIENCE)
    return context


def open_view(
    context: BrowserContext,
    address: str,
    view: str,
    theme: str = "light",
    filled: bool = True,
    **inputs: object,
) -> Page:
    """Open a view on the page of its lab, with the inputs of a link, and wait for its result."""
    page = context.new_page()
    page.goto(link(address, view, theme, **inputs))
    if filled:
        wait_until_filled(page, view)
    return page


def link(address: str, view: str, theme: str = "light", **inputs: object) -> str:
    """The address of a view with some inputs, as the page's own link button writes it."""
    return f"{address}/{lab_of(view)}?{urlencode({'view': view, '__theme': theme, **inputs})}"


def lab_of(view: str) -> str:
    """The lab of a view, which names its page."""
    return view.partition("-")[0]


def show(page: Page, view: str) -> None:
    """Go to another view: on the open page where it is there, else on the page of its lab."""
    tab = page.locator(f"#{view}-tab-button")
    if not tab.count():
        page.locator(f"nav.labs [data-lab={lab_of(view)}]").click()
        page.wait_for_url(f"**/{lab_of(view)}*")
    tab.click()
    wait_until_filled(page, view)


def wait_until_filled(page: Page, view: str) -> None:
    """Wait for all that a view opens with: nothing arrives later in the middle of a test."""
    for part in VIEWS[view]:
        expect(page.locator(part).first).to_be_visible(timeout=2000 * PATIENCE)


def press(page: Page, button: str, carrying: str = "") -> None:
    """Press a button until the page takes it: it takes none whose last answer is not quite in.

    Where the page may send something else at the same time, `carrying` tells the two apart.
    """

    def taken(request: Request) -> bool:
        return "/queue/join" in request.url and carrying in (request.post_data or "")

    for _ in range(10):
        try:
            with page.expect_request(taken, timeout=100 * PATIENCE):
                page.get_by_role("button", name=button, exact=True).click()
        except TooLate:
            continue
        return
    raise AssertionError(f"{button} starts nothing.")
