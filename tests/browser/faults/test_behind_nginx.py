"""The pages behind nginx with TLS, at "/" and under a sub-path, set up as docs/hosting.md says."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser import running
from tests.browser.conftest import Witness
from tests.browser.running import press
from tests.hosting.nginx import Proxied, proxied

pytestmark = [pytest.mark.browser, pytest.mark.thorough, pytest.mark.weights]
LATE = 8_000 * running.PATIENCE  # ms; a process of its own starts, beside other work
QUICK = {"model": "table", "steps": 50, "rate": 0.2}


@pytest.fixture(scope="module", params=["", "/orrery"])
def behind(
    request: pytest.FixtureRequest, checkpoints: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Proxied]:
    with proxied(checkpoints, tmp_path_factory.mktemp("nginx"), request.param) as found:
        yield found


@pytest.fixture
def page(browser: Browser, behind: Proxied) -> Iterator[Page]:
    """A visitor whose pages may ask for nothing outside the app's own path."""
    context = browser.new_context(
        viewport={"width": running.DESK, "height": running.HEIGHT}, ignore_https_errors=True
    )
    context.set_default_timeout(1000 * running.PATIENCE)
    witness = Witness(context, behind.secure)
    yield context.new_page()
    context.close()
    # Gradio's page names no icon, so the browser looks for one at the root of the host.
    assert [one for one in witness.objections if "/favicon.ico)" not in one] == []


def test_every_lab_is_reached_from_the_front_page(behind: Proxied, page: Page) -> None:
    page.goto(f"{behind.secure}/")
    for lab in running.LABS:
        page.locator(f"#{lab}-tab-button").click()
        running.wait_until_filled(page, running.OPENED[lab])
    page.goto(f"{behind.secure}/tokens")
    for view in ("embeddings-neighbours", "attention-heads", "generation-lanes"):
        lab = running.lab_of(view)
        page.locator(f"nav.labs [data-lab={lab}]").click()
        page.wait_for_url(f"{behind.secure}/{lab}*")
        running.wait_until_filled(page, view)


def test_a_run_and_its_link(behind: Proxied, page: Page) -> None:
    running_at = f"{behind.secure}/generation?view=generation-lanes&"
    page.goto(running_at)
    running.wait_until_filled(page, "generation-lanes")
    page.get_by_role("textbox", name="Prompt").locator("visible=true").fill("A fox behind a wall")
    press(page, "Run")
    texts = page.locator("#generation-lanes em")
    expect(texts.first).to_have_text("A fox behind a wall")
    expect(page.locator("#generation-lanes [role=group]").nth(4)).to_contain_text("per token")
    page.get_by_role("button", name="Link to this", exact=True).click()
    page.wait_for_url(f"{running_at}prompt=*")
    other = page.context.new_page()
    other.goto(page.url)
    running.wait_until_filled(other, "generation-lanes")
    expect(other.locator("#generation-lanes em").first).to_have_text("A fox behind a wall")


def test_others_watch_a_training(behind: Proxied, page: Page) -> None:
    page.goto(running.link(behind.secure, "ladder-train", **QUICK))
    page.get_by_role("button", name="Let others watch").click()
    expect(page.locator(".share .qr path")).to_be_attached()
    where = page.locator(".share .where").inner_text()
    assert re.fullmatch(rf"{re.escape(behind.secure)}/watch/[\w-]{{22}}", where)
    page.locator(".share .close").click()
    watcher = page.context.new_page()
    watcher.goto(where)
    expect(watcher.locator(".told")).to_have_text(re.compile("will be shown here once it begins"))
    press(page, "Train")
    expect(watcher.locator(".told")).to_have_text("The training has ended.", timeout=LATE)


def test_the_card_of_a_model(behind: Proxied, page: Page) -> None:
    for place in ("/", "/generation"):
        page.goto(f"{behind.secure}{place}")
        link = page.locator("a[href='cards/storyteller']").first
        expect(link).to_be_attached()
        address = link.evaluate("link => link.href")
        assert address == f"{behind.secure}/cards/storyteller"
        card = page.context.request.get(address)
        assert card.ok and "library_name: transformers" in card.text()
