"""A search, for real: open it step by step, rank what it found, and search with exact search."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.browser.running import OpenPage

pytestmark = pytest.mark.browser


def test_a_tree_is_opened_by_hand_and_key_and_its_texts_are_ranked_without_the_model(
    open_page: OpenPage,
) -> None:
    page = open_page("generation-beam")
    view = page.locator("#generation-beam-view")
    steps, said = view.locator(".search-step:has(li)"), view.locator(".stepper-moves span")
    expect(steps).to_have_count(8)
    expect(view.locator(".search-step .pruned.greedy")).to_contain_text("in")
    switch = page.get_by_role("button", name="Lecture")
    for pressed in ("true", "false"):  # written out on the wall, and on a desk
        switch.click()
        expect(switch).to_have_attribute("aria-pressed", pressed)
        cut = (
            "all => all.filter((e) => e.scrollWidth > e.clientWidth + 1).map((e) => e.textContent)"
        )
        assert view.locator(".search-step code").evaluate_all(cut) == []
    view.get_by_role("button", name="Back", exact=True).click()
    expect(said).to_have_text("step 7 of 8")
    view.locator(".search-tree").press("Home")
    expect(steps).to_have_count(0)
    view.locator(".search-tree").press("ArrowRight")
    expect(steps).to_have_count(1)
    view.get_by_role("button", name="All", exact=True).click()
    page.get_by_role("button", name="A text that ends").click()
    best = view.locator(".search-below tr.best")
    expect(best).to_contain_text("after.")
    expect(best).to_contain_text("ended")
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    view.locator("#generation-beam-penalty input[type=number]").fill("1")
    expect(best).to_contain_text("One day")
    expect(view.locator(".search-below p")).to_contain_text("Search finds anew")
    assert not [url for url in asked if "/queue/join" in url]
    view.get_by_role("textbox", name="Prompt").fill("<b>She wanted to")
    view.get_by_role("button", name="Search", exact=True).click()
    expect(view.locator(".search-below p")).not_to_contain_text("Search finds anew")
    assert view.locator(".search b").count() == 0
