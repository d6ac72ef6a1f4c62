"""embeddings-words: words are pasted, laid out, and clicked."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.browser import running
from tests.browser.embeddings.test_map import AT
from tests.browser.running import OpenPage

pytestmark = pytest.mark.browser


def test_own_words_are_laid_out_and_clicked(open_page: OpenPage) -> None:
    page = open_page("embeddings-words")
    view = page.locator("#embeddings-words-view")
    expect(view.get_by_role("heading", name="Truly nearest to dog")).to_be_visible()
    expect(view.locator(".point").nth(200)).to_be_attached()
    view.get_by_role("textbox", name="Words").fill("cat dog cow horse\nred blue green <b>x</b>")
    view.get_by_role("textbox", name="Find").fill("")
    view.get_by_role("button", name="Lay them out").click()
    expect(view.get_by_role("heading", name="Truly nearest to cat")).to_be_visible()
    expect(view.get_by_text("left out: <b>x</b>.")).to_be_visible()
    view.locator(".js-plotly-plot").scroll_into_view_if_needed()
    script = AT.replace("embeddings-map", "embeddings-words")
    page.mouse.click(*page.evaluate(script, "blue"))
    expect(view.get_by_role("heading", name="Truly nearest to blue")).to_be_visible()
    expect(view.get_by_role("textbox", name="Find")).to_have_value("blue")
    view.get_by_text("PCA", exact=True).click()
    expect(view.get_by_text("The nearest of 7 of the 7")).to_be_visible()


CUT = """names => {
  const map = document.querySelector("#embeddings-words-view .nsewdrag");
  const { left, right } = map.getBoundingClientRect();
  return names.map(name => [name.textContent, name.getBoundingClientRect()])
    .filter(([, box]) => box.left < left - 1 || box.right > right + 1).map(([text]) => text);
}"""
"""Names that reach beyond the map, where they are cut."""


@pytest.mark.thorough
def test_no_word_is_cut_at_the_edge_of_a_phone(open_page: OpenPage) -> None:
    page = open_page("embeddings-words", width=running.PHONE)
    names = page.locator("#embeddings-words-view .textpoint text:not(.covered)")
    expect(names.nth(20)).to_be_visible()
    assert names.evaluate_all(CUT) == []
