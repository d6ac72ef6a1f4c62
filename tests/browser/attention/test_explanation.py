"""The explanations used for real: tokens pointed at and chosen, other predictions, other layers."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from tests.browser import running
from tests.browser.running import OpenPage

pytestmark = pytest.mark.browser


def row(page: Page, number: int) -> str:
    return f"#attention-explanation-view .explained-row:nth-child({number})"


def test_rows_disagree_and_every_number_is_there(open_page: OpenPage) -> None:
    page = open_page("attention-explanation")
    view = page.locator("#attention-explanation-view")
    expect(view.locator(".explained-text .hit")).to_have_text("\u00b7house")
    expect(page.locator(f"{row(page, 1)} .best")).to_have_text("\u00b7girl")
    expect(page.locator(f"{row(page, 6)} .best")).to_have_text("\u00b7in")
    expect(page.locator(f"{row(page, 6)} small")).to_have_text("\u00b7in 11.80\u00a0bits, rank 1")
    page.locator(f"{row(page, 1)} .best").hover()
    expect(page.locator(f"{row(page, 1)} small")).to_contain_text("\u00b7girl 23.5\u00a0%, rank 1")
    expect(page.locator(f"{row(page, 6)} small")).to_contain_text("\u00b7girl \u22120.06\u00a0bits")
    view.locator(".explained-rows").focus()
    page.keyboard.press("ArrowRight")
    expect(page.locator(f"{row(page, 3)} small")).to_contain_text("\u00b7who")
    assert view.locator(".explained-row .picked").count() == 6
    expect(view.locator(".agreement tbody tr").last.locator("td").nth(4)).to_have_text("0.72")
    expect(view.locator(".agreement")).to_contain_text("Row 5 sums to 11.17 of 11.17 bits")
    assert view.locator(".scatterlayer .trace").count() == 5
    view.get_by_text("The rows as numbers").click()
    expect(view.locator(".all-numbers tbody tr").nth(12)).to_contain_text("11.80")
    view.get_by_text("The curves as numbers").click()
    expect(view.locator(".all-numbers").last.locator("tbody tr")).to_have_count(5)


def test_another_next_token_and_a_token_of_the_text_are_explained(open_page: OpenPage) -> None:
    page = open_page("attention-explanation")
    view = page.locator("#attention-explanation-view")
    before = page.locator(f"{row(page, 1)} > p").get_attribute("aria-label")
    view.locator(".explained-next button", has_text="girl").click()
    expect(view.locator(".explained-text .hit")).to_have_text("\u00b7girl")
    expect(page.get_by_label("Token explained")).to_have_value(" girl")
    assert page.locator(f"{row(page, 1)} > p").get_attribute("aria-label") == before
    expect(page.locator(f"{row(page, 6)} .best")).to_have_text("\u00b7little")
    view.locator(".explained-text button", has_text="lived").click()
    expect(view.locator(".explained-text .hit")).to_have_text("\u00b7lived")
    expect(page.locator(f"{row(page, 1)} [data-token]")).to_have_count(11)
    expect(page.get_by_label("Token explained")).to_have_value("@11")
    view.locator(".explained-text button.hit").focus()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Enter")
    expect(view.locator(".explained-text .hit")).to_have_text("\u00b7in")
    view.locator(".explained-text button", has_text="next").click()
    expect(view.locator(".explained-text .hit")).to_have_text("\u00b7house")


@pytest.mark.thorough
def test_settings_and_what_cannot_be_explained(open_page: OpenPage) -> None:
    page = open_page("attention-explanation", text="<b>the</b> goats", model="gpt")
    view = page.locator("#attention-explanation-view")
    expect(page.locator(f"{row(page, 1)} [data-token]")).to_have_count(16)
    assert page.locator("b b").count() == 0
    view.get_by_text("replaced").first.click()
    expect(page.locator(row(page, 6))).to_contain_text("Occlusion: replaced")
    expect(view.locator(".far-back")).to_contain_text("another one")
    view.get_by_role("textbox", name="Sentence").fill("a")
    running.press(page, "Explain")
    expect(page.get_by_text("At least two tokens must be read").first).to_be_visible()
    expect(page.locator(f"{row(page, 1)} [data-token]")).to_have_count(16)  # what was shown stays
