"""The translations: rows, heads and ways of writing, by pointer and by key."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.browser import running
from tests.browser.running import OpenPage

pytestmark = pytest.mark.browser


def test_rows_heads_and_the_beam_change_the_maps(open_page: OpenPage) -> None:
    page = open_page("attention-translation")
    view = page.locator("#attention-translation-view")
    first, second, third = view.locator(".sides > section").all()
    expect(first.locator(".looks")).to_contain_text(
        "\u00b7noir was written looking at \u00b7black 92.9"
    )
    expect(second.locator(".looks")).to_contain_text(
        "\u00b7noir was written looking at \u00b7black 71.8"
    )
    expect(third.locator("table")).to_have_count(0)
    assert third.locator(".one-vector i").count() == 512
    first.locator("button[aria-pressed=true]").focus()
    page.keyboard.press("ArrowUp")
    expect(first.locator(".looks")).to_contain_text("\u00b7chat was written looking at \u00b7cat")
    second.locator("tr[data-at='9'] td").first.hover()
    expect(second.locator(".looks")).to_contain_text("\u00b7bl was written looking at \u00b7wh")
    first.get_by_role("combobox").select_option("Layer 1, head 4")
    expect(first.locator("tr[data-at='5'] td").nth(4)).to_have_attribute(
        "title", "\u00b7noir, \u00b7cat: 91.4\u00a0%"
    )
    view.get_by_role("button", name="Beam search").click()
    expect(second.locator(".reads")).to_contain_text(
        "Elle a acheté un chat noir. 6.5 bits, BLEU 47.5"
    )
    expect(first.locator(".reads")).to_contain_text("the same as greedy")
    expect(first.get_by_role("combobox")).to_have_value("0,3")


@pytest.mark.thorough
def test_what_is_typed_is_text_and_what_cannot_be_used_is_said(open_page: OpenPage) -> None:
    page = open_page("attention-translation", text="The <b>red</b> car", beams=2)
    view = page.locator("#attention-translation-view")
    expect(view.locator("thead code").nth(1)).to_be_visible()
    assert view.locator("thead b").count() == 0
    view.get_by_role("textbox", name="English sentence").fill("")
    running.press(page, "Translate")
    expect(page.get_by_text("The sentence is empty.").first).to_be_visible()
    expect(view.locator(".one-vector")).to_be_visible()  # what was shown stays


def test_lines_join_both_texts_and_the_table_chooses_a_head(open_page: OpenPage) -> None:
    page = open_page("attention-translation")
    view = page.locator("#attention-translation-view")
    first, second, _ = view.locator(".sides > section").all()
    expect(view.locator(".aligning .best")).to_have_text("8")
    view.get_by_role("button", name="Lines", exact=True).click()
    expect(first.locator("table")).to_have_count(0)
    expect(first.locator(".token-lines .query .here")).to_have_text("\u00b7noir")
    expect(first.locator("svg text")).to_have_text("92.9 %")
    second.locator(".tokens.query").focus()
    page.keyboard.press("ArrowLeft")
    expect(second.locator(".looks")).to_contain_text("\u00b7chat was written looking at \u00b7cat")
    named = view.locator(".token-lines [id]").evaluate_all("all => all.map((one) => one.id)")
    assert named and len(set(named)) == len(named)
    view.locator(".aligning").get_by_role("button", name="layer 2, mean of the heads").click()
    expect(first.get_by_role("combobox")).to_have_value("1,mean")
    expect(view.locator(".by-length")).to_contain_text("2,009 held-out sentences")
    expect(view.locator(".js-plotly-plot .scatterlayer .trace")).to_have_count(3)


@pytest.mark.thorough
def test_bleu_is_there_with_a_reference_alone(open_page: OpenPage) -> None:
    page = open_page("attention-translation", text="Where is the cat?", reference="")
    view = page.locator("#attention-translation-view")
    expect(view.locator(".reads").first).not_to_contain_text("BLEU")
    view.get_by_role("textbox", name="Your translation, for BLEU").fill("Où est le chat ?")
    running.press(page, "Translate")
    expect(view.locator(".reads").first).to_contain_text("BLEU 100.0")


@pytest.mark.thorough
def test_in_lecture_the_letters_of_the_maps_are_large_and_all_rows_in_sight(
    open_page: OpenPage,
) -> None:
    page = open_page("attention-translation", lecture=1)
    page.set_viewport_size({"width": 1280, "height": 720})
    view = page.locator("#attention-translation-view")
    for letters in (view.locator("tbody th button"), view.locator("thead th code")):
        sizes = letters.evaluate_all(
            "all => all.map((e) => parseFloat(getComputedStyle(e).fontSize))"
        )
        assert len(sizes) > 20 and min(sizes) >= 18  # px
    ends, keys = view.locator("tbody th button", has_text="end").first, page.locator("aside.keys")
    under, top = ends.bounding_box(), keys.bounding_box()
    assert under is not None and top is not None
    assert under["y"] + under["height"] <= top["y"] + 4
    choice, says = (
        view.locator("select").bounding_box(),
        view.locator(".reads").first.bounding_box(),
    )
    assert (
        choice is not None and says is not None and choice["y"] + choice["height"] <= says["y"] + 2
    )
