"""embeddings-pieces: a click switches a piece off, and the neighbours move."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.browser.running import OpenPage

pytestmark = pytest.mark.browser


def test_a_piece_is_switched_off_and_on(open_page: OpenPage) -> None:
    page = open_page("embeddings-pieces", off="")
    view = page.locator("#embeddings-pieces-view")
    lists = view.locator("section.bars")
    expect(lists.first.locator("li code").first).to_have_text("kingdom")
    expect(lists.nth(1).locator("li")).to_have_count(0)
    piece = view.locator(".piece", has_text="less").last
    piece.click()
    expect(view.get_by_role("textbox", name="Pieces switched off")).to_have_value("less")
    expect(lists.nth(1).locator("li")).to_have_count(7)
    expect(lists.first.locator("li")).to_have_count(7)  # what it was stays beside it
    expect(view.locator(".piece[aria-pressed=false]")).to_have_count(1)
    view.locator(".piece[aria-pressed=false]").click()
    expect(lists.nth(1).locator("li")).to_have_count(0)
    view.get_by_role("textbox", name="Word", exact=True).fill("<b>Zzyzx</b>")
    view.get_by_role("button", name="Take it apart").click()
    expect(lists.first.locator("h2")).to_contain_text("zzyzx</b, of all its pieces")
