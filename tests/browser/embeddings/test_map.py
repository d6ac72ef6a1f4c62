"""embeddings-map: a click asks for a word, names never overlap, a lasso lists what is inside."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser import running
from tests.browser.running import OpenPage

pytestmark = pytest.mark.browser

OVERLAPS = """([view, leading]) => {
    const names = document.querySelectorAll(`#${view}-view .textpoint text:not(.covered)`);
    const boxes = [...names].map((name) => name.getBoundingClientRect());
    const both = (a, b) => a.left < b.right && b.left < a.right
        && a.top < b.bottom - leading && b.top < a.bottom - leading;
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


def names(page: Page, view: str = "embeddings-map", leading: int = 0) -> int:
    """How many names are shown, none over another; leading: px of a line that no letter fills."""
    count, overlap = page.evaluate(OVERLAPS, [view, leading])
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


@pytest.mark.thorough
@pytest.mark.parametrize(("width", "lecture"), [(running.PHONE, 0), (running.DESK, 1)])
def test_every_word_of_axes_is_read_on_a_phone_and_from_the_back_row(
    open_page: OpenPage, width: int, lecture: int
) -> None:
    page = open_page("embeddings-axes", width=width, lecture=lecture)
    page.wait_for_timeout(1000)  # what follows the size of the window is drawn anew
    assert names(page, "embeddings-axes", leading=4) == 17
