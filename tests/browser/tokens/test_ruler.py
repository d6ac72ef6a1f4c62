"""tokens-pieces: the ruler is folded away, and its rows are aligned."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.browser.running import OpenPage

pytestmark = pytest.mark.browser


def test_the_units_of_a_character_end_at_one_edge(open_page: OpenPage) -> None:
    view = open_page("tokens-pieces", text="e\u0301!").locator("#tokens-pieces-view")
    block = view.locator(".ruler table").first
    expect(block).to_be_hidden()
    view.locator(".ruler summary").click()
    cells = block.locator("td").all_inner_texts()
    assert cells[:6] == ["e\u0301", "e", "U+0301", "65", "CC", "81"]
    edges = block.locator("tr").evaluate_all(
        "rows => rows.map((row) => row.lastElementChild.getBoundingClientRect().right)"
    )
    assert len(edges) == 4 and max(edges) - min(edges) < 1
