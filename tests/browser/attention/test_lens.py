"""The lens: a cell of the grid opens its bars, by pointer and by key, for every model."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.browser import running
from tests.browser.running import OpenPage

pytestmark = pytest.mark.browser


def test_a_picked_cell_opens_its_bars_and_the_way_of_the_answer(open_page: OpenPage) -> None:
    page = open_page("attention-lens")
    view = page.locator("#attention-lens-view")
    heading = view.locator(".lens-open h2")
    expect(heading).to_have_text("After layer 5, at \u00b7little")
    expect(view.locator(".bar.hit").first).to_contain_text("\u00b7house")
    expect(view.locator(".lens-way")).to_have_text("\u00b7house first leads after layer 5.")
    assert view.locator("td button").count() == 15 * 7
    assert view.locator("td button.first").count() == 15
    page.keyboard.press("Tab")
    view.locator("button[aria-pressed=true]").focus()
    page.keyboard.press("ArrowLeft")
    page.keyboard.press("ArrowLeft")
    expect(heading).to_have_text("After layer 3, at \u00b7little")
    expect(view.locator(".lens-open .bar").first).to_contain_text("\u00b7girl")
    expect(view.locator(".lens-open p").first).to_contain_text("rank 19 of 4,096")
    view.get_by_role("button", name="Layer 1, after \u00b7lived: \u00b7in").click()
    expect(view.locator(".lens-way")).to_have_text("\u00b7in first leads after layer 1.")


def test_characters_another_model_and_what_cannot_be_read(open_page: OpenPage) -> None:
    page = open_page("attention-lens", text="<b>the</b> little", model="gpt")
    view = page.locator("#attention-lens-view")
    expect(view.locator("tbody tr").last).to_contain_text("e")
    assert page.locator("b b").count() == 0
    view.get_by_role("textbox", name="Sentence").fill("")
    running.press(page, "Read the layers")
    expect(page.get_by_text("The sentence is empty.").first).to_be_visible()
    expect(view.locator("tbody tr").last).to_contain_text("e")  # what was shown stays
