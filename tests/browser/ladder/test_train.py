"""The bench: a class trains a model, compares, stops, and breaks one."""

from __future__ import annotations

import json
import re

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser import running
from tests.browser.running import OpenPage, press

pytestmark = pytest.mark.browser
LATE = 4_000 * running.PATIENCE  # ms; a process of its own starts, beside other work
QUICK = {"model": "table", "steps": 50, "rate": 0.2}


def rows(page: Page) -> Locator:
    return page.locator("#ladder-train-view .bench tbody tr")


def ended(page: Page) -> None:
    """Wait until the trainings on screen are done."""
    part = page.locator("""#ladder-train-view .bench[data-value*='"ended": true']""")
    expect(part).to_be_attached(timeout=LATE)


COVERED = """texts => {
  const boxes = texts.map(text => text.getBoundingClientRect());
  const aside = (a, b) => a.right <= b.left || a.bottom <= b.top + 4;
  const both = (a, b) => !aside(a, b) && !aside(b, a);
  return texts.filter((_, i) => boxes.slice(i + 1).some(other => both(boxes[i], other)))
    .map(text => text.textContent);
}"""
"""Names in the picture that lie on a later one."""


def test_an_experiment_asks_answers_and_stays_for_comparison(open_page: OpenPage) -> None:
    page = open_page("ladder-train", filled=False, **QUICK)
    ended(page)
    expect(rows(page)).to_have_count(1)
    page.get_by_role("button", name="Counted or learned").click()
    expect(page.get_by_role("heading", name="Does learning find more")).to_be_visible(timeout=LATE)
    assert page.locator(".bench polyline.old").count() == 2  # in sight from the first moment on
    expect(page.locator(".bench .answer")).to_have_text(re.compile("^What do you expect|^No. "))
    expect(page.get_by_text("Gradients arrive where counting was")).to_be_visible(timeout=LATE)
    expect(rows(page)).to_have_count(3)
    expect(rows(page).first).to_contain_text("earlier: Bigram, learned, rate 0.2")
    counted, learned = (float(row.locator("td").first.inner_text()) for row in rows(page).all()[1:])
    assert abs(counted - learned) < 0.03
    expect(page.locator(".bench polyline.thick")).to_have_count(3)
    assert page.locator(".curves text:is(.name, .pairs, .guess)").evaluate_all(COVERED) == []
    expect(page.locator(".written dt").last).to_have_text("step 300")
    page.get_by_role("button", name="Forget earlier runs").click()
    expect(rows(page)).to_have_count(2)
    page.locator("#ladder-train-dials input[type=range]").first.press("ArrowRight")
    press(page, "Train", '""')  # a dial that is touched leaves the experiment
    ended(page)
    expect(page.get_by_role("heading", name="Loss, in bits a character")).to_be_visible()


def test_a_text_of_ones_own_is_shown_as_it_is_and_a_short_one_refused(open_page: OpenPage) -> None:
    page = open_page("ladder-train", filled=False, text="own", **QUICK)
    box = page.get_by_label("Your own text")
    box.fill("too short")
    press(page, "Train")
    expect(page.get_by_text("There is nothing to learn from this text")).to_be_visible()
    expect(page.get_by_text("Starting.")).to_have_count(0)  # nothing does
    box.fill("<b>${7*7}</b>\N{GRINNING FACE}\n" * 60)
    press(page, "Train")
    ended(page)
    fits(page)
    written = page.locator(".written dd").last
    expect(written).to_contain_text("<b>")
    assert not written.locator("b").count()
    page.get_by_label("Text", exact=True).click()
    page.get_by_role("option", name="Names (300)").click()
    expect(box).to_be_hidden()


def test_a_broken_run_is_shown_as_what_it_is(open_page: OpenPage) -> None:
    wild = {"model": "rnn", "optimiser": "sgd", "rate": 100, "clip": 0, "schedule": "constant"}
    page = open_page("ladder-train", filled=False, steps=300, **wild)
    ended(page)
    expect(page.get_by_text("the steps were so large that the numbers overflowed")).to_be_visible()
    expect(page.get_by_role("heading", name="The loss is no number any more")).to_be_visible()
    expect(rows(page).locator("td").first).to_have_text(re.compile("no number|over 1,000"))


@pytest.mark.thorough
def test_stop_and_a_closed_page_make_room_for_the_next(open_page: OpenPage) -> None:
    long = {"steps": 3_000, "width": 256, "layers": 4}
    page = open_page("ladder-train", filled=False, **long)
    expect(page.locator(".bench h2")).to_be_visible(timeout=LATE)
    page.get_by_role("button", name="Stop", exact=True).click()
    expect(page.get_by_text("Stopped; what it has learned by then stays.")).to_be_visible()
    expect(page.locator(".bench .state")).to_have_text(re.compile("Stopped (at step|before the)"))
    press(page, "Train")
    expect(page.locator(".bench polyline").first).to_be_attached(timeout=LATE)
    page.close()
    other = open_page("ladder-train", filled=False, **QUICK)
    ended(other)


@pytest.mark.thorough
def test_in_lecture_curve_and_babble_are_on_one_screen(open_page: OpenPage) -> None:
    page = open_page("ladder-train", filled=False, lecture=1, **QUICK)
    page.set_viewport_size({"width": 1280, "height": 720})
    ended(page)
    curve, written = (
        page.locator(part).first.bounding_box() for part in (".bench .curves", ".bench .written")
    )
    assert curve is not None and written is not None
    assert curve["x"] + curve["width"] <= written["x"]
    for part in (curve, written):
        assert part["y"] + part["height"] < 690  # above the line of keys
    expect(page.locator(".written dt").filter(visible=True).first).to_have_text("step 0")
    expect(page.locator(".written dt").filter(visible=True)).to_have_count(4)
    fits(page)


def test_the_bench_fits_a_phone(open_page: OpenPage) -> None:
    page = open_page("ladder-train", width=running.PHONE, filled=False, **QUICK)
    ended(page)
    fits(page)


def fits(page: Page) -> None:
    """Nothing is wider than what it stands in."""
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    drawn, panel = (
        page.locator(part).bounding_box() for part in (".bench .curves >> nth=0", ".bench")
    )
    assert drawn is not None and panel is not None
    assert drawn["width"] <= panel["width"]


@pytest.mark.thorough
def test_a_link_trains_the_same_model_for_another_visitor(open_page: OpenPage) -> None:
    page = open_page("ladder-train", filled=False, seed=5, **QUICK)
    ended(page)
    page.get_by_role("button", name="Link to this").click()
    expect(page).to_have_url(re.compile("seed=5"))
    other = open_page("ladder-train", filled=False)
    other.goto(page.url)
    expect(other.locator(".bench .state")).to_contain_text("50 steps", timeout=LATE)
    ended(other)
    one, two = (json.loads(str(it.get_attribute("data-value"))) for it in map(bench, (page, other)))
    for what in ("points", "samples", "scores"):
        assert one["runs"][0][what] == two["runs"][0][what]


def bench(page: Page) -> Locator:
    return page.locator("#ladder-train-view .bench")
