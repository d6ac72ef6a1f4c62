"""A token's way: stepped, opened, another token and sentence, and what comes next against numpy."""

from __future__ import annotations

import numpy as np
import pytest
from playwright.sync_api import Locator, Page, expect

from inference.decoding import sampling
from tests.browser import running
from tests.browser.running import OpenPage

pytestmark = pytest.mark.browser

STOPS = 17
FACTS = "document.querySelector('.way').facts"


def view_of(page: Page) -> Locator:
    return page.locator("#attention-journey-view")


def open_stop(page: Page, stop: str) -> None:
    """Open a part by its button in the picture."""
    view_of(page).locator(f"button[data-stop~='{stop}']").filter(visible=True).first.click()


def test_step_walks_the_whole_way_with_a_sentence_a_stop(open_page: OpenPage) -> None:
    page = open_page("attention-journey")
    view = view_of(page)
    expect(view.locator(".way-said")).to_contain_text("98.5\u00a0% for \u00b7in")
    view.get_by_role("button", name="From the start").click()
    expect(view.locator(".way-place")).to_have_text(f"1 of {STOPS}")
    expect(view.get_by_role("button", name="Back")).to_be_disabled()
    said, opened = [], []
    for at in range(STOPS):
        expect(view.locator(".way-place")).to_have_text(f"{at + 1} of {STOPS}")
        expect(view.locator(".way-map .open").first).to_be_visible()
        said.append(view.locator(".way-said").inner_text())
        opened.append(view.locator(".way-open").inner_text())
        if at < STOPS - 1:
            view.get_by_role("button", name="Step", exact=True).click()
    assert len(set(said)) == len(set(opened)) == STOPS
    assert not any("NaN" in one or "undefined" in one for one in (*said, *opened))
    expect(view.get_by_role("button", name="Step", exact=True)).to_be_disabled()
    view.get_by_role("button", name="Back").focus()
    page.keyboard.press("ArrowLeft")
    expect(view.locator(".way-place")).to_have_text(f"{STOPS - 1} of {STOPS}")


def test_another_sentence_token_layer_and_head(open_page: OpenPage) -> None:
    page = open_page("attention-journey")
    view = view_of(page)
    view.get_by_role("textbox", name="Sentence").fill("Tom saw a dog. The dog saw")
    running.press(page, "Follow")
    expect(view.locator(".way-token[aria-pressed=true]")).to_have_text("\u00b7saw")
    view.locator(".way-token", has_text="\u00b7dog").first.click()
    expect(view.get_by_role("textbox", name="Layer.head, token")).to_have_value("4.1 5")
    expect(view.locator(".way-token[aria-pressed=true]")).to_have_text("\u00b7dog")
    expect(view.locator(".way-column .score.later")).to_have_count(4)
    open_stop(page, "scores")
    view.locator("[data-stop~=mask]").first.click()
    expect(view.locator(".way-said")).to_contain_text("4 tokens after \u00b7dog")
    view.get_by_role("button", name="Layer 6", exact=True).click()
    expect(view.get_by_role("button", name="Layer 6", exact=True)).to_have_attribute(
        "aria-pressed", "true"
    )
    before = view.locator(".way-column .score").first.inner_text()
    view.get_by_role("button", name="Head 3").click()
    expect(view.get_by_role("textbox", name="Layer.head, token")).to_have_value("6.3 5")
    expect(view.locator(".way-column .score").first).not_to_have_text(before)
    token = view.locator(".way-token[aria-pressed=true]")
    token.focus()
    page.keyboard.press("ArrowUp")
    page.keyboard.press("Enter")
    expect(view.get_by_role("textbox", name="Layer.head, token")).to_have_value("6.3 4")
    expect(view.locator(".way-token[aria-pressed=true]")).to_be_focused()


@pytest.mark.thorough
def test_the_score_of_any_key_is_the_sum_on_screen(open_page: OpenPage) -> None:
    page = open_page("attention-journey", stop="scores")
    view = view_of(page)
    expect(view.locator(".way-sum")).to_have_text("85.65 / \u221a64 = 85.65 / 8.00 = 10.71")
    view.locator("canvas.way-matrix").focus()
    page.keyboard.press("ArrowLeft")
    expect(view.locator(".way-open h3")).to_contain_text("\u00b7lived answers")
    row = page.evaluate(f"{FACTS}.row.map(([score]) => score)")
    expect(view.locator(".way-sum b")).to_have_text(f"{row[11]:.2f}")
    matrix = view.locator("canvas.way-matrix")
    box = matrix.bounding_box()
    assert box is not None
    matrix.hover(position={"x": box["width"] * 12.5 / 15, "y": box["height"] * 14.5 / 15})
    expect(view.locator(".strip-readout").first).to_contain_text("asks \u00b7in, token 13: 10.706")
    view.locator(".way-line canvas").first.hover(position={"x": 2, "y": 8})
    expect(view.locator(".strip-readout").first).to_contain_text("number 1 of 64 is")
    link = view.get_by_role("link", name="Change this cell").get_attribute("href")
    assert link is not None and "cell=4.1+15.12" in link


DIALS: tuple[dict[str, float], ...] = (
    {}, {"temperature": 0.5}, {"temperature": 2, "k": 7}, {"p": 0.9}, {"k": 12, "p": 0.75},
    {"temperature": 1.4, "k": 30, "p": 0.6},
)  # fmt: skip


def test_r18_r19_r20_what_can_come_is_what_the_decoder_draws_from(open_page: OpenPage) -> None:
    page = open_page("attention-journey", stop="choice")
    logits = np.array(page.evaluate(f"Array.from({FACTS}.logits)"), dtype=np.float32)
    for chosen in DIALS:
        expected = sampling.ranked(logits)
        for name, make in {
            "temperature": sampling.temperature, "k": sampling.top_k, "p": sampling.top_p,
        }.items():  # fmt: skip
            expected = make(chosen[name])(expected) if name in chosen else expected
        page.evaluate(
            "chosen => orrery.wayChoose(document.querySelector('.way'), chosen)",
            {"temperature": 1, "k": 0, "p": 1, **chosen},
        )
        found = page.evaluate(f"({{order: {FACTS}.order, shares: {FACTS}.shares}})")
        kept = expected.weights[: expected.survivors]
        assert found["order"][: len(found["shares"])] == expected.tokens[: len(kept)].tolist()
        np.testing.assert_allclose(found["shares"], kept / kept.sum(), atol=1e-9)
        for dice in (0.0, 0.3, 0.77, 0.999):
            at = page.evaluate(f"orrery.fallsOn({FACTS}.shares, {dice})")
            assert found["order"][at] == sampling.drawn(expected, dice)


def test_dice_and_going_on(open_page: OpenPage) -> None:
    page = open_page("attention-journey", stop="choice")
    view = view_of(page)
    view.get_by_role("slider", name="Dice").fill("0.75")
    expect(view.locator(".way-taken")).to_contain_text("the dice fall on \u00b7girl")
    view.get_by_role("slider", name="Temperature").fill("0")
    expect(view.locator(".way-taken")).to_contain_text("1 of 4,096 can come")
    view.get_by_role("button", name="Take it and go on").click()
    expect(view.locator(".way-token[aria-pressed=true]")).to_have_text("\u00b7house")
    sentence = view.get_by_role("textbox", name="Sentence")
    expect(sentence).to_have_value(
        "Once upon a time there was a little girl who lived in a little house"
    )
    expect(view.locator(".way-place")).to_have_text(f"{STOPS} of {STOPS}")


def test_a_link_carries_the_stop_and_the_dials_and_lecture_steps(open_page: OpenPage) -> None:
    page = open_page("attention-journey", stop="neurons", temperature="0.5", lecture=1)
    view = view_of(page)
    expect(view.locator(".way-said")).to_contain_text("Neuron 634")
    assert page.evaluate(f"{FACTS}.temperature") == 0.5
    page.locator("body").press("s")
    expect(view.locator(".way-said")).to_contain_text("Sum again")
    carried = page.evaluate("orrery.linked['attention-journey']()")
    assert carried == {"stop": "sum2", "temperature": 0.5}


@pytest.mark.thorough
def test_on_a_phone_the_way_is_a_column_and_a_long_text_scrolls_inside(
    open_page: OpenPage,
) -> None:
    text = "Lily and Tom went to the big park. They saw a small dog near a tree. It was sad."
    page = open_page("attention-journey", width=running.PHONE, text=text, place="5.3")
    view = view_of(page)
    token = view.locator(".way-token[aria-pressed=true]").bounding_box()
    rows = view.locator(".way-rows").bounding_box()
    assert token is not None and rows is not None
    assert rows["y"] < token["y"] < rows["y"] + rows["height"]
    assert page.evaluate("document.documentElement.scrollWidth") == running.PHONE
    for stop in ("qkv", "softmax", "neurons", "layers", "choice"):
        open_stop(page, stop)
        assert page.evaluate("document.documentElement.scrollWidth") == running.PHONE


HOSTILE = (
    "<img src=x onerror=window.__x=1>",
    '"></textarea></code><svg onload=window.__x=1>',
    "{{x}} ${window.__x = 1} `${7*7}`",
    "\u05e9\u05dc\u05d5\u05dd a\u0301 \U0001f469\u200d\U0001f680",
)


@pytest.mark.thorough
def test_every_text_is_shown_and_none_is_run(open_page: OpenPage) -> None:
    page = open_page("attention-journey", stop="tokens")
    view = view_of(page)
    for text in HOSTILE:
        view.get_by_role("textbox", name="Sentence").fill(text)
        running.press(page, "Follow")
        page.wait_for_function(
            "text => document.querySelector('.way').facts.sentence === text", arg=text
        )
        labels = page.evaluate(f"{FACTS}.labels")
        assert view.locator(".way-ids code").all_inner_texts() == labels
        for stop in ("softmax", "choice"):
            open_stop(page, stop)
        open_stop(page, "tokens")
    assert page.evaluate("typeof window.__x") == "undefined"
    assert view.locator("img, script").count() == 0


@pytest.mark.thorough
def test_what_cannot_be_followed_is_said(open_page: OpenPage) -> None:
    page = open_page("attention-journey")
    view = view_of(page)
    view.get_by_role("textbox", name="Layer.head, token").fill("nine")
    running.press(page, "Follow")
    expect(page.get_by_text("The place is layer.head").first).to_be_visible()
