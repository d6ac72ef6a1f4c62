"""embeddings-map: a click asks for a word, names never overlap, a lasso lists what is inside."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser.running import OpenPage

pytestmark = pytest.mark.browser

OVERLAPS = """() => {
    const names = document.querySelectorAll("#embeddings-map-view .textpoint text:not(.covered)");
    const boxes = [...names].map((name) => name.getBoundingClientRect());
    const both = (a, b) => a.left < b.right && b.left < a.right
        && a.top < b.bottom && b.top < a.bottom;
    const overlap = boxes.some((box, i) => boxes.slice(i + 1).some((other) => both(box, other)));
    return [boxes.length, overlap];
}"""
AT = """(word) => {
    const plot = document.querySelector("#embeddings-map-view .js-plotly-plot");
    const [dots] = plot._fullData, at = dots.text.indexOf(word);
    const { xaxis, yaxis } = plot._fullLayout;
    const box = plot.querySelector(".nsewdrag").getBoundingClientRect();
    return [box.left + xaxis.d2p(dots.x[at]), box.top + yaxis.d2p(dots.y[at])];
}"""


def names(page: Page) -> int:
    count, overlap = page.evaluate(OVERLAPS)
    assert not overlap
    return int(count)


def test_the_map_is_clicked_enlarged_and_lassoed(open_page: OpenPage) -> None:
    page = open_page("embeddings-map")
    view = page.locator("#embeddings-map-view")
    expect(view.get_by_role("heading", name="Truly nearest to king")).to_be_visible()
    expect(view.locator(".point").nth(4_999)).to_be_attached()
    few = names(page)
    assert few >= 30
    view.locator(".js-plotly-plot").scroll_into_view_if_needed()
    page.mouse.click(*page.evaluate(AT, "water"))
    heading = view.get_by_role("heading", name=re.compile("Truly nearest to "))
    expect(heading).not_to_have_text("Truly nearest to king")
    word = heading.inner_text().removeprefix("Truly nearest to ")
    expect(page.get_by_role("textbox", name="Find")).to_have_value(word)
    expect(view.locator(".textpoint text", has_text=re.compile(f"^{word}$")).last).to_be_visible()

    view.locator(".js-plotly-plot").hover()
    view.get_by_role("button", name="Lasso Select").click()
    x, y = page.evaluate(AT, word)
    page.mouse.move(x - 30, y - 30)
    page.mouse.down()
    for dx, dy in ((30, -30), (30, 30), (-30, 30), (-30, -30)):
        page.mouse.move(x + dx, y + dy, steps=4)
    page.mouse.up()
    expect(view.locator(".lassoed")).to_contain_text(re.compile(rf"\d+ inside: .*\b{word}\b"))
