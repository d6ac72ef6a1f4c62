"""A text as two models read it: pick a token by hand and by key, then read another one."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.browser.running import OpenPage

pytestmark = pytest.mark.browser


def test_a_picked_token_is_opened_in_both_models_and_a_new_text_is_read(
    open_page: OpenPage,
) -> None:
    page = open_page("generation-text")
    view = page.locator("#generation-text-view")
    lanes, opened = view.get_by_role("listbox", name="Storyteller"), view.locator(".picked > div")
    expect(lanes).to_have_count(2)
    expect(opened.nth(0)).to_contain_text("child came: 22.0 bits")
    lanes.nth(1).get_by_role("option", name="nor").click()
    expect(opened.nth(0)).to_contain_text("rank 420 of 4,096")
    expect(opened.nth(1).locator(".hit")).to_contain_text("97.2")
    lanes.nth(0).press("ArrowLeft")
    expect(opened.nth(1)).to_contain_text("wife came")
    expect(view.locator(".read .sel")).to_have_text([" wife", " wife"])
    switch = view.get_by_role("button", name="A phrase, again and again")
    switch.click()
    last = view.locator(".repeated .bar").last
    expect(last).to_be_in_viewport(ratio=1)  # one picture, on the first screen
    expect(lanes.first).to_be_hidden()
    view.get_by_role("button", name="Link to this").click()
    expect(view.locator(".address").last).to_contain_text("picture=phrase")
    view.get_by_role("button", name="The text", exact=True).click()
    expect(last).to_be_hidden()
    view.get_by_label("Below it").click()
    page.get_by_role("option", name="GPT").click()
    expect(view.locator(".cell-about")).to_contain_text("perplexities do not compare")
    expect(opened.nth(1)).to_contain_text("GPT")
    lanes.nth(0).get_by_role("option", name="king").click()
    expect(view.locator(".read .sel")).to_have_text([" king", "k"])
    view.get_by_role("textbox", name="Text").fill("<b>The cat")
    view.get_by_role("button", name="Read the text").click()
    expect(view.locator(".read").first).to_have_text("<b>The cat")
    assert view.locator(".read b").count() == 0
