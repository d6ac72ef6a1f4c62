"""Take pictures of the page: those of the README, or every view in every way it is looked at.

python -m tests.browser.screenshots             renews docs/images
python -m tests.browser.screenshots FOLDER      every view, light, dark, phone and Lecture
"""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from playwright.sync_api import Browser, expect

from tests.browser import running

IMAGES = running.ROOT / "docs" / "images"
DESK, WALL, PHONE = (1280, 800), (1280, 720), (375, 812)


class Picture(NamedTuple):
    """A view with its opening example, as much of it as fits a screen."""

    view: str
    theme: str = "light"
    size: tuple[int, int] = DESK
    lecture: bool = False

    @property
    def name(self) -> str:
        """Such as `generation-lanes-dark-lecture`."""
        kinds = ("lecture" * self.lecture, "phone" * (self.size == PHONE))
        return "-".join(filter(None, (self.view, self.theme, *kinds)))


README = (
    Picture("tokens-pieces"),
    Picture("embeddings-analogies"),
    Picture("attention-heads"),
    Picture("generation-lanes"),
    Picture("generation-lanes", "dark", WALL, lecture=True),
    Picture("generation-lanes", size=PHONE),
    Picture("generation-choice"),
    Picture("ladder-train"),
)


def everything() -> Iterator[Picture]:
    """Every view in both themes, on a phone, and on the wall of a lecture hall."""
    for view in running.VIEWS:
        yield Picture(view, size=PHONE)
        for theme in ("light", "dark"):
            yield Picture(view, theme)
            yield Picture(view, theme, WALL, lecture=True)


def take(browser: Browser, address: str, picture: Picture, folder: Path) -> Path:
    """Write one picture. Returns its path."""
    path = folder / f"{picture.name}.png"
    width, height = picture.size
    with running.new_context(browser, picture.theme, width) as context:
        more = {"lecture": 1} if picture.lecture else {}
        page = running.open_view(context, address, picture.view, picture.theme, **more)
        page.set_viewport_size({"width": width, "height": height})
        page.evaluate("document.fonts.ready")
        expect(page.locator("#status")).not_to_be_empty()
        page.wait_for_timeout(500)  # what follows the size of the window is drawn anew
        page.screenshot(path=path)
    return path


def main() -> None:
    wanted = sys.argv[1:]
    folder = Path(wanted[0]) if wanted else IMAGES
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as scratch:
        log = Path(scratch) / "log.txt"
        app = running.running_app(running.ROOT / "checkpoints", log)
        with app as address, running.running_browser() as browser:
            for picture in everything() if wanted else README:
                path = take(browser, address, picture, folder)
                print(f"{path}: {path.stat().st_size // 1024} kB", flush=True)


if __name__ == "__main__":
    main()
