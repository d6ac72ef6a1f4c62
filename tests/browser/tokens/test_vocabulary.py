"""tokens-vocabulary: pieces are searched, turned over page by page, opened and picked."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from tests.browser.running import OpenPage

pytestmark = pytest.mark.browser


def test_pieces_are_searched_opened_and_picked_in_the_figure(open_page: OpenPage) -> None:
    page = open_page("tokens-vocabulary")
    view = page.locator("#tokens-vocabulary-view")
    title, rows = view.locator(".piece-of h2"), view.locator(".vocabulary-table tbody tr")
    expect(title).to_have_text("ght token 339, 3 bytes: 67 68 74")
    expect(rows).to_have_count(8)
    expect(rows.first).to_contain_text("ght")
    expect(view.locator(".piece-facts")).to_contain_text("a pair 69,359 times just before")
    expect(view.locator(".piece-after h4")).to_have_text(["ght", "·little"])
    expect(view.locator(".vocabulary-said")).to_contain_text("−0.71")

    view.locator(".piece-facts .piece-chip", has_text=re.compile("^ought$")).click()
    expect(title).to_contain_text("ought token")
    view.get_by_role("button", name="Next", exact=True).click()
    expect(view.locator(".vocabulary-pages")).to_contain_text("Page 2 of 512")
    expect(title).to_contain_text("ought token")

    view.get_by_role("textbox", name="Search: text or id").press_sequentially("Laur")
    view.get_by_role("button", name="Search", exact=True).click()
    expect(rows).to_have_count(3)
    expect(view.locator(".vocabulary-pages")).to_contain_text("Page 1 of 1: 3 found")
    rows.nth(1).locator("button").click()
    expect(title).to_contain_text("·Laur")
    expect(view.locator("tr.chosen")).to_have_count(1)

    page.get_by_role("button", name="Link to this", exact=True).locator("visible=true").click()
    page.wait_for_url(re.compile("search=Laur"))
    page.get_by_role("button", name="The first 100", exact=True).click()
    expect(view.locator(".vocabulary-said")).to_contain_text("100 of 3,839 merges, 357 pieces.")
    expect(view.locator(".js-plotly-plot .shapelayer path").first).to_be_attached()


@pytest.mark.thorough
def test_a_link_opens_its_piece_and_page(open_page: OpenPage) -> None:
    page = open_page("tokens-vocabulary", token=1685, page=3)
    view = page.locator("#tokens-vocabulary-view")
    expect(view.locator(".piece-of h2")).to_contain_text("·Laur")
    expect(view.locator(".vocabulary-pages")).to_contain_text("Page 3 of 512")


@pytest.mark.thorough
def test_a_point_of_the_figure_opens_its_piece(open_page: OpenPage) -> None:
    page = open_page("tokens-vocabulary")
    view = page.locator("#tokens-vocabulary-view")
    expect(view.locator(".piece-of h2")).to_contain_text("ght")
    view.locator(".scatterlayer .trace").nth(2).locator(".point").nth(3).hover(force=True)
    page.mouse.down()
    page.mouse.up()
    expect(view.locator(".piece-of h2")).not_to_contain_text("token 339")
    expect(view.locator(".piece-facts")).to_contain_text("hardly trained")
    expect(view.locator(".piece-near .bar")).to_have_count(6)
    view.locator(".piece-near .bar").first.click()
    expect(view.locator(".piece-facts")).to_contain_text("0 times in the old stories")
