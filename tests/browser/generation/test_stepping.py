"""The Step by step tab: taking a model by the hand."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pytest
from playwright.sync_api import Locator, Page, expect

from inference.service import Service
from inference.tasks.cut import Cut
from inference.tasks.generate import Generate
from inference.types.options import GenerationOptions, LaneOptions
from tests.browser import running
from tests.browser.running import OpenPage

pytestmark = [pytest.mark.browser, pytest.mark.thorough]


def move(page: Page, button: Locator, tokens: int) -> list[int]:
    """Press something on stage and wait until so many tokens are written; their ids."""
    button.click()
    expect(page.locator(".stepper .t")).to_have_count(tokens)
    return written(page)


def written(page: Page) -> list[int]:
    held = page.locator(".stepper").get_attribute("data-written")
    return [int(token) for token in held.split()[1:]]


def named(page: Page, name: str) -> Locator:
    return page.locator(".stepper-moves").get_by_role("button", name=name, exact=True)


def candidate(page: Page, number: int) -> Locator:
    return page.locator(".next .bar").nth(number)


def test_steps_write_what_the_same_dice_write_in_one_go(
    open_page: OpenPage, checkpoints: Path
) -> None:
    page = open_page("generation-wheel", prompt="Once upon a time", p=0.9, seed=11)
    lane = LaneOptions("Top-p", sample=True, top_p=0.9)
    options = GenerationOptions((lane,), new_tokens=5, seed=11)
    task = Generate("Once upon a time", "storyteller", options)
    *_, last = Service(checkpoints, "cpu").run(task)
    for steps in range(1, 6):
        ids = move(page, named(page, "Step"), steps)
    assert ids == [step.token for step in last.lanes[0].steps]


def test_a_token_can_be_forced_taken_back_and_gone_back_to(open_page: OpenPage) -> None:
    page = open_page("generation-wheel")
    expect(named(page, "Back")).to_be_disabled()
    forced = int(candidate(page, 5).get_attribute("data-token"))
    assert move(page, candidate(page, 5), 1) == [forced]
    expect(page.locator(".stepper .t")).to_have_attribute("title", re.compile("bits: go back"))
    three = move(page, named(page, "Step"), 2), move(page, named(page, "Step"), 3)
    assert three[1][:2] == three[0] and three[0][0] == forced
    assert move(page, named(page, "Back"), 2) == three[0]
    assert move(page, named(page, "Step"), 3) == three[1]  # the dice have not moved on
    assert move(page, page.locator(".stepper .t").nth(1), 1) == [forced]
    assert move(page, named(page, "Start over"), 0) == []


def test_a_dial_is_felt_at_once_and_what_is_written_stays(open_page: OpenPage) -> None:
    page = open_page("generation-wheel")
    ids = move(page, named(page, "Step"), 1)
    expect(page.locator(".dice p")).to_contain_text("The dice show")
    page.locator("#generation-wheel-p input[type=number]").fill("0.5")
    page.locator("#generation-wheel-p input[type=number]").blur()
    expect(page.locator(".next .cut").first).to_be_visible()
    page.get_by_role("radio", name="the most probable").check()
    expect(page.locator(".next p").first).to_contain_text("the most probable of 4,096 tokens")
    expect(candidate(page, 0)).to_have_class(re.compile("hit"))
    assert written(page) == ids


def test_another_model_begins_again_with_its_own_tokens(open_page: OpenPage) -> None:
    page = open_page("generation-wheel")
    move(page, named(page, "Step"), 1)
    page.locator("#generation-wheel-model").get_by_label("Model").click()
    page.get_by_role("option", name="GRU, over characters").click()
    expect(page.locator(".stepper")).to_have_attribute("data-written", "gru")
    expect(page.locator(".next")).to_contain_text("others share")
    assert len(move(page, named(page, "Step"), 1)) == 1


def test_a_link_and_a_reload_bring_the_place_back(open_page: OpenPage) -> None:
    page = open_page("generation-wheel")
    move(page, candidate(page, 3), 1)
    ids = move(page, named(page, "Step"), 2)
    page.get_by_role("button", name="Link to this", exact=True).locator("visible=true").click()
    page.wait_for_url(re.compile("written=storyteller"))
    other = page.context.new_page()
    other.goto(page.url)
    running.wait_until_filled(other, "generation-wheel")
    expect(other.locator(".stepper .t")).to_have_count(2)
    assert written(other) == ids
    page.reload()
    expect(page.locator(".stepper .t")).to_have_count(2)
    assert written(page) == ids


@pytest.mark.parametrize(
    ("link", "says"),
    [
        ("storyteller 12 x", "its tokens are not whole numbers"),
        ("storyteller 4096", "the model knows only 4,096 tokens"),
        ("storyteller " + "12 " * 70, "The number of steps is a whole number from 0 to 64, not 70"),
        ("storyteller 0 12", "it goes on after the end of its text"),
    ],
)
def test_a_link_that_leads_nowhere_says_so_and_begins_at_the_prompt(
    open_page: OpenPage, link: str, says: str
) -> None:
    page = open_page("generation-wheel", written=link)
    expect(page.locator("#generation-wheel-view .note")).to_contain_text(says)
    assert len(move(page, named(page, "Step"), 1)) == 1
    expect(page.locator("#generation-wheel-view .note")).to_have_text("")


def test_what_stands_there_can_be_copied_as_a_program(open_page: OpenPage) -> None:
    page = open_page("generation-wheel", written="storyteller 12")
    page.get_by_role("button", name="Copy as Python").click()
    program = page.get_by_role("dialog").locator("pre")
    expect(program).to_contain_text("ids = ids + [12]")
    compile(program.text_content(), "copied.py", "exec")
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_have_count(0)


def test_a_new_prompt_keeps_the_tokens_and_moves_the_bars(open_page: OpenPage) -> None:
    page = open_page("generation-wheel")
    ids = move(page, named(page, "Step"), 1)
    before = page.locator(".next ol").text_content()
    prompt = page.get_by_role("textbox", name="Prompt").locator("visible=true")
    prompt.fill("The old king lived in a little")
    page.get_by_role("button", name="Look", exact=True).click()
    expect(page.locator(".stepper em")).to_have_text("The old king lived in a little")
    assert written(page) == ids
    assert page.locator(".next ol").text_content() != before


def test_step_looks_first_where_another_prompt_has_been_typed(open_page: OpenPage) -> None:
    page = open_page("generation-wheel")
    page.get_by_role("textbox", name="Prompt").locator("visible=true").fill("The old king")
    named(page, "Step").click()
    expect(page.locator(".stepper em")).to_have_text("The old king")
    assert written(page) == []  # what was on stage had been chosen for the other prompt
    offered = int(named(page, "Step").get_attribute("data-token"))
    assert move(page, named(page, "Step"), 1) == [offered]


def test_a_dial_is_felt_from_the_keyboard_too(open_page: OpenPage) -> None:
    page = open_page("generation-wheel", p=1.0)
    expect(page.locator(".next p").first).to_contain_text("No filter cuts")
    page.get_by_role("slider", name="Top-p").focus()
    page.keyboard.press("ArrowLeft")
    expect(page.locator(".next p").first).to_contain_text("The filters leave")


def test_every_move_can_be_made_by_keyboard(open_page: OpenPage) -> None:
    page = open_page("generation-wheel")
    named(page, "Step").focus()
    for steps in range(1, 4):  # the button keeps the focus from step to step
        page.keyboard.press("Enter")
        expect(page.locator(".stepper .t")).to_have_count(steps)


def test_any_token_can_be_written_and_a_text_of_several_is_written_whole(
    open_page: OpenPage, checkpoints: Path
) -> None:
    page = open_page("generation-wheel")
    service = Service(checkpoints, "cpu")
    first = list(service.answer(Cut(" window")).ids)
    more = list(service.answer(Cut(" zxqv<b>")).ids)
    assert len(more) > 1
    box = page.get_by_label("Write any token")
    box.fill(" window")
    box.press("Enter")
    expect(page.locator(".stepper .t")).to_have_count(len(first))
    assert written(page) == first
    box.fill(" zxqv<b>")
    page.get_by_role("button", name="Write", exact=True).click()
    expect(page.locator(".stepper .t")).to_have_count(len(first + more))
    assert written(page) == first + more
    said = f"What you typed is {len(more)} tokens for this model"
    expect(page.locator("#generation-wheel-view .note")).to_contain_text(said)
    expect(box).to_have_value("")
    assert len(move(page, named(page, "Back"), len(first + more) - 1)) > 0


def test_r25_the_mark_lies_where_the_dice_of_the_seed_fell(open_page: OpenPage) -> None:
    page = open_page("generation-wheel", seed=11)
    rolled = np.random.default_rng(11)
    for steps in range(1, 4):
        number = rolled.random()
        expect(page.locator(".dice p")).to_contain_text(f"The dice show {number:.4f}")
        left = page.locator(".cumulative b").evaluate("mark => parseFloat(mark.style.left)")
        assert left == pytest.approx(100 * number, abs=0.001)
        ends = page.locator(".cumulative u").evaluate_all(
            "all => all.map((one) => [one.className, one.getBoundingClientRect().right])"
        )
        mark = page.locator(".cumulative b").bounding_box()
        hit = next(name for name, right in ends if right >= mark["x"] + 2)
        shown = page.locator(".next .bar").nth(7).count()  # an eighth: it was beyond the list
        assert hit == ("others" if shown else "hit")
        move(page, named(page, "Step"), steps)


def test_picking_a_token_of_a_lane_keeps_it_and_its_alternatives_in_sight(
    open_page: OpenPage,
) -> None:
    page = open_page("generation-lanes", length=16)
    page.set_viewport_size({"width": 1280, "height": 800})
    for lane in range(5):
        page.evaluate("scrollTo(0, 0)")
        token = page.locator("#generation-lanes .lane").nth(lane).locator(".t").nth(9)
        token.click()
        expect(page.locator(".detail h2")).to_contain_text("Step 10")
        panel = page.locator(".below.docked").bounding_box()
        box = token.bounding_box()
        assert box["y"] >= 0 and box["y"] + box["height"] <= panel["y"] + 1
        assert panel["y"] + panel["height"] <= 801
        assert page.evaluate("scrollY") < 400
    expect(page.locator(".step .before").first).to_contain_text("after …")
    bars = page.locator(".step .bar:not(.rest)").evaluate_all(
        """rows => rows.map((row) => [row.title.match(/: ([\\d.]+) %/)?.[1],
           row.querySelector("u").getBoundingClientRect().width])"""
    )
    scales = [width / float(share) for share, width in bars if share and float(share) > 5]
    assert max(scales) / min(scales) < 1.05  # one scale for all columns
    page.keyboard.press("Escape")
    expect(page.locator(".below.docked")).to_have_count(0)


def test_the_ways_that_were_tried_stay_and_a_link_carries_them(open_page: OpenPage) -> None:
    page = open_page("generation-wheel")
    tried = page.locator(".tried")
    expect(tried).to_contain_text("Go back and write another token")
    first = move(page, named(page, "Step"), 1)
    both = move(page, named(page, "Step"), 2)
    move(page, named(page, "Start over"), 0)
    other = move(page, candidate(page, 1), 1)
    assert other[0] != first[0]
    expect(tried.locator("li")).to_have_count(2)
    expect(tried.locator(".here")).to_have_attribute("data-path", str(other[0]))
    shares = page.locator(".tried button[data-path]").evaluate_all(
        "buttons => buttons.map((one) => parseFloat(one.title))"
    )
    assert all(0 < share <= 100 for share in shares)
    tried.locator(f"[data-path='{both[0]} {both[1]}']").click()
    expect(page.locator(".stepper .t")).to_have_count(2)
    assert written(page) == both
    expect(tried.locator(".here")).to_have_count(2)
    page.get_by_role("button", name="Link to this", exact=True).locator("visible=true").click()
    page.wait_for_url(re.compile("tried=storyteller"))
    page.reload()
    expect(tried.locator("li")).to_have_count(2)
    assert written(page) == both
    tried.get_by_role("button", name="Forget the others").click()
    expect(tried).to_contain_text("Go back and write another token")
    assert written(page) == both


def test_others_that_are_no_tokens_are_forgotten_and_the_text_stays(open_page: OpenPage) -> None:
    page = open_page("generation-wheel", written="storyteller 776", tried="storyteller 1 x")
    expect(page.get_by_text("What was tried before is forgotten")).to_be_visible()
    assert written(page) == [776]
