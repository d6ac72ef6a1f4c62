"""F13: the whole app on a read-only, full disk and without a network.

So nothing is written where Gradio keeps files either: an attempt to would be refused and noted.
"""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.browser import running
from tests.browser.page.test_look import act
from tests.browser.running import OpenPage, press

pytestmark = pytest.mark.browser
TRAINING_AND_DRAWING = ("embeddings-map", "ladder-train")
"""Views that start a process, and that draw most; beside the one that each lab opens with."""
SEALED = ("-m", "tests.browser.faults.sealed_app")
GRADIO_TRIES = "vibe_edit_history"  # a folder that it makes when it is built, and does without


def test_f13_every_tab_works_where_nothing_can_be_written_or_reached(
    visit: OpenPage, checkpoints: Path, tmp_path: Path
) -> None:
    log = tmp_path / "log.txt"
    with running.running_app(checkpoints, log, SEALED, HF_HUB_OFFLINE="1") as address:
        page = visit(address, "tokens-pieces")
        for view in running.OPENED.values():
            running.show(page, view)
            act(page, view)
        for view in TRAINING_AND_DRAWING:
            running.show(page, view)
        running.show(page, "tokens-pieces")
        page.get_by_role("textbox", name="Text").fill("A sealed room")
        press(page, "Cut into tokens")
        expect(page.get_by_role("list", name="Tokens")).to_contain_text("room")
        running.show(page, "generation-lanes")
        page.get_by_role("textbox", name="Prompt").locator("visible=true").fill("A sealed")
        press(page, "Run")
        expect(page.locator("#generation-lanes [role=group]").nth(4)).to_contain_text("per token")
        expect(page.locator("#generation-lanes em").first).to_have_text("A sealed")
        page.close()  # before the app does: it asks for the status line after every run
    tried = {line for line in log.read_text().splitlines() if line.startswith("REFUSED")}
    assert tried and all(GRADIO_TRIES in line for line in tried), tried
