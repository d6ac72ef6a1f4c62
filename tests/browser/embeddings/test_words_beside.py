"""Neighbours in three models, and the pairs of a relation in the plane of an analogy."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.browser import running
from tests.browser.running import OpenPage

pytestmark = pytest.mark.browser

OUT_OF_PLACE = """() => {
    const view = document.querySelector("#embeddings-neighbours-view");
    const all = (some) => [...view.querySelectorAll(some)];
    const boxes = (some) => all(some).map((one) => one.getBoundingClientRect());
    const [whole] = boxes(".js-plotly-plot svg");
    const cut = boxes(".textpoint text:not(.covered)")
        .filter((box) => box.left < whole.left || box.right > whole.right);
    const lines = boxes(".bars li").filter((row) => row.height > 40).length;
    const short = all(".columns code")
        .filter((one) => one.textContent.length <= 10 && one.scrollWidth > one.clientWidth);
    return [cut.length, lines, short.map((one) => one.textContent)];
}"""
"""Names on the map that are cut off, rows of two lines, and words of ten letters without room."""


def test_words_that_several_models_name_are_marked(open_page: OpenPage) -> None:
    page = open_page("embeddings-neighbours")
    lists = page.locator("#embeddings-neighbours-view .columns").get_by_role("list")
    expect(lists).to_have_count(3)
    marked = [
        {
            row.locator("code").inner_text()
            for row in one.get_by_role("listitem").all()
            if "\N{BLACK CIRCLE}" in row.locator(".remark").inner_text()
        }
        for one in lists.all()
    ]
    assert len(marked[0]) == 6 and marked[0] == marked[1] == marked[2]
    page.get_by_role("combobox", name="And beside that").click()
    page.get_by_role("option", name="none", exact=True).click()
    expect(lists).to_have_count(2)
    expect(page.get_by_text("in every list; ")).to_be_visible()


@pytest.mark.thorough
@pytest.mark.parametrize(("width", "lecture"), [(running.PHONE, 0), (running.DESK, 0), (1280, 1)])
@pytest.mark.parametrize(("word", "other"), [("monday", ""), ("king", ""), ("but", "you")])
def test_every_row_has_one_line_and_no_name_is_cut_off(
    open_page: OpenPage, width: int, lecture: int, word: str, other: str
) -> None:
    page = open_page("embeddings-neighbours", width=width, lecture=lecture, word=word, other=other)
    expect(page.get_by_role("heading", name=f"Nearest to {word}, of")).to_be_visible()
    page.wait_for_timeout(1000)  # what follows the size of the window is drawn anew
    assert page.evaluate(OUT_OF_PLACE) == [0, 0, []]


def test_countries_and_capitals_stand_in_one_plane(open_page: OpenPage) -> None:
    page = open_page("embeddings-analogies")
    page.get_by_role("button", name="france : paris = austria : ?").click()
    view = page.locator("#embeddings-analogies-view")
    expect(view.get_by_text("vienna is the nearest word but the three.")).to_be_visible()
    expect(view.locator(".js-plotly-plot .annotation-arrow-g")).to_have_count(10)
    for word in ("rome", "italy", "oslo", "norway"):
        expect(view.locator(".js-plotly-plot").get_by_text(word, exact=True)).to_be_visible()
    expect(view.get_by_role("link", name="their card")).to_be_visible()
    page.get_by_role("button", name="More").click()
    page.get_by_role("radio", name="may win").check()
    expect(
        view.get_by_text("paris is the nearest word of all. It is one of the three")
    ).to_be_visible()
