"""A hidden word: another is hidden by a click, and a head is chosen."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.browser import running
from tests.browser.running import OpenPage

pytestmark = pytest.mark.browser


def test_a_click_hides_another_token(open_page: OpenPage) -> None:
    page = open_page("attention-masked")
    view = page.locator("#attention-masked-view")
    filled, before = view.locator(".masked-bars > section").all()
    expect(filled.locator(".hit")).to_contain_text("50.2")
    expect(before.locator(".rank")).to_have_text("Hidden: opened, number 25 of all")
    view.get_by_role("button", name="Layer 4, head 3: most at key").click()
    expect(view.locator(".masked-said")).to_contain_text(
        "layer 4, head 3 the gap mixes in values from key 1"
    )
    view.get_by_role("button", name="Hide key").click()
    expect(filled.locator(".rank")).to_contain_text("Hidden: key")
    expect(view.locator(".masked-text .gap")).to_have_text("?")
    expect(view.get_by_role("button", name="Hide opened")).to_be_visible()


@pytest.mark.thorough
def test_what_is_typed_is_text_and_a_number_beyond_is_said(open_page: OpenPage) -> None:
    page = open_page("attention-masked", text="The <b>red</b> bird", hidden="4")
    view = page.locator("#attention-masked-view")
    expect(view.locator(".masked-text .gap")).to_be_visible()
    assert view.locator(".masked-text b").count() == 0
    view.get_by_role("textbox", name="Hidden token, by its number").fill("99")
    running.press(page, "Hide and fill")
    expect(page.get_by_text("Click one to hide it, or give its number.").first).to_be_visible()
