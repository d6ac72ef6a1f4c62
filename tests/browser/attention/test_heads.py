"""Heads in a browser: lines and map show the same, for every architecture and as it writes on."""

from __future__ import annotations

import re
import time

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser import running
from tests.browser.running import OpenPage, press

pytestmark = pytest.mark.browser
VIEW = "attention-heads"
LONG = "The little dog ran to the park. He saw a big red ball and a small blue bird. " * 12


def stage(page: Page) -> Locator:
    return page.locator(f"#{VIEW}-view .stage")


def to_map(page: Page) -> Locator:
    stage(page).get_by_role("button", name="Map", exact=True).click()
    return stage(page).locator("canvas.large")


def readout(page: Page) -> Locator:
    return stage(page).locator(".readout h3")


def point_at(canvas: Locator, row: int, column: int) -> None:
    """A cell, both counted from 0."""
    place = canvas.evaluate("canvas => canvas.geometry")
    x, y = (
        place[start] + (i + 0.5) * place["cell"] for start, i in (("left", column), ("top", row))
    )
    canvas.hover(position={"x": x, "y": y})


def test_tokens_lines_and_cells_show_the_same(open_page: OpenPage) -> None:
    page = open_page(VIEW)
    part = stage(page)
    expect(readout(page)).to_have_text("Token 15, ·little, mixes in values from")
    expect(part.locator("path.line").last).to_have_attribute("data-line", "14,11")
    part.locator("[data-query='9']").first.hover()
    expect(readout(page)).to_contain_text("Token 10, ·girl")
    expect(part.locator(".token-lines text").first).to_have_text(re.compile(r"76\.\d %"))
    part.locator("[data-key='11']").hover()
    expect(readout(page)).to_have_text("Token 12, ·lived, is asked by")
    assert part.locator("path.line").count() >= 4
    canvas = to_map(page)
    point_at(canvas, 13, 11)
    expect(readout(page)).to_contain_text("Token 14, ·a, mixes in values from")
    expect(part.locator(".readout .bar.hit code")).to_have_text("·lived")
    part.get_by_role("button", name="Lines", exact=True).click()
    expect(part.locator("[data-query='13']")).to_have_attribute("aria-selected", "true")
    expect(part.locator("path.chosen")).to_have_attribute("data-line", "13,11")


@pytest.mark.thorough
def test_letters_stay_large_in_a_window_that_gets_lower(open_page: OpenPage) -> None:
    page = open_page(VIEW)
    lines = stage(page).locator(".token-lines")
    size = "part => parseFloat(getComputedStyle(part).fontSize)"
    assert lines.evaluate(size) == 24
    page.set_viewport_size({"width": running.DESK, "height": 800})
    page.wait_for_timeout(300)  # what follows the size of the window is drawn anew
    assert lines.evaluate(size) == 24


@pytest.mark.thorough
def test_the_line_itself_can_be_pointed_at(open_page: OpenPage) -> None:
    page = open_page(VIEW)
    line = stage(page).locator("path[data-line='12,11']")
    x, y = line.evaluate(
        """path => {
            const { x, y } = path.getPointAtLength(path.getTotalLength() / 2);
            const { left, top } = path.ownerSVGElement.getBoundingClientRect();
            return [left + x, top + y];
        }"""
    )
    page.mouse.move(x, y)
    expect(readout(page)).to_contain_text("·in, mixes in values from")


def test_the_keyboard_chooses_the_token_that_asks(open_page: OpenPage) -> None:
    page = open_page(VIEW)
    box = stage(page).get_by_role("listbox", name="The token that asks")
    box.focus()
    page.keyboard.press("ArrowLeft")
    expect(readout(page)).to_contain_text("Token 14,")
    expect(box).to_have_attribute("aria-activedescendant", "asking-13")


def test_the_model_writes_on_and_the_map_grows(open_page: OpenPage) -> None:
    page = open_page(VIEW)
    page.get_by_role("button", name="What followed").click()
    expect(stage(page).get_by_role("heading", name="Layer 6, head 2")).to_be_visible()
    expect(readout(page)).to_contain_text("Token 13, ·the")
    stage(page).get_by_role("button", name="Step").click()
    expect(readout(page)).to_contain_text("Token 14, ·mat")
    written = stage(page).locator(".query .by-model")
    expect(written).to_have_text(["·mat"])
    stage(page).get_by_role("button", name="Write on").click()
    expect(stage(page).get_by_text("9 of 9 written")).to_be_visible()
    assert written.all_inner_texts()[0] == "·mat" and len(written.all_inner_texts()) == 9
    requests: list[str] = []
    page.on("request", lambda request: requests.append(request.url))
    for left in (8, 7):
        stage(page).get_by_role("button", name="Back").click()
        expect(stage(page).get_by_text(f"{left} of 9 written")).to_be_visible()
    expect(stage(page).locator(".query .later")).to_have_count(2)
    stage(page).get_by_role("button", name="Step").click()
    expect(stage(page).get_by_text("8 of 9 written")).to_be_visible()
    assert not [one for one in requests if "/queue/" in one]


def test_a_translator_has_three_parts_and_a_link_keeps_them(open_page: OpenPage) -> None:
    page = open_page(VIEW)
    page.get_by_role("button", name="Into French").click()
    expect(readout(page)).to_contain_text("·noir, mixes in values from")
    expect(stage(page).locator(".readout code").nth(1)).to_have_text("·black")
    stage(page).get_by_role("button", name="Encoder").click()
    expect(stage(page).locator(".layer")).to_have_count(3)
    page.get_by_role("button", name="Link to this").click()
    page.wait_for_url("**part=encoder**")
    page.reload()
    running.wait_until_filled(page, VIEW)
    expect(stage(page).locator(".layer")).to_have_count(3)
    assert "translator" in page.url


def test_an_age_of_the_growing_storyteller_is_asked_for(open_page: OpenPage) -> None:
    page = open_page(VIEW)
    page.get_by_role("button", name="Growing up").click()
    dial = stage(page).get_by_role("slider", name="Steps of training")
    expect(dial).to_have_attribute("aria-valuetext", "8192 steps")
    dial.focus()
    page.keyboard.press("Home")
    expect(dial).to_have_attribute("aria-valuetext", "0 steps")
    expect(stage(page).get_by_role("heading", name="Layer 3, head 4")).to_be_visible()


@pytest.mark.parametrize("width", [running.DESK, running.PHONE])
def test_a_long_text_fits_and_another_layer_is_fetched(open_page: OpenPage, width: int) -> None:
    page = open_page(VIEW, width=width)
    page.get_by_role("textbox", name="Sentence").fill(LONG)
    began = time.monotonic()
    press(page, "Show attention")
    expect(stage(page).locator(".attention[data-value*='small']")).to_be_visible()
    canvas = stage(page).locator("canvas.large")
    expect(canvas).to_be_visible()
    assert time.monotonic() - began < 2 * running.PATIENCE
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    height = page.viewport_size["height"]
    assert canvas.bounding_box()["height"] < height
    stage(page).get_by_role("button", name="Layer 2, head 1", exact=True).click()
    expect(stage(page).locator(".attention[data-value*='\"sent\":[1]']")).to_be_visible()
    expect(stage(page).get_by_role("heading", name="Layer 2, head 1")).to_be_visible()
    expect(readout(page)).to_be_visible()


@pytest.mark.thorough
def test_128_tokens_fit_the_screen_as_lines_and_as_a_map(open_page: OpenPage) -> None:
    page = open_page(VIEW)
    page.set_viewport_size({"width": 1280, "height": 800})
    page.get_by_role("textbox", name="Sentence").fill(LONG[:470])
    press(page, "Show attention")
    tokens = stage(page).locator("[data-query]")
    expect(stage(page).locator(".attention[data-value*='small']")).to_be_visible()
    assert 120 <= tokens.count() <= 132
    panes = stage(page).locator(".panes")
    top = panes.evaluate("panes => panes.getBoundingClientRect().top + scrollY")
    lines = stage(page).locator(".token-lines").bounding_box()
    assert top + lines["height"] <= 800
    assert top + to_map(page).bounding_box()["height"] <= 800


@pytest.mark.thorough
def test_who_hides_the_picture_has_a_text_beside_it(open_page: OpenPage) -> None:
    page = open_page(VIEW)
    shares = stage(page).locator(".readout .value").all_inner_texts()
    assert sum(float(share.split()[0].lstrip("< ")) for share in shares) == pytest.approx(
        100, abs=1
    )
    expect(stage(page).get_by_role("option", selected=True)).to_have_text("·little")


def test_a_head_that_another_model_has_not_leaves_its_picture(open_page: OpenPage) -> None:
    page = open_page("attention-removal")
    title = page.locator(".removal h3").first.inner_text()
    page.evaluate("orrery.takeHead(11, 4)")
    assert page.locator(".removal h3").first.inner_text() == title
    running.show(page, VIEW)
    expect(stage(page).locator(".one-head h2")).to_have_text(
        re.compile("^Layer [1-6], head [1-4]$")
    )
