"""A damaged collection: the page opens, says what is wrong, and the rest works."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser import running
from tests.browser.running import OpenPage, press

pytestmark = pytest.mark.browser


def remove_weights(storyteller: Path) -> str:
    for weights in storyteller.glob("*.safetensors"):
        weights.unlink()
    return "safetensors is missing from storyteller."


def truncate_weights(storyteller: Path) -> str:
    weights = min(storyteller.glob("*.safetensors"))
    weights.write_bytes(weights.read_bytes()[:100_000])
    return f"{weights.name} in storyteller is damaged"


@pytest.mark.parametrize(
    "damage", [remove_weights, pytest.param(truncate_weights, marks=pytest.mark.thorough)]
)
def test_without_its_weights_only_the_storyteller_is_gone(
    visit: OpenPage, checkpoints: Path, tmp_path: Path, damage: Callable[[Path], str]
) -> None:
    shutil.copytree(checkpoints, tmp_path / "checkpoints")
    reason = damage(tmp_path / "checkpoints" / "storyteller")
    with running.running_app(tmp_path / "checkpoints", tmp_path / "log.txt") as address:
        page = visit(address, "tokens-pieces")
        missing = page.locator("#status").get_by_text("storyteller is not available")
        expect(missing).to_contain_text(reason)

        page.get_by_role("textbox", name="Text").fill("It still cuts")
        press(page, "Cut into tokens")
        expect(page.get_by_role("list", name="Tokens")).to_contain_text("·still")
        running.show(page, "embeddings-neighbours")
        press(page, "forest")
        expect(page.get_by_role("heading", name="Nearest to forest")).to_be_visible()

        for view, button in (("attention-heads", "Show attention"), ("generation-lanes", "Run")):
            page.goto(running.link(address, view))
            stage = page.locator(f"#{view}-view")
            expect(stage.get_by_text("the line at the top says why").first).to_be_visible()
            refused(page, button, "The model storyteller is not available", reason)
        page.context.close()  # an open page would object to the app's going away


def test_without_any_checkpoint_the_page_opens_and_says_so(visit: OpenPage, tmp_path: Path) -> None:
    with running.running_app(tmp_path, tmp_path / "log.txt") as address:
        page = visit(address, "tokens-pieces", filled=False)
        missing = page.locator("#status")
        expect(missing).to_contain_text("storyteller tokenizer is not available: ")
        refused(page, "Cut into tokens", "The model byte-bpe tokenizer is not available")
        page.goto(running.link(address, "embeddings-neighbours"))
        refused(page, "Show neighbours", "The model word vectors skip-gram-1 is not available")
        expect(missing).to_contain_text("word vectors skip-gram-1 is not available: ")
        page.context.close()


def refused(page: Page, button: str, *sentences: str) -> None:
    """Press a button, expect a message with these sentences, and put it away."""
    page.get_by_role("button", name=button, exact=True).click()
    message = page.get_by_test_id("toast-body")
    for sentence in (*sentences, "The other views still work."):
        expect(message).to_contain_text(sentence)
    message.get_by_role("button", name="Close").last.click()
    expect(message).to_have_count(0)
