"""The page behind its middlewares: nothing it needs is forbidden, and what is refused is said."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urljoin

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser import running
from tests.browser.conftest import Witness
from tests.browser.page.test_look import VIEWS, act, save_and_link
from tests.browser.running import OpenPage, press

pytestmark = pytest.mark.browser
NOTE_VIOLATIONS = """window.violations = [];
document.addEventListener("securitypolicyviolation", (event) =>
    window.violations.push(`${event.violatedDirective} ${event.blockedURI} ${event.sample}`));"""


def violations(page: Page) -> list[str]:
    return page.evaluate("window.violations")


@pytest.mark.thorough  # the witness of every other test sees what is forbidden in the console
@VIEWS
def test_no_view_needs_what_the_policy_forbids(
    app: str, browser: Browser, views: list[str]
) -> None:
    with running.new_context(browser) as context:
        context.add_init_script(NOTE_VIOLATIONS)
        page = running.open_view(context, app, "tokens-pieces")
        for view in views:
            running.show(page, view)
            act(page, view)
            save_and_link(page)
        page.get_by_role("button", name="Lecture").click()
        assert violations(page) == []


@pytest.fixture
def guarded(app: str, browser: Browser) -> Iterator[Page]:
    """A page that may complain, as it should."""
    with running.new_context(browser) as context:
        context.add_init_script(NOTE_VIOLATIONS)
        yield running.open_view(context, app, "tokens-pieces")


def test_the_policy_stops_what_got_into_the_page(guarded: Page) -> None:
    """And the console says so, where the witness of the other tests would read it."""
    witness = Witness(guarded.context, urljoin(guarded.url, "/").rstrip("/"))
    guarded.evaluate("""() => {
        document.body.insertAdjacentHTML("beforeend", '<img src="x:" onerror="window.ran = true">');
    }""")
    guarded.wait_for_function("window.violations.length > 0")
    assert "script-src-attr" in violations(guarded)[0]
    assert guarded.evaluate("window.ran") is None
    elsewhere = "() => fetch('http://127.0.0.1:9/').then(() => 'sent', (error) => error.name)"
    assert guarded.evaluate(elsewhere) == "TypeError"
    assert any("connect-src" in one for one in violations(guarded))
    for directive in ("script-src-attr", "connect-src"):
        assert any("Security Policy" in one and directive in one for one in witness.objections)


def test_a_body_over_the_limit_is_said_and_the_text_stays(guarded: Page) -> None:
    text = "word " * 60_000
    box = guarded.get_by_role("textbox", name="Text")
    box.fill(text)
    press(guarded, "Cut into tokens")
    message = guarded.get_by_test_id("toast-body")
    expect(message).to_contain_text("This is more than 256 kB at once, which no view takes.")
    assert box.input_value() == text


def test_a_number_out_of_range_is_said_at_its_input(guarded: Page) -> None:
    running.show(guarded, "generation-lanes")
    guarded.route(
        "**/queue/join*",
        lambda route: route.continue_(post_data=re.sub(r",0\.8,", ",9,", route.request.post_data)),
    )
    press(guarded, "Run")
    said = guarded.locator("#generation-lanes-view").get_by_text(
        "Temperature is a number from 0.1 to 2"
    )
    expect(said.first).to_be_visible()
    assert guarded.locator("#generation-lanes [data-step]").count() > 0  # the last good result


def test_the_status_line_is_brought_up_to_date_after_an_error_too(open_page: OpenPage) -> None:
    page = open_page("tokens-pieces")
    page.get_by_role("textbox", name="Text").fill("")
    with page.expect_request("**/run/predict*"):
        press(page, "Cut into tokens")
    expect(page.get_by_test_id("toast-body")).to_be_visible()


@pytest.mark.thorough  # tests/browser/faults/test_sealed.py notes every attempt to write, daily
def test_nothing_is_written_where_gradio_keeps_files(
    visit: OpenPage, checkpoints: Path, tmp_path: Path
) -> None:
    environment = {"GRADIO_TEMP_DIR": str(tmp_path / "files"), "TMPDIR": str(tmp_path)}
    with running.running_app(checkpoints, tmp_path / "log.txt", **environment) as address:
        page = visit(address, "tokens-pieces")
        for view in running.OPENED.values():
            running.show(page, view)
            act(page, view)
        page.close()
    written = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert written == [tmp_path / "log.txt"]
