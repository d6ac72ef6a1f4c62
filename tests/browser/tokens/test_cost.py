"""tokens-cost: a bar for each text, French in both twins below English, and a row that opens."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.browser.running import OpenPage

pytestmark = pytest.mark.browser


def test_rows_are_compared_and_opened(open_page: OpenPage) -> None:
    page = open_page("tokens-cost")
    view = page.locator("#tokens-cost-view")
    names = view.locator(".cost-rows .bar code")
    expect(names).to_have_count(26)
    first = ["English", "\u21b3 trained on both", "French", "\u21b3 trained on both"]
    assert names.all_inner_texts()[:4] == first
    values = view.locator(".cost-rows .bar .value").all_inner_texts()
    assert values[:4] == ["12", "12", "21", "13"]
    languages = [int(one) for one in values[4:22]]
    assert languages == sorted(languages) and languages[-1] == 95
    opened = view.locator(".cost-opened")
    expect(opened.locator("h3")).to_have_text("Yours")
    expect(opened.locator(".cost-pieces small")).to_contain_text(["3206", "682", "447"])
    sent: list[str] = []
    page.on("request", lambda request: sent.append(request.url))
    view.get_by_role("button", name="Hindi: 95 tokens").click()
    expect(opened.locator("h3")).to_have_text("Hindi Devanagari")
    expect(opened.locator(".cost-pieces span")).to_have_count(95)
    expect(opened.locator(".cost-pieces b").first).to_have_text("E0")
    expect(view.locator(".bar[aria-pressed=true] code")).to_have_text("Hindi")
    assert not [url for url in sent if "queue" in url]


def test_a_bar_is_as_long_as_its_bytes_and_solid_as_far_as_its_tokens(open_page: OpenPage) -> None:
    view = open_page("tokens-cost").locator("#tokens-cost-view")
    parts = view.locator(".cost-rows .bar").evaluate_all(
        "rows => rows.map((row) => [row.querySelector('.track').offsetWidth,"
        " ...[...row.querySelectorAll('u')].map((part) => part.getBoundingClientRect().width)])"
    )
    track, solid, hatched = parts[0]
    assert solid / track == pytest.approx(12 / 95, abs=0.01)
    assert hatched / track == pytest.approx(32 / 95, abs=0.01)
    assert [len(part) for part in parts].count(2) == 9  # every byte is a token
