"""Take the pictures of the README: `python -m tests.browser.screenshots`."""

from __future__ import annotations

import tempfile
from pathlib import Path

from playwright.sync_api import Browser, expect

from tests.browser import running

IMAGES = running.ROOT / "docs" / "images"
PICTURES = (
    *((f"{view}-light", view, "light", running.DESK) for view in running.VIEWS),
    ("generation-dark", "generation-lanes", "dark", running.DESK),
    ("generation-phone", "generation-lanes", "light", running.PHONE),
)
"""The name of every picture with its tab, theme and width."""


def take(browser: Browser, address: str, name: str, view: str, theme: str, width: int) -> Path:
    """One tab with its opening example, as much of it as fits a screen."""
    path = IMAGES / f"{name}.png"
    with running.new_context(browser, theme, width) as context:
        page = running.open_view(context, address, view, theme)
        expect(page.locator("#status")).to_contain_text("tokens/s")
        page.evaluate("document.fonts.ready")
        if width == running.PHONE:  # the controls come first there and would be all of it
            page.locator(f"#{view}-lanes").evaluate("stage => stage.scrollIntoView()")
        page.screenshot(path=path)
    return path


def main() -> None:
    IMAGES.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as scratch:
        log = Path(scratch) / "log.txt"
        app = running.running_app(running.ROOT / "checkpoints", log)
        with app as address, running.running_browser() as browser:
            take(browser, address, *PICTURES[0])  # once more, for a warm app and its full status
            for picture in PICTURES:
                path = take(browser, address, *picture)
                print(f"{path.relative_to(running.ROOT)}: {path.stat().st_size // 1024} kB")


if __name__ == "__main__":
    main()
