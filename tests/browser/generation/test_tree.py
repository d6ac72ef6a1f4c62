"""What could come, for real: enlarge a token, move by keyboard, and go on from there."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser import running
from tests.browser.running import OpenPage

pytestmark = pytest.mark.browser


def settle(page: Page) -> None:
    """Wait for the end of what moves in the tree."""
    page.locator("#generation-tree-view .icicle").evaluate(
        "tree => Promise.all(tree.getAnimations({subtree: true}).map((one) => one.finished))"
    )


def test_a_token_is_enlarged_and_gone_on_from(open_page: OpenPage) -> None:
    page = open_page("generation-tree")
    cells = page.locator("#generation-tree-view .icicle button")
    boy = cells.filter(has_text=re.compile("^·boy"))
    whole = page.locator("#generation-tree-view .icicle").bounding_box()["height"]
    assert boy.bounding_box()["height"] == pytest.approx(0.25 * whole, abs=0.02 * whole)
    boy.click()
    settle(page)
    assert boy.bounding_box()["height"] == pytest.approx(whole, rel=0.02)
    expect(cells.filter(has_text=re.compile("^·girl"))).to_be_hidden()
    boy.click()
    settle(page)
    assert boy.bounding_box()["height"] < 0.3 * whole
    page.keyboard.press("ArrowRight")
    said = page.locator("#generation-tree-view [aria-live=polite].about").last
    expect(said).to_contain_text(re.compile(r"·boy·n: 0\.253 × 0\.\d+ = 0\.14"))
    page.keyboard.press("ArrowUp")  # there is none above the first
    page.keyboard.press("ArrowRight")
    expect(said).to_contain_text("·boy·named")
    said.get_by_role("link").click()
    page.wait_for_url(re.compile("view=generation-wheel"))
    running.wait_until_filled(page, "generation-wheel")
    expect(page.locator(".stepper .t")).to_have_text([" boy", " n", "amed"])
