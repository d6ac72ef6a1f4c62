"""A class uses what it has trained: in other labs, in this tab alone, and as a folder."""

from __future__ import annotations

import io
import re
from pathlib import Path
from zipfile import ZipFile

import pytest
from playwright.sync_api import Page, expect

from tests.browser import running
from tests.browser.running import OpenPage, press

pytestmark = pytest.mark.browser
LATE = 8_000 * running.PATIENCE  # ms; a process of its own starts, beside other work
QUICK = {"model": "gpt", "steps": 50, "width": 16, "window": 64, "batch": 8}
MINE = re.compile(r"^Small GPT, rate 0.02, trained \d\d:\d\d$")


def choices(page: Page) -> list[str]:
    """Of the open list."""
    page.get_by_label("Model", exact=True).click()
    found = page.locator("ul[role=listbox] [role=option]").all_inner_texts()
    return [one.removeprefix("\N{CHECK MARK}").strip() for one in found]


def test_a_trained_model_is_used_in_this_tab_alone(visit: OpenPage, app: str) -> None:
    page = visit(app, "tokens-pieces")  # whose `width` is the window's
    page.goto(running.link(app, "ladder-train", **QUICK))
    use = page.locator(".bench-table .uses .use").last
    expect(use).to_be_enabled(timeout=LATE)
    with page.expect_download() as fetched:
        page.locator(".bench-table .uses .fetch").last.click()
    assert fetched.value.suggested_filename == "small-gpt-trained-here.zip"
    with ZipFile(io.BytesIO(Path(fetched.value.path()).read_bytes())) as packed:
        names = {Path(name).name for name in packed.namelist()}
        card = packed.read("small-gpt-trained-here/README.md").decode()
    assert {"config.json", "tokenizer.json", "README.md"} < names and "| seed | 1 |" in card
    use.click()
    expect(use).to_have_text("In use")
    page.locator(".use-note").get_by_role("link", name="Generation").click()
    page.wait_for_url("**/generation*")
    running.wait_until_filled(page, "generation-lanes")
    listed = choices(page)
    (mine,) = [one for one in listed if MINE.match(one)]
    page.get_by_role("option", name=mine, exact=True).click()
    page.get_by_label("Prompt").fill("ma")
    press(page, "Run", "trained-")
    note = page.get_by_text("Top-k keeps all: the vocabulary of this model is 27.")
    expect(note).to_be_visible(timeout=LATE)
    letters = page.locator("#generation-lanes [data-step]").filter(has_text=re.compile("^[a-z]$"))
    expect(letters.first).to_be_visible()
    page.get_by_role("button", name="Link to this").click()
    expect(page.get_by_text("stays in this tab and is not in the link")).to_be_visible()
    assert "trained" not in page.url and "model=" not in page.url
    with page.expect_download() as saved:
        press(page, "Download")
    assert "trained-" not in Path(saved.value.path()).read_text(encoding="utf-8")
    page.reload()  # it is chosen again
    running.wait_until_filled(page, "generation-lanes")
    expect(page.get_by_label("Model", exact=True)).to_have_value(mine)
    expect(note).to_be_visible(timeout=LATE)
    other = visit(app, "generation-lanes")
    assert choices(other) == [one for one in listed if one != mine]
    running.show(page, "attention-heads")
    page.get_by_label("Sentence").fill("maria")
    page.get_by_label("Model", exact=True).click()
    page.get_by_role("option", name=mine, exact=True).click()
    press(page, "Show attention", "trained-")
    expect(page.locator("#attention-heads-view .token-lines .token >> nth=0")).to_be_visible(
        timeout=LATE
    )
