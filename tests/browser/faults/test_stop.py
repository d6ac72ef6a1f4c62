"""Stop takes effect at once, whatever the run is at, and what is on screen stays."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urljoin

import pytest
from playwright.sync_api import Page, expect

from tests.browser import running
from tests.browser.faults.slow_app import FIRST
from tests.browser.page.test_look import top
from tests.browser.running import OpenPage

pytestmark = pytest.mark.browser

STAYS = "Stopped; what was shown before stays."


@pytest.fixture(scope="module")
def slow_app(checkpoints: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of an app that needs seconds before the first token."""
    log = tmp_path_factory.mktemp("slow") / "log.txt"
    with running.running_app(checkpoints, log, ("-m", "tests.browser.faults.slow_app")) as address:
        yield address


def start(page: Page) -> None:
    page.get_by_role("textbox", name="Prompt").fill("The wolf")
    running.press(page, "Run")


def cancelled(page: Page) -> int:
    """How many requests were given up so far."""
    status = page.request.get(urljoin(page.url, "/healthz")).json()
    return int(status["requests"]["cancelled"])


def stop(page: Page, says: str = "Stopped; what was written so far stays.") -> float:
    """Press Stop; seconds until the server has let go of the run."""
    before, began = cancelled(page), time.monotonic()
    page.get_by_role("button", name="Stop", exact=True).click()
    while cancelled(page) == before and time.monotonic() - began < running.PATIENCE:
        page.wait_for_timeout(20)
    seconds = time.monotonic() - began
    expect(page.get_by_text(says)).to_be_visible()
    return seconds


def test_stop_before_the_first_token_and_in_the_middle(visit: OpenPage, slow_app: str) -> None:
    page = visit(slow_app, "generation-lanes", filled=False, prompt="Once")
    tokens = page.locator("#generation-lanes [data-step]")
    expect(tokens.first).to_be_visible()
    start(page)
    page.wait_for_timeout(1000)  # it is being read, and its first token is seconds away
    assert stop(page) < FIRST / 2
    start(page)
    expect(page.locator("#generation-lanes em").first).to_have_text("The wolf")
    assert stop(page) < FIRST / 2
    written = tokens.count()
    page.wait_for_timeout(1000)
    assert tokens.count() == written > 0


def test_what_is_started_right_after_stop_is_not_stopped(visit: OpenPage, slow_app: str) -> None:
    page = visit(slow_app, "generation-lanes", filled=False, prompt="Once")
    page.wait_for_timeout(1000)  # it is being read, and its first token is seconds away
    page.get_by_role("button", name="Stop", exact=True).click()
    start(page)
    expect(page.locator("#generation-lanes em").first).to_have_text("The wolf")
    stop(page)


def test_what_is_asked_for_later_takes_the_place_of_what_is_under_way(
    visit: OpenPage, slow_app: str
) -> None:
    page = visit(slow_app, "generation-lanes", filled=False, prompt="Once", length=16)
    lanes = page.locator("#generation-lanes")
    prompts = lanes.locator("em")
    expect(prompts.first).to_have_text("Once")  # the run that the page opens with
    with page.expect_response("**/cancel*") as answer:
        start(page)
    assert answer.value.ok
    expect(prompts.first).to_have_text("The wolf")
    chip = page.locator("#generation-lanes-examples button").last
    with page.expect_response("**/cancel*") as answer:
        chip.click()
    assert answer.value.ok
    expect(lanes.get_by_text("per token")).to_have_count(5)  # whole
    asked = page.get_by_role("textbox", name="Prompt").input_value()
    assert set(prompts.all_text_contents()) == {asked} != {"The wolf"}
    expect(page.get_by_test_id("toast-text")).to_have_count(0)


def test_who_waits_sees_how_many_are_ahead(visit: OpenPage, slow_app: str) -> None:
    first = visit(slow_app, "generation-lanes", filled=False, prompt="Once", length=128)
    expect(first.locator("#generation-lanes [data-step]").first).to_be_visible()
    second = visit(slow_app, "generation-lanes", filled=False, prompt="Twice")
    ahead = second.locator("#generation-lanes-view").get_by_text("1 person is ahead of you; about")
    expect(ahead).to_be_visible()
    assert stop(second) < FIRST / 2
    stop(first)


def test_an_attention_run_can_be_watched_and_stopped(visit: OpenPage, slow_app: str) -> None:
    page = visit(slow_app, "attention-heads", text="The wolf")
    maps, note = (
        page.get_by_label("heads over 3 tokens"),
        page.locator("#attention-heads-view .note"),
    )
    end = page.get_by_role("heading", name="What to look for")
    before = top(end)
    other = visit(slow_app, "generation-lanes", filled=False, prompt="Once", length=128)
    reads = other.locator("#generation-lanes em").first
    expect(reads).to_have_text("Once", timeout=2000 * running.PATIENCE)  # after everybody's opening
    other.wait_for_timeout(500)  # its prompt is being read, for seconds
    page.get_by_role("textbox", name="Sentence").fill("The wolf and the fox")
    running.press(page, "Show attention")
    expect(note).to_have_text(re.compile("^1 person is ahead of you; about"))
    expect(maps).to_be_visible()
    assert top(end) == before
    assert stop(page, STAYS) < FIRST / 2
    assert top(end) == before
    stop(other)
    running.press(page, "Show attention")
    expect(note).to_have_text("")  # nobody is ahead any more
    page.wait_for_timeout(1000)  # the maps are being made
    assert stop(page, STAYS) < FIRST / 2
    page.wait_for_timeout(1000 * FIRST)  # by then they would be there
    expect(maps).to_be_visible()
    expect(note).to_have_text(STAYS)
