"""A class watches a training: two phones, one from the beginning and one that comes late."""

from __future__ import annotations

import json
import re

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser import running
from tests.browser.conftest import Witness
from tests.browser.running import OpenPage, press

pytestmark = pytest.mark.browser
LATE = 8_000 * running.PATIENCE  # ms; a process of its own starts, beside other work
LONG = {"model": "lstm", "steps": 3_000, "width": 256}
ANOTHER = """earlier => {
    const { value } = document.querySelector(".bench")?.dataset ?? {};
    return value && JSON.parse(value).id !== earlier;
}"""
"""Whether the bench shows another run."""
QUICK = {"model": "table", "steps": 50, "rate": 0.2}


def shared(page: Page) -> str:
    """The link that the button gives."""
    page.get_by_role("button", name="Let others watch").click()
    expect(page.locator(".share .qr path")).to_be_attached()
    where = page.locator(".share .where").inner_text()
    page.locator(".share .close").click()
    return where


def test_two_watch_and_are_told_how_it_ends(
    open_page: OpenPage, browser: Browser, app: str
) -> None:
    with running.new_context(browser, width=running.PHONE) as phones:
        witness = Witness(phones, app)
        page = open_page("ladder-train", filled=False, lecture=1, **LONG)
        expect(page.locator(".bench h2")).to_be_visible(timeout=LATE)
        link = shared(page)
        assert re.fullmatch(rf"{re.escape(app)}/watch/[\w-]{{22}}", link)
        early, late = phones.new_page(), phones.new_page()
        early.goto(link)
        expect(early.locator(".told")).to_have_text(re.compile("will be shown here once it begins"))
        page.get_by_role("button", name="Let others watch").click()
        expect(page.locator(".share .people")).to_have_text("1 follows.")
        page.locator(".share .close").click()
        press(page, "Train")
        expect(early.locator(".told")).to_have_text("The training is running.", timeout=LATE)
        expect(early.locator(".bench .state")).to_have_text(re.compile(r"\d s left"), timeout=LATE)
        late.goto(link)
        expect(late.locator(".bench .thick")).to_be_attached()
        expect(late.locator(".written dt").first).to_have_text("step 0")
        for one in (early, late):
            assert one.evaluate("document.documentElement.scrollWidth <= innerWidth")
            assert one.locator(".bench button").count() == 0
        page.close()
        for one in (early, late):
            expect(one.locator(".told")).to_have_text(
                re.compile("was stopped, or the page that trained was closed"), timeout=LATE
            )
            expect(one.locator(".bench .thick")).to_be_attached()
        assert witness.objections == []


def test_the_key_stays_in_the_tab_and_a_later_training_is_seen_too(
    open_page: OpenPage, browser: Browser, app: str
) -> None:
    page = open_page("ladder-train", filled=False, **QUICK)
    link = shared(page)
    with running.new_context(browser) as context:
        witness = Witness(context, app)
        watcher = context.new_page()
        watcher.goto(link)
        for _ in range(2):
            press(page, "Train")
            expect(watcher.locator(".told")).to_have_text("The training has ended.", timeout=LATE)
            expect(watcher.locator(".bench tbody tr").last).to_contain_text("Bigram, learned")
        key = page.locator(
            "#ladder-train-watched textarea, #ladder-train-watched input"
        ).input_value()
        assert len(key) == 45
        page.get_by_role("button", name="Link to this").click()
        expect(page.locator("#ladder-train-view .address").last).to_contain_text(
            "view=ladder-train"
        )
        assert key not in page.url and "watched" not in page.url
        watcher.goto(f"{app}/watch/invented-by-somebody")
        expect(watcher.locator(".told")).to_have_text(
            re.compile("There is nothing under this link")
        )
        assert witness.objections == []


def test_a_link_that_is_forgotten_is_made_anew(open_page: OpenPage) -> None:
    page = open_page("ladder-train", filled=False, **QUICK)
    first = shared(page)
    page.evaluate("""() => {
        const kept = JSON.parse(sessionStorage.getItem("orrery-shared"));
        kept.watch.code = kept.watch.key = "forgotten-by-the-host-";
        sessionStorage.setItem("orrery-shared", JSON.stringify(kept));
    }""")
    page.reload()
    page.get_by_role("button", name="Let others watch").click()
    expect(page.locator(".share .where")).to_have_text(
        re.compile(r"/watch/(?!forgotten)[\w-]{22}$")
    )
    expect(page.locator(".share .people")).to_have_text("Nobody follows yet.")
    second = page.locator(".share .where").inner_text()
    assert first != second


def test_a_reload_in_mid_run_begins_anew_and_those_who_watch_see_it(
    open_page: OpenPage, browser: Browser, app: str
) -> None:
    page = open_page("ladder-train", filled=False, **LONG)
    expect(page.locator(".bench h2")).to_be_visible(timeout=LATE)
    link = shared(page)
    with running.new_context(browser) as context:
        watcher = context.new_page()
        watcher.goto(link)
        press(page, "Train")
        expect(watcher.locator(".bench .state")).to_have_text(
            re.compile(r"\d s left"), timeout=LATE
        )
        first = json.loads(watcher.locator(".bench").get_attribute("data-value") or "")["id"]
        page.reload()
        # The inputs are there again, the key among them, and what they ask for runs once more.
        for one in (page, watcher):
            one.wait_for_function(ANOTHER, arg=first, timeout=LATE)
            expect(one.locator(".bench .state")).to_have_text(
                re.compile(r"\d s left"), timeout=LATE
            )
        assert shared(page) == link
        page.get_by_role("button", name="Stop", exact=True).click()
        expect(watcher.locator(".told")).to_have_text(re.compile("was stopped"), timeout=LATE)
        for one in (page, watcher):
            expect(one.locator(".bench .state")).to_have_text(re.compile(r"Stopped at step \d"))
