"""Many draws, for real: bars, plane and figures, and another strategy."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.browser.running import PATIENCE, OpenPage

pytestmark = pytest.mark.browser


def test_texts_are_drawn_and_every_preset_becomes_a_point(open_page: OpenPage) -> None:
    page = open_page("generation-thousand", filled=False, draws=50, length=3, prompt="Once upon")
    view = page.locator("#generation-thousand-view")
    expect(view.locator(".many li")).to_have_count(9, timeout=2000 * PATIENCE)
    expect(view.locator(".many svg circle")).to_have_count(7, timeout=2000 * PATIENCE)
    expect(view.locator(".many li").first).to_contain_text("a")
    expect(view.locator(".cell-about")).to_contain_text("nothing to test")
    view.get_by_role("textbox", name="Prompt").fill("<b>The")
    view.get_by_role("button", name="Draw", exact=True).click()
    expect(view.locator(".cell-about")).to_contain_text("chi-square")
    assert view.locator(".many b b").count() == 0
