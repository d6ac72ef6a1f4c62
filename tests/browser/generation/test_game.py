"""Shannon's game in the browser: alone by keys and by touch, and a lecturer with two students."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser import running
from tests.browser.conftest import Witness
from tests.browser.running import OpenPage

pytestmark = pytest.mark.browser
REST = "the garden was full of snails."


def told(page: Page) -> str:
    return page.locator("#generation-game-view .guess-told").inner_text()


def test_it_opens_on_a_game_that_is_over_and_every_letter_can_be_looked_at(
    open_page: OpenPage,
) -> None:
    page = open_page("generation-game")
    assert told(page).startswith("All 35 letters: 26 at the first guess, 0.64 to 1.25 bits")
    view = page.locator("#generation-game-view")
    expect(view.locator("h2").first).to_have_text("What they had bet on letter 3, w")
    column = view.get_by_role("button", name="Letter 31, k: right at guess 3 of yours")
    column.click()
    expect(view.locator("h2").first).to_have_text("What they had bet on letter 31, k")
    expect(column).to_be_focused()
    expect(view.locator(".numbers tbody tr")).to_have_count(5)
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_a_game_is_played_by_keys_counted_up_and_carried_by_a_link(open_page: OpenPage) -> None:
    page = open_page("generation-game")
    view = page.locator("#generation-game-view")
    view.get_by_role("button", name="Rain", exact=True).click()
    expect(view.locator(".keys")).to_be_visible()
    assert "Press a key" in told(page)
    page.keyboard.press("x")
    assert told(page) == "x is wrong. Guess again."
    expect(view.locator(".keys button", has_text=re.compile("^x$"))).to_be_disabled()
    page.keyboard.press("x")  # does not count again
    page.keyboard.press("T")
    assert told(page) == "t is right, at guess 2. The models had bet as below."
    expect(view.locator(".sides .side")).to_have_count(4)
    for letter in "he":
        page.keyboard.press(letter)
    page.keyboard.press("Space")
    expect(view.locator(".guess-text b")).to_have_text("the ")
    view.get_by_role("button", name="Link to this").click()
    expect(view.locator(".address").last).to_contain_text("played=Rain")
    page.goto(page.url)
    expect(view.locator(".guess-text b")).to_have_text("the ")
    for letter in REST[4:-1]:
        page.keyboard.press("Space" if letter == " " else letter)
    view.get_by_role("button", name="other sign").click()
    expect(view.locator(".guess-told")).to_have_text(
        re.compile("All 30 letters: 29 at the first guess, 0.07 to 0.21 bits")
    )
    view.get_by_role("button", name="Play", exact=True).click()
    expect(view.locator(".keys")).to_be_visible()
    expect(view.locator(".strip-of-letters")).to_have_count(0)


@pytest.mark.thorough
def test_tokens_are_searched_given_up_and_carried_by_a_link(open_page: OpenPage) -> None:
    page = open_page("generation-game")
    view = page.locator("#generation-game-view")
    view.get_by_role("button", name="The letter, by tokens").click()
    expect(view.locator(".guess-told")).to_contain_text(
        "Storyteller of old books, by its own guesses"
    )
    expect(view.locator(".numbers tbody tr").last).to_contain_text("33.2")
    view.get_by_role("button", name="Play", exact=True).click()
    expect(view.get_by_label("The next token")).to_be_focused()
    page.keyboard.type("yo")
    found = view.locator(".found-tokens button")
    expect(found.first).to_have_text("\u00b7you")
    view.get_by_role("button", name="\u00b7your", exact=True).click()
    assert told(page) == "\u00b7your is wrong. Guess again."
    page.keyboard.type("you")
    expect(view.get_by_role("button", name="\u00b7your", exact=True)).to_have_count(0)
    page.keyboard.press("Enter")
    assert told(page) == "\u00b7you is right, at guess 2. The models had bet as below."
    expect(view.locator(".sides .side")).to_have_count(2)
    page.keyboard.type("xylophone")
    expect(found).to_have_text(["\u00b7", "x"])  # what the word begins with
    view.get_by_role("button", name="Show it").click()
    assert told(page) == "It was \u00b7went. The models had bet as below."
    view.get_by_role("button", name="Link to this").click()
    expect(view.locator(".address").last).to_contain_text("unit=tokens")
    page.goto(page.url)
    expect(view.locator(".guess-text b")).to_have_text(" you went")
    column = view.get_by_role("button", name="Token 2, \u00b7went: given up by you")
    expect(column).to_be_visible()


def test_a_lecturer_and_two_students_in_a_room(
    open_page: OpenPage, browser: Browser, app: str
) -> None:
    page = open_page("generation-game", lecture=1)
    view = page.locator("#generation-game-view")
    view.get_by_role("button", name="Open a room").click()
    expect(page.locator(".share .qr path")).to_be_attached()
    expect(page.locator(".share .people")).to_have_text("Nobody follows yet.")
    code = page.locator(".share h2").inner_text().removeprefix("Room ")
    page.locator(".share .close").click()
    with (
        running.new_context(browser, width=running.PHONE) as one,
        running.new_context(browser, "dark", running.PHONE) as other,
    ):
        witnesses = [Witness(one, app), Witness(other, app)]
        by_code, by_link = one.new_page(), other.new_page()
        by_code.goto(f"{app}/room")
        by_code.get_by_label("Code of the room").fill(code.lower())
        by_code.get_by_role("button", name="Join").click()
        by_link.goto(f"{app}/room/{code}")
        expect(view.locator(".guess-told")).to_contain_text("2 here")
        by_code.get_by_role("button", name="s", exact=True).click()
        expect(by_code.locator(".mine")).to_have_text("Your guess: s.")
        expect(by_code.locator(".keys")).to_have_count(0)
        expect(view.locator(".guess-told")).to_contain_text("1 guess so far")
        by_link.keyboard.press("a")
        expect(view.locator(".guess-told")).to_contain_text("2 guesses so far")
        expect(by_link.locator(".side")).to_have_count(0)  # no bets before the letter
        by_link.reload()  # the same person
        expect(by_link.locator(".mine")).to_have_text("Your guess: a.")
        expect(by_link.locator(".keys")).to_have_count(0)
        view.get_by_role("button", name="Show the letter").click()
        for shown in (page, by_code, by_link):
            expect(shown.locator(".guessing .guess-text b")).to_have_text("s")
            expect(shown.locator(".guessing .sides .side").first).to_contain_text(
                "1 of 2 guesses: 1.5 bits"
            )
            expect(shown.locator(".guessing .totals .bar")).to_have_count(5)
        expect(by_code.locator(".mine")).to_have_text("Your guess: s, right.")
        view.get_by_role("button", name="Next letter").click()
        expect(by_link.locator(".keys")).to_be_visible()
        for phone in (by_code, by_link):
            assert phone.evaluate("document.documentElement.scrollWidth <= innerWidth")
        page.reload()
        running.wait_until_filled(page, "generation-game")
        view.get_by_role("button", name="Open a room").click()  # the same room, where it was
        expect(page.locator(".share h2")).to_have_text(f"Room {code}")
        expect(page.locator(".share .people")).to_have_text("2 follow.")
        page.locator(".share .close").click()
        expect(view.locator(".guess-told")).to_contain_text("Letter 2 of 35. 2 here")
        view.get_by_role("button", name="Leave the room").click()
        expect(view.locator(".strip-of-letters")).to_be_visible()
        assert [one.objections for one in witnesses] == [[], []]
