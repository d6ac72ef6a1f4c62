"""Opening the rungs: states, reach and forcing, used as a class would."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from tests.browser.running import OpenPage, press

pytestmark = pytest.mark.browser


def test_a_cell_is_read_character_by_character_and_another_is_chosen(open_page: OpenPage) -> None:
    page = open_page("ladder-state")
    view = page.locator("#ladder-state-view")
    expect(view.locator(".cell-about")).to_contain_text("Cell 376 of 528, in layer 2.")
    lines, readout = view.locator(".cell-lines"), view.locator(".cell-readout")
    expect(readout).to_contain_text('After ": memory')
    lines.focus()
    page.keyboard.press("Home")
    expect(readout).to_contain_text("After T: memory")
    page.keyboard.press("ArrowRight")
    expect(readout).to_contain_text("without it")
    view.locator('.cell[data-place="5"]').click()
    expect(readout).to_contain_text("After a: memory")
    view.get_by_role("textbox", name="Text").fill('"Yes," he said.')
    press(page, "Read the text")
    expect(view.locator(".cell")).to_have_count(15)
    view.get_by_label("The cell that follows").click()
    page.get_by_role("option", name="a space", exact=True).click()
    expect(view.locator(".cell-table .hit").first).to_contain_text("a space")
    expect(view.locator(".cell-lanes .lane")).to_have_count(2)


def test_a_gradient_is_followed_back_and_a_network_made_to_explode(open_page: OpenPage) -> None:
    page = open_page("ladder-reach", factor=1)
    view = page.locator("#ladder-reach-view")
    lines = view.locator(".js-plotly-plot").first.locator(".scatterlayer .trace")
    expect(lines).to_have_count(6)
    expect(view.locator(".reach-table tbody tr")).to_have_count(6)
    view.get_by_role("spinbutton").first.fill("3")
    press(page, "Look back")
    expect(view.locator(".reach-table tbody tr")).to_have_count(7)
    expect(view.locator(".curve-legend")).to_contain_text("Vanilla RNN \N{MULTIPLICATION SIGN} 3")
    expect(lines).to_have_count(7)


def test_a_model_reads_its_own_words_and_finds_back(open_page: OpenPage) -> None:
    page = open_page("ladder-forcing", model="five-gram", own=8)
    view = page.locator("#ladder-forcing-view")
    expect(view.locator(".js-plotly-plot .scatterlayer .trace")).to_have_count(2)
    expect(view.locator(".cell-about")).to_contain_text("means over 20 cuts")
    expect(view.locator(".lane").last.locator(".own")).to_have_text(re.compile(r"^.{8}$"))
    view.get_by_role("textbox", name="True text").fill("Once upon a time")
    press(page, "Let it write")
    expect(page.get_by_text("The text needs several words")).to_be_visible()
    expect(view.locator(".js-plotly-plot .scatterlayer .trace")).to_have_count(2)
