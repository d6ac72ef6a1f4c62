"""F13: the whole app on a read-only, full disk and without a network.

So nothing is written where Gradio keeps files either: an attempt to would be refused and noted.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.browser import running
from tests.browser.page.test_look import act
from tests.browser.running import OpenPage

pytestmark = pytest.mark.browser
FURTHER = ("embeddings-map", "ladder-train")
"""Views that draw most, and that start a process; beside the one that each lab opens with."""
SEALED = ("-m", "tests.browser.faults.sealed_app")
GRADIO_TRIES = "vibe_edit_history"  # a folder that it makes when it is built, and does without


def lab(view: str) -> int:
    """By which views are in order: no lab is opened twice."""
    return running.LABS.index(running.lab_of(view))


def test_f13_every_tab_works_where_nothing_can_be_written_or_reached(
    visit: OpenPage, checkpoints: Path, tmp_path: Path
) -> None:
    log = tmp_path / "log.txt"
    with running.running_app(checkpoints, log, SEALED, HF_HUB_OFFLINE="1") as address:
        page = visit(address, "tokens-pieces")
        for view in sorted([*running.OPENED.values(), *FURTHER], key=lab):
            running.show(page, view)
            if view not in FURTHER:
                act(page, view)
        page.close()  # before the app does: it asks for the status line after every run
    tried = {line for line in log.read_text().splitlines() if line.startswith("REFUSED")}
    assert tried and all(GRADIO_TRIES in line for line in tried), tried
