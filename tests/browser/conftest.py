"""One app, one browser, and pages that are watched while a test uses them."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Dialog, Page, Request
from playwright.sync_api import expect as expect_

from tests.browser import running
from tests.browser.running import OpenPage

LEAVING = ("AbortError: signal is aborted", "Unexpected error Connection errored out.")
"""What Gradio's page says when it is left while a stream is open."""


class Witness:
    """Notes what no page of ours may do."""

    def __init__(self, context: BrowserContext, address: str) -> None:
        self.objections: list[str] = []
        self._address = address
        context.on("console", self._console)
        context.on("weberror", lambda error: self._object(f"exception: {error.error}"))
        context.on("dialog", self._dialog)
        context.on("request", self._request)

    def _object(self, what: str) -> None:
        self.objections.append(what)

    def _console(self, message: ConsoleMessage) -> None:
        if message.type in ("error", "warning") and not message.text.startswith(LEAVING):
            where = message.location.get("url", "")
            self._object(f"console {message.type}: {message.text} ({where})")

    def _dialog(self, dialog: Dialog) -> None:
        self._object(f"dialog: {dialog.message}")
        dialog.dismiss()

    def _request(self, request: Request) -> None:
        if not request.url.startswith((f"{self._address}/", "data:", "blob:")):
            self._object(f"request to {request.url}")


@pytest.fixture(scope="session", autouse=True)
def patience() -> None:
    expect_.set_options(timeout=1000 * running.PATIENCE)


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    with running.running_browser() as browser:
        yield browser


@pytest.fixture(scope="session")
def app(checkpoints: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of the app."""
    log = tmp_path_factory.mktemp("app") / "log.txt"
    with running.running_app(checkpoints, log) as address:
        yield address


@pytest.fixture
def visit(browser: Browser) -> Iterator[OpenPage]:
    """Opens watched pages of any app, each as a visitor of its own; objects when the test ends."""
    contexts, witnesses = [], []

    def open_page(
        address: str, view: str, theme: str = "light", width: int = running.DESK, **options: object
    ) -> Page:
        context = running.new_context(browser, theme, width)
        contexts.append(context)
        witnesses.append(Witness(context, address))
        return running.open_view(context, address, view, theme, **options)

    yield open_page
    for context in contexts:
        context.close()
    assert [objection for witness in witnesses for objection in witness.objections] == []


@pytest.fixture
def open_page(app: str, visit: OpenPage) -> OpenPage:
    """`open_page(view, theme="light", width=1280, **inputs)` on the shared app.

    The inputs are those that a link may set.
    """
    return partial(visit, app)
