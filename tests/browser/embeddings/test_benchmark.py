"""embeddings-benchmark: a press on a bar reads its failures, and the columns become dimensions."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from tests.browser.running import OpenPage

pytestmark = pytest.mark.browser


def press(page: Page, cell: str, key: str = "") -> None:
    """Press a bar until the page takes it: it takes nothing while the last answer comes in."""
    view = page.locator("#embeddings-benchmark-view")
    for _ in range(10):
        bar = view.get_by_role("button", name=cell)
        bar.press(key) if key else bar.click()
        try:
            return expect(view.get_by_role("heading", name=cell)).to_be_visible(timeout=4000)
        except AssertionError:
            continue
    raise AssertionError(f"{cell} opens nothing.")


def test_a_bar_is_pressed_and_its_failures_are_read(open_page: OpenPage) -> None:
    page = open_page("embeddings-benchmark")
    view = page.locator("#embeddings-benchmark-view")
    expect(view.locator("[data-widget] tbody tr")).to_have_count(25)
    press(page, "Opposites, GloVe")
    expect(view.get_by_role("button", name="Opposites, GloVe")).to_have_attribute(
        "aria-pressed", "true"
    )
    told = view.locator(".failures .bars p").inner_text()
    rows = view.locator(".failed tbody tr")
    expect(rows).to_have_count(int(told.split()[0]))
    question, answer, rank = rows.first.locator("td").all_inner_texts()
    assert question.count(" : ") == 2 and " = " in question
    assert answer not in question and int(rank.replace(",", "")) > 1
    expect(page.get_by_role("textbox", name="Failures of")).to_have_value("Opposites / glove")


def test_the_keyboard_reads_failures_and_columns_become_dimensions(open_page: OpenPage) -> None:
    page = open_page("embeddings-benchmark")
    view = page.locator("#embeddings-benchmark-view")
    press(page, "Do : doing, fastText", "Enter")
    view.get_by_text("How many dimensions?").click()
    expect(view.get_by_role("heading", name="Country : capital, 25 dimensions")).to_be_visible()
    heads = view.locator("[data-widget] thead th")
    expect(heads).to_have_text(["2", "5", "10", "25", "50", "100", "all 200"])
    shown = view.locator("[data-widget] tr.sum .value").all_inner_texts()
    assert len(shown) in range(4, 8) and shown[0] == "0"
    expect(view.locator("[data-widget] tr.sum .value")).to_have_count(7)  # all have come
    view.get_by_role("button", name="He : she, 2:").click()
    expect(view.get_by_role("heading", name="He : she, 2 dimensions")).to_be_visible()
    ranks = view.locator(".failed td:nth-child(3)")
    assert max(int(one.replace(",", "")) for one in ranks.all_inner_texts()) > 9_999
    cut = "(cells) => cells.filter((one) => one.scrollWidth > one.clientWidth).length"
    assert ranks.evaluate_all(cut) == 0


def test_a_wrong_name_is_answered_with_the_right_ones(open_page: OpenPage) -> None:
    page = open_page("embeddings-benchmark")
    page.get_by_role("textbox", name="Failures of").fill("<b>nothing</b>")
    page.get_by_role("button", name="Ask all questions").click()
    expect(page.get_by_test_id("toast-body")).to_contain_text("There is no such relation")
    expect(page.locator("#embeddings-benchmark-view .failed tbody tr").nth(3)).to_be_visible()
