"""What a person typed is there again after a reload, whatever became of the server."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Error, Page, expect

from tests.browser import running
from tests.browser.running import press

pytestmark = pytest.mark.browser
TEXT = "Das M\u00e4rchen: <b>${7*7}</b>\n`two` lines, 'quoted' \\u0041"
STORED = "sessionStorage.getItem('orrery-inputs')"


@pytest.fixture
def context(browser: Browser) -> Iterator[BrowserContext]:
    """A visitor whose page may complain, for it is left in the middle of what it does."""
    with running.new_context(browser) as context:
        yield context


def keep_seed(page: Page) -> None:
    """Type a seed and wait until it is kept."""
    seed = page.get_by_role("spinbutton", name="Seed of the dice")
    seed.fill("11")
    seed.blur()
    page.wait_for_function(f"{STORED}?.includes('11')")


def test_inputs_of_every_view_of_a_page_survive_a_reload(app: str, context: BrowserContext) -> None:
    page = running.open_view(context, app, "tokens-pieces")
    page.get_by_role("textbox", name="Text").fill(TEXT)
    running.show(page, "tokens-duel")
    page.get_by_role("textbox", name="Text").fill("two")
    page.reload()
    running.wait_until_filled(page, "tokens-duel")  # the view that was in sight
    expect(page.get_by_role("textbox", name="Text")).to_have_value("two")
    running.show(page, "tokens-pieces")
    expect(page.get_by_role("textbox", name="Text")).to_have_value(TEXT)
    expect(page.get_by_role("list", name="Tokens")).to_contain_text("`")  # and cut as it was typed
    running.show(page, "generation-lanes")
    page.get_by_role("textbox", name="Prompt").fill("The wolf")
    keep_seed(page)
    running.show(page, "generation-wheel")
    page.locator(".next .bar").first.click()
    expect(page.locator(".stepper .t")).to_have_count(1)
    page.reload()
    running.wait_until_filled(page, "generation-wheel")
    expect(page.locator(".stepper .t")).to_have_count(1)
    running.show(page, "generation-lanes")
    expect(page.get_by_role("textbox", name="Prompt")).to_have_value("The wolf")
    expect(page.get_by_role("spinbutton", name="Seed of the dice")).to_have_value("11")


def test_c1_what_was_typed_is_there_on_the_way_back(app: str, context: BrowserContext) -> None:
    page = running.open_view(context, app, "tokens-pieces")
    page.get_by_role("textbox", name="Text").fill(TEXT)
    page.wait_for_function(f"{STORED}?.includes('49') || {STORED}?.includes('two')")
    page.locator("nav.labs [data-lab=generation]").click()
    running.wait_until_filled(page, "generation-lanes")
    page.go_back()
    running.wait_until_filled(page, "tokens-pieces")
    expect(page.get_by_role("textbox", name="Text")).to_have_value(TEXT)


def test_the_address_wins_and_a_new_visit_opens_with_the_examples(
    app: str, context: BrowserContext
) -> None:
    page = running.open_view(context, app, "generation-lanes", prompt="Once")
    prompt = page.get_by_role("textbox", name="Prompt")
    seed = page.get_by_role("spinbutton", name="Seed of the dice")
    prompt.fill("The wolf")
    keep_seed(page)
    page.reload()
    running.wait_until_filled(page, "generation-lanes")
    expect(prompt).to_have_value("Once")
    expect(seed).to_have_value("11")
    page.goto(page.url.replace("prompt=Once", ""))
    running.wait_until_filled(page, "generation-lanes")
    expect(prompt).to_have_value("Once upon a time there was a little")
    expect(seed).to_have_value("7")


def test_the_text_survives_a_server_that_is_killed(
    context: BrowserContext, checkpoints: Path, tmp_path: Path
) -> None:
    port, log = running.free_port(), tmp_path / "log.txt"
    with running.app_process(checkpoints, log, port) as app:
        page = running.open_view(context, f"http://127.0.0.1:{port}", "generation-lanes")
        prompt = page.get_by_role("textbox", name="Prompt")
        prompt.fill("The wolf")
        app.kill()
        app.wait()
    page.get_by_role("button", name="Run", exact=True).click()  # nobody is there to take it
    prompt.fill("The wolf and the seven")
    with running.app_process(checkpoints, log, port):
        with suppress(Error):  # aborted where the page has found the server and reloads by itself
            page.reload()
        running.wait_until_filled(page, "generation-lanes")
        expect(prompt).to_have_value("The wolf and the seven")
        prompt.fill("The fox")
        press(page, "Run", carrying="The fox")  # not what the page opens with
        expect(page.locator("#generation-lanes em").first).to_have_text("The fox")
