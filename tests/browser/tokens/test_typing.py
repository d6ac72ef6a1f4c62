"""tokens-pieces: cut while somebody types, and marked in the text and in the chips alike."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Locator, Page, Route, expect

from tests.browser.running import OpenPage, press

pytestmark = pytest.mark.browser
AT_ONCE = "**/gradio_api/run/**"


def box(page: Page) -> Locator:
    return page.locator("#tokens-pieces-view").get_by_role("textbox", name="Text", exact=True)


def shown(page: Page) -> Locator:
    return page.locator("#tokens-pieces-view .running")


def hold(page: Page, held: list[Route], text: str) -> None:
    """Keep back what asks for this text."""

    def keep(route: Route) -> None:
        if text in (route.request.post_data or ""):
            held.append(route)
        else:
            route.continue_()

    page.route(AT_ONCE, keep)


def test_a_text_is_cut_while_it_is_typed_in_no_queue(open_page: OpenPage) -> None:
    page = open_page("tokens-pieces")
    queued: list[str] = []
    page.on("request", lambda one: queued.append(one.url) if "queue/join" in one.url else None)
    box(page).fill("")
    note = page.locator("#tokens-pieces-view .remark .note")
    expect(note).to_contain_text("The text is empty. What was shown stays.")
    expect(shown(page)).to_contain_text("Once upon a time")
    box(page).press_sequentially("the cat", delay=10)
    expect(shown(page)).to_have_text("the cat")
    expect(note).to_have_text("")
    expect(box(page)).to_be_focused()
    page.locator(".ruler summary").click()
    box(page).press("End")
    box(page).press_sequentially("s")
    expect(shown(page)).to_have_text("the cats")
    expect(page.locator(".ruler table").first).to_be_visible()  # it is not folded by a letter
    assert queued == []


def test_a_slow_answer_never_takes_the_place_of_a_newer_one(open_page: OpenPage) -> None:
    page = open_page("tokens-pieces")
    held: list[Route] = []
    hold(page, held, "slow")
    box(page).fill("slow")
    page.wait_for_timeout(400)
    assert len(held) == 1
    box(page).fill("typed later")  # waits for the first, and is then asked for
    page.wait_for_timeout(400)
    held[0].continue_()
    expect(shown(page)).to_have_text("typed later")
    box(page).fill("slow again")
    page.wait_for_timeout(400)
    assert len(held) == 2
    box(page).evaluate("(box) => orrery.type(box, 'pressed later')")
    press(page, "Cut into tokens", "pressed later")
    expect(shown(page)).to_have_text("pressed later")
    with page.expect_response(lambda one: "slow again" in (one.request.post_data or "")):
        held[1].continue_()
    page.wait_for_timeout(300)
    expect(shown(page)).to_have_text("pressed later")
    box(page).fill("and on it goes")
    expect(shown(page)).to_have_text("and on it goes")


def test_text_and_chips_mark_each_other_by_pointer_and_keys(open_page: OpenPage) -> None:
    page = open_page("tokens-pieces", text="a \U0001f469 tailor")
    view = page.locator("#tokens-pieces-view")
    chips, told = view.locator(".chips .chip"), view.locator(".opened")
    view.locator(".running span", has_text="tail").hover()
    expect(view.locator(".chip.on")).to_have_text(re.compile("^·tail"))
    expect(told).to_contain_text("token 7, id 1771")
    several = view.locator(".running .several")
    several.hover()
    expect(view.locator(".chip.on")).to_have_count(4)
    expect(told).to_contain_text("4 tokens, from 3 to 6")
    chips.nth(2).hover()
    expect(view.locator(".running .on")).to_have_count(1)
    expect(several).to_have_class(re.compile("on"))
    page.mouse.move(2, 2)
    expect(view.locator(".on")).to_have_count(0)
    view.locator(".chips").focus()
    for _ in range(3):
        page.keyboard.press("ArrowRight")
    expect(view.locator(".chip.sel")).to_have_count(1)
    expect(several).to_have_class(re.compile("sel"))
    view.locator(".running").focus()
    page.keyboard.press("ArrowRight")
    expect(view.locator(".chip.sel")).to_have_text(re.compile("^·tail"))
    page.keyboard.press("ArrowLeft")
    expect(view.locator(".chip.sel")).to_have_count(4)


@pytest.mark.thorough
def test_bytes_are_folded_away_and_stay_as_they_were_left(open_page: OpenPage) -> None:
    page = open_page("tokens-pieces", text="the cat")
    view = page.locator("#tokens-pieces-view")
    expect(view.locator(".chip").first).to_be_visible()
    expect(view.locator(".hex")).to_have_count(0)
    view.get_by_role("button", name="Bytes").click()
    expect(view.locator(".hex").first).to_have_text("74 68 65")
    box(page).fill("an ox")
    expect(view.locator(".hex").first).to_have_text("61 6E")
    view.get_by_role("button", name="Bytes").click()
    expect(view.locator(".hex")).to_have_count(0)


@pytest.mark.thorough
def test_all_tokenizers_cut_while_it_is_typed_and_models_wait_for_the_button(
    open_page: OpenPage,
) -> None:
    page = open_page("tokens-duel")
    view = page.locator("#tokens-duel-view")
    table = view.locator(".perplexities")
    expect(table.locator("tbody td").nth(3)).to_have_text(re.compile(r"^\d\.\d\d$"))
    queued: list[str] = []
    page.on("request", lambda one: queued.append(one.url) if "queue/join" in one.url else None)
    text = view.get_by_role("textbox", name="Text", exact=True)
    text.fill("")
    expect(view.locator(".remark .note")).to_contain_text("The text is empty")
    text.press_sequentially("unbelievable", delay=10)
    expect(view.locator(".strip .facts").nth(1)).to_contain_text("1 token")
    expect(table).to_contain_text("read this text when Compare is pressed")
    assert queued == []
    view.get_by_role("button", name="Compare").click()
    expect(table.locator("tbody td").nth(3)).to_have_text(re.compile(r"^\d\.\d\d$"))
    expect(table).not_to_contain_text("when Compare is pressed")
