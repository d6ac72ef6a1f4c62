"""One cell: picked from the map, changed, and the same arithmetic by hand against numpy."""

from __future__ import annotations

import numpy as np
import pytest
from playwright.sync_api import Page, expect

from tests.browser.running import OpenPage

pytestmark = pytest.mark.browser


def test_a_cell_is_picked_by_key_and_the_model_runs_again(open_page: OpenPage) -> None:
    page = open_page("attention-cell")
    view = page.locator("#attention-cell-view")
    expect(view.locator(".opened-score")).to_contain_text("/ \u221a64 = 85.65 / 8.00 = 10.71")
    expect(view.locator(".moves .bar").first).to_contain_text("18.1 \u2192 87.1")
    view.get_by_role("button", name="Even attention").click()
    expect(view.locator(".moves .bar").first).to_contain_text("18.1 \u2192 88.3")
    view.locator("canvas.opened-map").focus()
    page.keyboard.press("ArrowLeft")
    expect(view.locator(".opened-sum p").first).to_contain_text("\u00b7lived, token 12")
    expect(view.get_by_role("button", name="Even attention")).to_have_attribute(
        "aria-pressed", "true"
    )
    view.get_by_label("Head", exact=True).select_option("2")
    expect(view.get_by_role("textbox", name="Cell")).to_have_value("4.2 15.12")
    expect(view.locator("canvas.opened-map")).to_have_attribute(
        "aria-label",
        "Layer 4, head 2: rows are queries, columns are keys. Arrow keys choose a cell.",
    )
    view.get_by_role("textbox", name="Cell").fill("9.9")
    view.get_by_role("button", name="Open the cell").click()
    expect(page.get_by_text("The cell is layer.head row.column").first).to_be_visible()


def numbers(page: Page, place: int) -> np.ndarray:
    """A table of what was found, as it stands on screen."""
    table = page.locator(".by-hand-found table").nth(place)
    rows = [row.locator("td").all_inner_texts() for row in table.locator("tbody tr").all()]
    plain = [[one.replace("\u2212", "-").replace("\u221e", "inf") for one in row] for row in rows]
    return np.array(plain, dtype=float)


def by_numpy(query: np.ndarray, key: np.ndarray, value: np.ndarray) -> list[np.ndarray]:
    scores = query @ key.T
    divided = scores / 2
    masked = np.where(np.tri(4, dtype=bool), divided, -np.inf)
    weights = np.exp(masked) / np.exp(masked).sum(axis=1, keepdims=True)
    return [scores, divided, masked, weights, weights @ value]


def test_the_four_tokens_by_hand_are_those_of_numpy(open_page: OpenPage) -> None:
    page = open_page("attention-cell")
    page.get_by_label("Queries, it, number 2").fill("-2.5")
    page.get_by_label("Values, the, number 4").fill("7")
    given = [
        np.array(
            [[float(box.input_value()) for box in row.locator("input").all()]
             for row in table.locator("tbody tr").all()]
        )
        for table in page.locator(".by-hand-given table").all()
    ]  # fmt: skip
    for place, expected in enumerate(by_numpy(*given)):
        np.testing.assert_allclose(numbers(page, place), expected, atol=0.0051)
    hand = page.locator(".by-hand")
    hand.get_by_role("button", name="From the start").click()
    expect(hand.locator(".by-hand-found table")).to_have_count(1)
    hand.get_by_role("button", name="Step", exact=True).click()
    expect(hand.locator(".by-hand-said")).to_contain_text("2 of 5.")
    hand.get_by_label("divide by").uncheck()
    np.testing.assert_allclose(numbers(page, 1), given[0] @ given[1].T, atol=0.0051)
