"""embeddings-matrix: words are typed, put in order, and one is odd."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.browser.running import OpenPage

pytestmark = pytest.mark.browser


def test_words_are_compared_and_one_is_odd(open_page: OpenPage) -> None:
    page = open_page("embeddings-matrix")
    view = page.locator("#embeddings-matrix-view")
    expect(view.locator(".xtick text")).to_have_count(16)
    view.get_by_role("textbox", name="Words").fill("apple, pear, Hammer!, plum, <b>kwyjibo</b>")
    view.get_by_role("button", name="Compare all").click()
    expect(view.get_by_role("heading", name="Odd one out: hammer")).to_be_visible()
    expect(view.get_by_text("left out: <b>kwyjibo</b>.")).to_be_visible()
    expect(view.locator(".heatmap-label text")).to_have_count(12)
    view.get_by_text("As typed").click()
    expect(view.locator(".ytick text").first).to_have_text("apple")
    expect(view.locator(".ytick text").nth(2)).to_have_text("hammer")
