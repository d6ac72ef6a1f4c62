"""tokens-merges: the dial recuts the text at once, and Step puts a word together."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from tests.browser.running import OpenPage

pytestmark = pytest.mark.browser


def test_a_text_is_recut_without_a_request_and_a_word_put_together(open_page: OpenPage) -> None:
    page = open_page("tokens-merges")
    view = page.locator("#tokens-merges-view")
    said, rows = view.locator(".cell-about b"), view.locator(".merge-steps li")
    expect(said).to_have_text("3,839 of 3,839 merges: 28 tokens")
    expect(rows).to_have_count(10)
    sent: list[str] = []
    page.on("request", lambda request: sent.append(request.url))
    view.get_by_role("button", name="Letters", exact=True).click()
    expect(said).to_have_text("0 of 3,839 merges: 89 tokens")
    expect(view.locator(".recut .on span")).to_have_count(16)
    view.get_by_role("button", name="Step", exact=True).click()
    expect(said).to_have_text(re.compile("^6 of 3,839"))
    expect(view.locator(".recut .on span")).to_have_count(15)
    expect(view.locator(".merge-steps .later")).to_have_count(8)
    view.get_by_role("button", name="Back", exact=True).click()
    expect(view.locator(".recut .on span")).to_have_count(16)
    assert not [url for url in sent if "queue" in url]
    view.locator(".recut button").first.click()
    expect(rows).to_have_count(4)
    expect(rows.last).to_contain_text("Once")
    page.get_by_role("button", name="Link to this", exact=True).locator("visible=true").click()
    page.wait_for_url(re.compile("word=1"))
    page.get_by_role("button", name="The most probable", exact=True).click()
    expect(view.locator(".cuts li")).to_have_count(10)
    expect(view.locator(".piece.best")).to_have_count(5)
