"""One choice, for real: the order of the filters decides which token it is."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.browser.running import OpenPage

pytestmark = pytest.mark.browser


def test_a_filter_that_is_moved_moves_the_choice(open_page: OpenPage) -> None:
    page = open_page("generation-choice")
    view = page.locator("#generation-choice-view")
    heads = view.locator("thead th")
    expect(heads).to_have_count(5)
    expect(heads.nth(2)).to_contain_text("Temperature 1.2")
    view.get_by_label("after", exact=True).check()
    expect(heads.nth(4)).to_contain_text("Temperature 1.2")
    follow = view.get_by_role("textbox", name="Follow a token")
    follow.fill("<b>castle")
    view.get_by_role("button", name="Choose").click()
    expect(view.locator(".followed code")).to_have_text("<")
    assert view.locator(".waterfall b:not(.cumulative b)").count() == 0
