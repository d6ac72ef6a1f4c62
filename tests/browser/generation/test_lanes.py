"""Lanes of one's own, and all lanes token by token together."""

from __future__ import annotations

import json
import re
from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser import running
from tests.browser.running import OpenPage, press

pytestmark = pytest.mark.browser


def shown(page: Page) -> list[int]:
    """How many tokens of each lane are in sight."""
    return page.locator("#generation-lanes .lane").evaluate_all(
        """lanes => lanes.map((lane) => [...lane.querySelectorAll(".t")]
            .filter((token) => getComputedStyle(token).visibility === "visible").length)"""
    )


def stepping(page: Page, name: str) -> Locator:
    return page.locator(".lockstep").get_by_role("button", name=name, exact=True)


def linked(page: Page) -> dict[str, list[str]]:
    page.get_by_role("button", name="Link to this", exact=True).click()
    expect(page.locator("#generation-lanes-view .address")).to_contain_text("view=generation")
    return parse_qs(urlsplit(page.url).query)


def test_a_lane_of_ones_own_and_all_lanes_in_lockstep(open_page: OpenPage) -> None:
    page = open_page("generation-lanes")
    titles = page.locator("#generation-lanes .heading b")
    page.get_by_role("button", name="Top-k 40").click()
    settings = page.get_by_role("group", name="Settings of lane 3")
    settings.get_by_label("Add a filter").select_option("top_p")
    expect(titles.nth(2)).to_have_text("Top-k 40 → top-p 0.9")
    settings.get_by_role("button", name="Top-p earlier").press("Enter")
    expect(titles.nth(2)).to_have_text("Top-p 0.9 → top-k 40")
    expect(settings.get_by_role("button", name="Top-p later")).to_be_enabled()
    settings.get_by_label("Model").select_option("storyteller-books")
    books = page.locator("#generation-lanes .lane").nth(2)
    expect(books.locator("small")).to_have_text("Storyteller of old books")
    expect(books).to_contain_text("per token")
    expect(page.get_by_label("number input for Top-k")).to_be_hidden()
    settings.get_by_role("button", name="Close").click()
    for count in (1, 2, 3):
        stepping(page, "Step").click()
        assert shown(page) == [count] * 5
    expect(page.locator(".detail h2")).to_have_text(re.compile("^Step 3: .*; the texts before"))
    expect(page.locator(".detail .step").nth(2)).to_contain_text("Storyteller of old books")
    stepping(page, "Back").click()
    assert shown(page) == [2] * 5
    page.locator("#generation-lanes [role=listbox]").first.press("ArrowRight")
    assert shown(page) == [3] * 5
    written = page.locator("#generation-lanes .out").all_inner_texts()
    asked = linked(page)
    assert (asked["step"], asked["lockstep"]) == (["3"], ["1"])
    assert json.loads(asked["own"][0])[2]["filters"] == [["top_p", 0.9], ["top_k", 40]]
    page.reload()
    running.wait_until_filled(page, "generation-lanes")
    expect(books.locator(".t")).to_have_count(24)
    assert shown(page) == [3] * 5
    assert page.locator("#generation-lanes .out").all_inner_texts() == written


def test_a_link_carries_no_step_that_a_shorter_run_lacks(open_page: OpenPage) -> None:
    page = open_page("generation-lanes", step=20)
    expect(page.locator(".detail h2")).to_contain_text("Step 20")
    page.get_by_label("number input for Length in tokens").fill("8")
    page.get_by_label("number input for Length in tokens").blur()
    press(page, "Run")
    expect(page.locator(".lockstep")).to_contain_text("all 8")
    expect(page.locator("#generation-lanes .lane").last).to_contain_text("per token")
    assert linked(page)["step"] == ["8"]
    page.locator("#generation-lanes [data-step]").first.click()
    expect(page.locator(".below.docked")).to_be_visible()
    page.get_by_role("button", name="Add a lane").click()
    expect(page.locator("#generation-lanes .lane")).to_have_count(6)
    expect(page.locator(".lane-settings")).to_be_in_viewport(ratio=1)
    expect(page.locator(".below.docked")).to_have_count(0)  # it would stand on the settings
    page.get_by_role("button", name="The five lanes again").click()
    expect(page.locator("#generation-lanes .lane")).to_have_count(5)
