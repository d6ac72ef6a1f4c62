"""Roles: the best head of each is found, drawn on a text that shows it, and opened in Heads."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from tests.browser.running import OpenPage

pytestmark = pytest.mark.browser


def test_a_role_opens_its_best_head_and_its_map_leads_to_heads(open_page: OpenPage) -> None:
    page = open_page("attention-roles")
    view = page.locator("#attention-roles-view")
    title, canvas = view.locator(".role-map h2"), view.locator("canvas.one-map")
    expect(title).to_have_text("Layer 4, head 2")  # induction
    expect(view.locator(".role-even")).to_contain_text("90.7 %; best of the untrained twin: 1.4 %")
    expect(view.locator(".one-map-said")).to_contain_text("looks at ked (token 11)")
    view.get_by_role("button", name="First token (sink): best is").click()
    expect(title).to_have_text("Layer 2, head 2")
    expect(view.locator(".role-even")).to_contain_text("Counted by the length of what is mixed in")
    said = view.locator(".one-map-said")
    expect(said).to_contain_text("end of text (token 1) 5")
    view.get_by_role("button", name="Without the first token").click()
    expect(said).not_to_contain_text("end of text")
    view.get_by_role("button", name="As it is").click()
    canvas.focus()
    page.keyboard.press("ArrowUp")
    expect(said).to_contain_text(re.compile(r"Token 23, a, looks at"))
    view.locator(".role-grid button").first.focus()
    view.locator('[data-head="2,3"]').click()
    page.keyboard.press("ArrowLeft")
    expect(title).to_have_text("Layer 3, head 3")
    link = view.get_by_role("link", name="Open in Heads").get_attribute("href") or ""
    assert "view=attention-heads" in link and "head=3.3" in link and "umbrella" in link
    page.goto(page.url.split("/attention")[0] + link)
    heads = page.locator("#attention-heads-view")
    expect(heads.get_by_label("Model", exact=True)).to_have_value("Storyteller, growing up")
    expect(heads.locator(".one-head h2")).to_contain_text("Layer 3, head 3")


@pytest.mark.thorough
def test_a_model_that_reads_both_sides_has_one_role_more(open_page: OpenPage) -> None:
    page = open_page("attention-roles")
    view = page.locator("#attention-roles-view")
    expect(view.locator(".role")).to_have_count(6)
    view.get_by_role("button", name="Both sides").click()
    expect(view.locator(".role")).to_have_count(7)
    view.get_by_role("button", name="Next token: best is layer 1, head 2").click()
    expect(view.locator(".role-even")).to_contain_text("99.8 %; best of the untrained twin: 84.0 %")


@pytest.mark.thorough
def test_a_link_opens_the_role_that_was_in_sight(open_page: OpenPage) -> None:
    page = open_page("attention-roles", role="word")
    view = page.locator("#attention-roles-view")
    expect(view.locator('.role[aria-pressed="true"]')).to_contain_text("Same word")
    view.get_by_role("button", name="Punctuation: best is").click()
    view.get_by_role("button", name="Link to this").click()
    expect(view.locator(".address")).to_contain_text("role=punctuation")
    view.get_by_role("textbox", name="Text").fill("word " * 100)
    view.get_by_role("button", name="Score heads").click()
    expect(page.get_by_text("The maps of all heads travel to the page").first).to_be_visible()


def test_a_head_grows_up_by_slider_by_keys_and_by_itself(open_page: OpenPage) -> None:
    page = open_page("attention-growing")
    view = page.locator("#attention-growing-view")
    age, said = view.get_by_role("slider", name="Age"), view.locator(".growing-said")
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    expect(said).to_contain_text("90.7")
    expect(view.locator(".one-map-said")).to_contain_text("looks at ked (token 11)")
    age.focus()
    page.keyboard.press("ArrowLeft")
    expect(view.locator("output")).to_have_text("after 4,096 steps")
    expect(said).to_contain_text("89.4")
    page.keyboard.press("ArrowLeft")
    expect(said).to_contain_text("19.7")
    points = view.locator(".scatterlayer .trace").first.locator(".point")
    line, point = (one.bounding_box() for one in (view.locator(".growing-mark"), points.nth(9)))
    assert line and point
    middles = [box["x"] + box["width"] / 2 for box in (line, point)]
    assert middles[0] == pytest.approx(middles[1], abs=1)
    assert line["y"] < point["y"] < line["y"] + line["height"]
    view.get_by_role("button", name="Your text").click()
    expect(view.locator(".one-map-said")).to_contain_text("Token 24")
    view.get_by_role("button", name="Play").click()
    expect(view.locator("output")).to_have_text("after 8 steps")
    view.get_by_role("button", name="Pause").click()
    expect(view.get_by_role("button", name="Play")).to_be_visible()
    assert asked == []
    view.get_by_role("button", name="Sink").click()
    expect(view.locator("h2", has_text="Layer 2, head 2")).to_be_visible()
    view.get_by_role("textbox", name="Head").fill("9.9")
    view.get_by_role("button", name="Look at all ages").click()
    expect(page.get_by_text("The layer is a whole number from 1 to 4").first).to_be_visible()


@pytest.mark.thorough
def test_the_letters_of_a_map_are_read_from_the_back_row(open_page: OpenPage) -> None:
    for view in ("attention-roles", "attention-growing"):
        page = open_page(view, lecture=1)
        map_ = page.locator(f"#{view}-view canvas.one-map")
        expect(map_).to_be_visible()
        assert map_.evaluate("canvas => canvas.geometry.font") >= 18  # px
