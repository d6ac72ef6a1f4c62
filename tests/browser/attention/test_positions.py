"""Positions: the neighbours of Fill-in, another way at a touch, and what is not there."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.browser.running import OpenPage

pytestmark = pytest.mark.browser


def test_a_way_is_chosen_and_its_head_and_its_length(open_page: OpenPage) -> None:
    page = open_page("attention-positions")
    view = page.locator("#attention-positions-view")
    rows = view.locator(".numbers tbody tr")
    expect(rows).to_have_count(4)
    expect(rows.first).to_contain_text("14")
    view.get_by_role("button", name="ALiBi").click()
    expect(rows).to_have_count(8)
    expect(view.locator(".note").last).to_contain_text("1/256")
    view.get_by_role("button", name="Too long").click()
    expect(view.locator(".note").last).to_contain_text("the map ends")
    expect(view.locator(".shapelayer path")).to_have_count(2)
    view.get_by_role("spinbutton", name="Head").fill("7")
    view.get_by_role("spinbutton", name="Head").press("Tab")
    expect(view.locator(".remark .note")).to_contain_text(
        "There is no head 7: head 4 of 4 is shown."
    )


@pytest.mark.thorough
def test_a_link_keeps_the_way(open_page: OpenPage) -> None:
    page = open_page("attention-positions", scheme="rotary", length=64, filled=False)
    view = page.locator("#attention-positions-view")
    expect(view.locator(".note").last).to_contain_text("Within 64 positions")
