"""Climbing the ladder: choose a model, run it, and see what it is worth."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser import running
from tests.browser.running import OpenPage, press

pytestmark = pytest.mark.browser


def written(page: Page, lane: str) -> Locator:
    """The tokens that a lane wrote, without its prompt."""
    return page.get_by_role("group", name=lane).locator("[data-step]")


def choose(page: Page, title: str) -> None:
    page.get_by_label("Model", exact=True).filter(visible=True).click()
    page.get_by_role("option", name=title).click()


def test_a_link_opens_a_rung_and_another_can_be_chosen(open_page: OpenPage) -> None:
    page = open_page("generation-lanes", model="bigram", length=16)
    expect(written(page, "Greedy")).to_have_count(16)
    assert "".join(written(page, "Greedy").all_text_contents()) == " the the the the"
    choose(page, "LSTM, over characters")
    press(page, "Run")
    expect(written(page, "Greedy")).not_to_have_text(list(" the the the the"))
    expect(written(page, "Greedy")).to_have_count(16)


def test_a_length_beyond_the_model_is_cut_and_said(open_page: OpenPage) -> None:
    page = open_page("generation-lanes", model="gpt", length=256)
    said = "After this prompt there is room for 221 characters; so many are written."
    expect(page.get_by_text(said)).to_be_visible()
    expect(written(page, "Greedy")).to_have_count(221)


OUTSIDE = """texts => texts.filter(text => {
  const chart = text.closest(".js-plotly-plot");
  const [own, drawn] = [text, chart].map(one => one.getBoundingClientRect());
  return own.left < drawn.left || own.right > drawn.right;
}).map(text => text.textContent)"""
"""What is written beyond the edges of its chart."""


APART = """() => {
  const names = [...document.querySelectorAll("#ladder .annotation-text-g")];
  const boxes = names.map(name => name.getBoundingClientRect());
  const aside = (a, b) => a.right <= b.left + 1 || a.bottom <= b.top + 1;
  const clear = (a, b) => aside(a, b) || aside(b, a);
  return boxes.length > 11 && boxes.every((a, i) => boxes.slice(i + 1).every(b => clear(a, b)));
}"""
"""No name of a mark lies on another."""


@pytest.mark.parametrize("width", [running.DESK, running.PHONE])
def test_the_ladder_and_its_table_are_legible_at_every_width(
    open_page: OpenPage, width: int
) -> None:
    page = open_page("ladder-models", width=width)
    rows = page.locator("#ladder").get_by_role("table").locator("tbody tr")
    expect(rows).to_have_count(10)
    for row in rows.all():
        bits = row.locator("td").all_inner_texts()[:2]
        assert all(re.fullmatch(r"\d\.\d{3}|\N{EN DASH}", one) for one in bits)
    expect(page.locator("#ladder .annotation-text").first).to_be_visible()
    expect(page.locator("#ladder .cell-about")).to_contain_text("LSTM and Small GPT tie")
    assert page.locator("#ladder table").evaluate(
        "it => it.scrollWidth <= it.parentElement.clientWidth"
    )
    texts = page.locator("#ladder .js-plotly-plot text:not(:empty)")
    assert texts.count() > 10
    assert texts.evaluate_all(OUTSIDE) == []
    page.wait_for_function(APART)
    table, lanes = (
        page.locator(one).bounding_box() for one in ("#ladder-figures", "#ladder-lanes")
    )
    assert table is not None and lanes is not None
    below = table["y"] >= lanes["y"] + lanes["height"]  # beside it there is room on a desk
    assert below if width == running.PHONE else table["x"] + table["width"] <= lanes["x"]


def test_one_model_or_all_of_them_continue_a_prompt(open_page: OpenPage, tmp_path: Path) -> None:
    page = open_page("ladder-models", length=16)
    lanes = page.locator("#ladder-lanes .lane")
    tops = [lane.bounding_box()["y"] for lane in lanes.all()]
    assert tops == sorted(tops)  # from the first rung up
    for lane in lanes.all():
        steps = 4 if "Storyteller" in lane.inner_text() else 16  # tokens, or characters
        expect(lane.locator("[data-step]")).to_have_count(steps)
    page.get_by_label("Model", exact=True).filter(visible=True).click()
    page.get_by_role("option", name="GRU", exact=True).click()
    page.get_by_role("textbox", name="Prompt").fill("The fox")
    press(page, "Run")
    gru = lanes.filter(has_text="GRU")
    expect(gru.locator("em")).to_have_text("The fox")
    expect(gru.locator("[data-step]")).to_have_count(16)
    expect(page.locator("#ladder-lanes [data-step]")).to_have_count(16)
    with page.expect_download() as download:
        page.locator("#ladder-models-download").click()
    download.value.save_as(tmp_path / "ladder.json")
    saved = json.loads((tmp_path / "ladder.json").read_text(encoding="utf-8"))
    assert (saved["view"], saved["inputs"]["prompt"]) == ("ladder-models", "The fox")
    assert [one["model"] for one in saved["lanes"]] == ["gru"]
    assert len(saved["lanes"][0]["steps"]) == 16 and saved["text"][0]["bits"] > 1


def test_the_dice_write_in_the_table_and_a_click_on_a_row_begins_there(open_page: OpenPage) -> None:
    page = open_page("ladder-table")
    view = page.locator("#ladder-table-view")
    text = view.locator(".rolls .out")
    opening = ".lyn.es.ron.dalemyney.bo."
    expect(text).to_have_text(opening)
    view.get_by_role("button", name="Roll", exact=True).click()
    expect(text).to_have_text(f"{opening}a")
    expect(page.get_by_label("Rolls", exact=False).first).to_have_value("25")
    view.get_by_role("button", name="Back", exact=True).press("Enter")
    expect(text).to_have_text(opening)
    cells = view.locator(".heatmaplayer").bounding_box()
    assert cells is not None
    page.mouse.click(cells["x"] + cells["width"] / 2, cells["y"] + cells["height"] * 17.5 / 27)
    expect(text).to_have_text("qu")
    view.get_by_role("button", name="Link to this").click()
    expect(view.locator(".address")).to_contain_text("start=q&rolls=1")


def test_a_step_of_learning_is_shown_in_numbers_and_follows_the_rate(open_page: OpenPage) -> None:
    view = (page := open_page("ladder-loss")).locator("#ladder-loss-view")
    expect(view.locator(".tally dd").nth(1)).to_have_text("1.554 → 0.746")
    view.get_by_role("textbox", name="Scores").fill("rain 1, sun 3, <b>snow</b> 0")
    view.get_by_role("textbox", name="Right answer").fill("rain")
    press(page, "Score and learn")
    expect(view.get_by_role("rowheader")).to_have_text(["rain", "sun", "<b>snow</b>"])
    expect(view.locator(".tally dd").first).to_contain_text("0.114 ")
    view.get_by_role("textbox", name="Right answer").fill("hail")
    press(page, "Score and learn")
    expect(page.get_by_text("The right answer must be one of rain, sun")).to_be_visible()
    expect(view.locator(".tally dd").first).to_contain_text("0.114 ")


def test_a_context_that_was_never_seen_is_left_to_shorter_ones(open_page: OpenPage) -> None:
    view = (page := open_page("ladder-dimensions")).locator("#ladder-dimensions-view")
    rows = view.locator(".orders tbody tr")
    expect(rows.first).to_contain_text("prin")
    expect(view.locator(".growth tbody tr")).to_have_count(6)
    expect(view.locator(".mixture .bar").first).to_contain_text("74.8")
    view.get_by_role("textbox", name="After").fill("Qzx")
    press(page, "Back off")
    expect(rows.first).to_contain_text("(start) Qzx")
    expect(rows.first).to_contain_text("never seen")
    expect(view.locator(".mixture [data-order='2']").nth(1)).to_be_visible()
    expect(view.locator(".mixture u[data-order='5']")).to_have_count(0)


def test_the_window_slides_by_step_and_its_last_letter_is_joined_on_the_map(
    open_page: OpenPage,
) -> None:
    view = open_page("ladder-letters").locator("#ladder-letters-view")
    moved = view.locator(".stepper-moves span")
    expect(moved).to_have_text("pair 32 of 39")
    expect(view.locator(".trust")).to_contain_text("Lines join “t” to the truly nearest: “T” ")
    view.get_by_role("button", name="Step", exact=True).press("Enter")
    expect(moved).to_have_text("pair 33 of 39")
    expect(view.locator(".cells mark")).to_have_text("l")
    view.get_by_role("button", name="First", exact=True).click()
    expect(moved).to_have_text("pair 1 of 39")
    expect(view.locator(".trust")).to_contain_text("Lines join “O”")
    expect(view.get_by_role("button", name="Back", exact=True)).to_be_disabled()


@pytest.mark.thorough
def test_a_note_takes_the_place_of_the_legend_and_nothing_moves(open_page: OpenPage) -> None:
    page = open_page("ladder-models", filled=False, model="bigram", length=8, text="Lily")
    lanes = page.locator("#ladder-lanes")
    expect(lanes.locator("[data-step]")).to_have_count(8)
    before = lanes.bounding_box()
    page.get_by_role("textbox", name="Prompt").fill("\N{GRINNING FACE} ab")
    press(page, "Run")
    note = page.locator("#ladder-models-view .remark .note")
    expect(note).to_contain_text("has not learned \N{GRINNING FACE}")
    expect(page.locator("#ladder-models-view .remark-or .legend")).to_be_hidden()
    after, told = lanes.bounding_box(), note.bounding_box()
    assert before is not None and after is not None and told is not None
    assert before["y"] == after["y"] and told["y"] + told["height"] <= after["y"]
