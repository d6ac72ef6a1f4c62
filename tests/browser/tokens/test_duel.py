"""tokens-duel: what stands at one place is marked in every tokenizer, and models are compared."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from tests.browser.running import OpenPage

pytestmark = pytest.mark.browser


def test_a_piece_is_seen_in_all_tokenizers_by_pointer_and_keys(open_page: OpenPage) -> None:
    page = open_page("tokens-duel")
    view = page.locator("#tokens-duel-view")
    strips = view.locator(".strip")
    expect(strips).to_have_count(7)
    words = strips.nth(1)
    expect(words.locator(".facts .lost")).to_have_text(re.compile(r"^loses spaces \(12.×\), 2 unk"))
    expect(strips.first.locator(".facts")).to_contain_text("gives the text back")
    words.locator(".pieces span", has_text="tailor").hover()
    expect(strips.first.locator(".on")).to_have_count(6)
    expect(strips.nth(3).locator(".on")).to_have_text(["\u00b7tail", "or"])
    page.mouse.move(2, 2)
    expect(view.locator(".strip .on")).to_have_count(0)
    words.locator(".pieces").focus()
    page.keyboard.press("ArrowRight")
    expect(words.locator(".on")).to_have_text("Once")
    expect(strips.first.locator(".on")).to_have_count(4)
    page.keyboard.press("ArrowRight")
    expect(words.locator(".on")).to_have_text("upon")
    odd = words.locator(".odd", has_text="Rumpel")
    assert odd.evaluate("one => getComputedStyle(one).borderBottomWidth") == "2px"
    expect(words.locator(".odd", has_text="Once")).to_have_count(0)


def test_r5_two_models_are_compared_on_the_text(open_page: OpenPage) -> None:
    page = open_page("tokens-duel", text="The cat sat on the mat.")
    table = page.locator("#tokens-duel-view .perplexities table")
    expect(table.locator("tbody td").nth(3)).to_have_text(re.compile(r"^\d\.\d\d$"))
    assert table.locator("tbody td").all_inner_texts()[:2] == ["29.9 a token", "1.32"]
    page.get_by_role("textbox", name="Text").locator("visible=true").fill("\u4f60")
    page.get_by_role("button", name="Compare").click()
    expect(page.locator(".perplexities")).to_contain_text("It does not read all of this text")


@pytest.mark.thorough
def test_what_a_key_changes_is_drawn_into_what_stands(open_page: OpenPage) -> None:
    page = open_page("tokens-duel")
    view = page.locator("#tokens-duel-view")
    box = view.get_by_role("textbox", name="Text", exact=True)
    strips = view.locator("[data-widget=strips]")
    first = view.locator(".strip .pieces > :first-child")
    box.fill("Once upon a time, \U0001f469 there")
    expect(view.locator(".strip .pieces").first).to_contain_text("there")
    first.evaluate_all("all => all.forEach((one) => { one.stood = true; })")
    for text in (
        "Once upon a time, \U0001f469 there lived  a tailor",
        "Once upon two times, \U0001f469 there lived  a tailor",
        "Once upon two times,\n\u4f60 lived  a tailor",
        "Once upon tailor",
        "Once upon a time there lived a tailor called Rumpelstiltskin",
    ):
        box.fill(text)
        expect(view.locator(".strip .pieces").first).to_have_text(
            text.replace(" ", "\u00b7").replace("\n", "\u21b5")
        )
        changed = strips.inner_html()
        kept = first.evaluate_all("all => all.filter((one) => one.stood).length")
        assert kept >= 5
        strips.evaluate("one => { one.replaceChildren(); orrery.refresh(); }")
        assert changed == strips.inner_html()
        first.evaluate_all("all => all.forEach((one) => { one.stood = true; })")
