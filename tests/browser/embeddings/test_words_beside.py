"""Neighbours in three models, and the pairs of a relation in the plane of an analogy."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.browser.running import OpenPage

pytestmark = pytest.mark.browser


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
    assert len(marked[0]) == 5 and marked[0] == marked[1] == marked[2]
    page.get_by_role("combobox", name="And beside that").click()
    page.get_by_role("option", name="none", exact=True).click()
    expect(lists).to_have_count(2)
    expect(page.get_by_text("in every list; ")).to_be_visible()


def test_countries_and_capitals_stand_in_one_plane(open_page: OpenPage) -> None:
    page = open_page("embeddings-analogies")
    page.get_by_role("button", name="france : paris = austria : ?").click()
    view = page.locator("#embeddings-analogies-view")
    expect(view.get_by_text("vienna is the nearest word but the three.")).to_be_visible()
    expect(view.locator(".js-plotly-plot .annotation-arrow-g")).to_have_count(10)
    for word in ("rome", "italy", "oslo", "norway"):
        expect(view.locator(".js-plotly-plot").get_by_text(word, exact=True)).to_be_visible()
    expect(view.get_by_role("link", name="their card")).to_be_visible()
