"""Cost: three pictures stand, and the sums follow the length."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.browser.running import OpenPage

pytestmark = pytest.mark.browser


def test_sums_follow_the_length(open_page: OpenPage) -> None:
    page = open_page("attention-cost")
    view = page.locator("#attention-cost-view")
    sums = view.locator(".cost-sums")
    expect(sums).to_contain_text("16,777,216")
    expect(view.locator(".remark .note")).to_contain_text("one torch thread")
    view.get_by_role("button", name="A book").click()
    expect(sums).to_contain_text("1.61 GB")
    expect(view.locator(".scatterlayer .trace")).to_have_count(6)
