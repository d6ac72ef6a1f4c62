"""The front page, the pages of the labs, and the way between them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from tests.browser import running
from tests.browser.running import OpenPage

pytestmark = pytest.mark.browser


@pytest.fixture
def context(browser: Browser) -> Iterator[BrowserContext]:
    """A visitor who may leave a page in the middle of what it does."""
    with running.new_context(browser) as context:
        yield context


def joins(page: Page) -> list[str]:
    """Fills with the bodies of all events that a page sends to the queue."""
    sent: list[str] = []
    page.on(
        "request",
        lambda one: sent.append(one.post_data or "") if "/queue/join" in one.url else None,
    )
    return sent


def in_sight(page: Page, name: str) -> None:
    expect(page.locator(f"#{name}-tab-button")).to_have_attribute("aria-selected", "true")


def test_the_front_page_shows_a_finished_view_of_every_lab(
    app: str, context: BrowserContext
) -> None:
    page = context.new_page()
    page.goto(app)
    for lab in running.LABS:
        page.locator(f"#{lab}-tab-button").click()
        running.wait_until_filled(page, running.OPENED[lab])
        expect(page.locator("nav.more a[aria-current]:visible")).to_have_count(1)
    expect(page.get_by_role("link", name="Home")).to_have_count(0)  # Gradio's own bar
    page.locator("#tokens-tab-button").click()
    page.get_by_role("link", name="Side by side").click()
    running.wait_until_filled(page, "tokens-duel")


def test_a_view_out_of_sight_asks_for_nothing(app: str, context: BrowserContext) -> None:
    page = context.new_page()
    sent = joins(page)
    page.goto(f"{app}/generation")
    running.wait_until_filled(page, "generation-lanes")
    page.wait_for_timeout(500)
    assert len(sent) == 1
    running.show(page, "generation-wheel")
    running.show(page, "generation-lanes")
    running.show(page, "generation-wheel")
    page.wait_for_timeout(500)
    assert len(sent) == 2  # each view asked once, however often it came into sight
    other = context.new_page()
    sent = joins(other)
    other.goto(f"{app}/generation?view=generation-wheel")
    running.wait_until_filled(other, "generation-wheel")
    other.wait_for_timeout(500)
    assert len(sent) == 1
    running.show(other, "generation-lanes")  # it was there before the address was looked at
    assert len(sent) == 2


def test_back_forward_and_reload_stay_with_the_view(app: str, context: BrowserContext) -> None:
    page = context.new_page()
    page.goto(f"{app}/tokens?__theme=dark")
    running.wait_until_filled(page, "tokens-pieces")
    running.show(page, "tokens-duel")
    assert page.url.endswith("/tokens?view=tokens-duel&__theme=dark")
    page.go_back()
    in_sight(page, "tokens-pieces")
    page.go_forward()
    in_sight(page, "tokens-duel")
    page.reload()
    running.wait_until_filled(page, "tokens-duel")
    page.get_by_role("button", name="Link to this", exact=True).click()
    page.wait_for_url(re.compile(r"/tokens\?view=tokens-duel&text=.*&__theme=dark"))


def test_a_link_leaves_an_emptied_number_out(open_page: OpenPage) -> None:
    page = open_page("generation-lanes")
    seed = page.get_by_role("spinbutton", name="Seed of the dice")
    seed.fill("")
    seed.blur()
    page.get_by_role("button", name="Link to this", exact=True).click()
    page.wait_for_url(re.compile("&length="))  # the link is in the address
    wanted = parse_qs(urlsplit(page.url).query, keep_blank_values=True)
    assert wanted["view"] == ["generation-lanes"] and "seed" not in wanted
    assert not [name for name, (value,) in wanted.items() if value in ("", "null", "NaN")]


def test_an_old_link_leads_to_where_the_thing_is_now(app: str, context: BrowserContext) -> None:
    page = context.new_page()
    page.goto(f"{app}/?view=tokens&text=The+fox")
    page.wait_for_url(f"{app}/tokens?view=tokens-pieces&text=The+fox")
    running.wait_until_filled(page, "tokens-pieces")
    expect(page.get_by_role("textbox", name="Text", exact=True)).to_have_value("The fox")
    context.route(re.compile(r"\?view=\w+-"), lambda route: route.fulfill(body="arrived"))
    for old, inputs, view in (
        ("embeddings", "word=ocean", "embeddings-neighbours"),
        ("embeddings", "a=hot&b=cold&c=summer", "embeddings-analogies"),
        ("attention", "text=The+cat", "attention-heads"),
        ("attention", "text=The+cat&removal=zero", "attention-removal"),
        ("generation", "prompt=The+cat", "generation-lanes"),
        ("steps", "prompt=The+cat", "generation-wheel"),
    ):
        page = context.new_page()
        page.goto(f"{app}/?view={old}&{inputs}", wait_until="commit")
        page.wait_for_url(f"{app}/{running.lab_of(view)}?view={view}&{inputs}")
