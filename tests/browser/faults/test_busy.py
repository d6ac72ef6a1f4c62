"""Who is told that many people are running need not press again: the page does."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser import running
from tests.browser.faults.test_stop import start, stop
from tests.browser.running import OpenPage

pytestmark = pytest.mark.browser
AGAIN = "This page tries again by itself in"
LONGER = 7_000  # ms; than the page ever waits


@pytest.fixture(scope="module")
def busy_app(checkpoints: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of an app that has room for one person."""
    log = tmp_path_factory.mktemp("busy") / "log.txt"
    with running.running_app(checkpoints, log, ("-m", "tests.browser.faults.busy_app")) as address:
        yield address


def draw(page: Page, number: float) -> None:
    """Have the page draw numbers near this one; never twice the same, or two share a session."""
    page.evaluate("low => (Math.random = () => low + (performance.now() % 1000) / 1e5)", number)


@pytest.fixture
def at_work(visit: OpenPage, busy_app: str) -> Page:
    """The page of somebody whose long run takes all the room."""
    page = visit(busy_app, "generation-lanes", filled=False, prompt="Once", length=128)
    expect(page.locator("#generation-lanes [data-step]").first).to_be_visible()
    return page


@pytest.fixture
def refused(visit: OpenPage, busy_app: str, at_work: Page) -> Page:
    """The page of somebody who pressed Run meanwhile."""
    page = visit(busy_app, "generation-lanes", filled=False)
    page.clock.install()  # a wait of seconds can be passed in none
    draw(page, 0.99)  # the longest wait: time to act before it is over
    start(page)
    expect(page.get_by_text(AGAIN).last).to_contain_text("of 5")
    return page


def test_a_busy_answer_is_tried_again_without_a_press(at_work: Page, refused: Page) -> None:
    stop(at_work)
    refused.clock.fast_forward(LONGER)
    expect(refused.locator("#generation-lanes em").first).to_have_text("The wolf")
    expect(refused.get_by_text(AGAIN)).to_have_count(0)
    stop(refused)


@pytest.fixture
def presses(refused: Page) -> Callable[[], int]:
    """How often anything has pressed Run since."""
    refused.evaluate(
        """() => document.getElementById("generation-lanes-run")
            .addEventListener("click", () => (window.presses = (window.presses ?? 0) + 1))"""
    )
    return lambda: refused.evaluate("window.presses ?? 0")


def refuse(page: Page) -> None:
    """Do what a refusal does on the page: a message, and its event has failed."""
    page.evaluate(
        """() => {
            const text = orrery.element("p", "", "");
            text.dataset.testid = "toast-text";
            text.append(orrery.element("span", "error-busy", "Many people are running."));
            document.body.append(text);
            orrery.refused("generation-lanes-run");
        }"""
    )


def test_typing_ends_the_trying(at_work: Page, refused: Page, presses: Callable[[], int]) -> None:
    prompt = refused.get_by_role("textbox", name="Prompt")
    refuse(refused)  # as if what the page opened with had been refused at the same time
    expect(refused.get_by_text(AGAIN)).to_have_count(1)
    prompt.press_sequentially("s")
    expect(refused.get_by_text(AGAIN)).to_have_count(0)
    refuse(refused)  # as if it had been under way while the person typed
    refused.clock.fast_forward(LONGER)
    assert presses() == 0
    expect(refused.get_by_text(AGAIN)).to_have_count(0)
    expect(prompt).to_have_value("The wolfs")
    stop(at_work)


def test_it_is_tried_five_times_at_most(
    at_work: Page, refused: Page, presses: Callable[[], int]
) -> None:
    tried = "This page has tried 5 times"
    said = refused.get_by_text(re.compile(f"{AGAIN}|{tried}")).last
    for number in range(1, 6):  # on a busy machine it goes on by itself before it is looked at
        expect(said).to_contain_text(re.compile(rf"\([{number}-5] of 5\)|{tried}"))
        refused.clock.fast_forward(LONGER)
    expect(refused.get_by_text(tried)).to_be_visible()
    assert presses() == 5
    stop(at_work)
