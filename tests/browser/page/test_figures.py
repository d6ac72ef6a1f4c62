"""Figures in the browser: legible in both themes, zoomed, and downloaded without a request."""

from __future__ import annotations

import base64
import re
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.page.test_look import contrast
from tests.browser.running import OpenPage

pytestmark = pytest.mark.browser

FIGURES = {"embeddings-neighbours": ("word-map", 11), "ladder-models": ("ladder", 36)}
"""By view: the name of a downloaded picture, and how many marks the figure has."""
PIXELS = """async (encoded) => {
    const bytes = Uint8Array.from(atob(encoded), (character) => character.charCodeAt(0));
    const picture = await createImageBitmap(new Blob([bytes], { type: "image/png" }));
    const canvas = new OffscreenCanvas(picture.width, picture.height);
    const context = canvas.getContext("2d");
    context.drawImage(picture, 0, 0);
    const { data } = context.getImageData(0, 0, picture.width, picture.height);
    const greys = new Set(data.filter((_, i) => i % 4 === 1));
    return { corner: [...data.slice(0, 4)], darkest: Math.min(...greys), greys: greys.size };
}"""


def figure(page: Page, view: str) -> Locator:
    return page.locator(f"#{view}-view .js-plotly-plot")


@pytest.mark.parametrize("view", FIGURES)
def test_marks_and_text_are_legible(open_page: OpenPage, view: str) -> None:
    legible(open_page(view), view)


def legible(page: Page, view: str) -> None:
    """Marks and text stand out from their ground."""
    drawn = figure(page, view)
    marks = drawn.locator(".point path, path.point")
    expect(marks).to_have_count(FIGURES[view][1])
    assert min(contrast(mark) for mark in marks.all()) >= 3
    text = drawn.locator("text:not(:empty)")
    assert min(contrast(one) for one in text.all()) >= 4.5
    assert all(one.is_visible() for one in text.all())


def test_letters_grow_in_lecture_and_shrink_again(open_page: OpenPage) -> None:
    page = open_page("embeddings-axes", lecture=1)
    words = figure(page, "embeddings-axes").locator("text:not(:empty)")
    button = page.get_by_role("button", name="Lecture")
    for pressed, least in (("true", 21), ("false", 15), ("true", 21)):
        expect(button).to_have_attribute("aria-pressed", pressed)
        tick = figure(page, "embeddings-axes").locator(".xtick text").first
        expect(tick).to_have_css("font-size", re.compile(rf"{least}\.?\d*px"))
        sizes = [
            float(one.evaluate("e => parseFloat(getComputedStyle(e).fontSize)"))
            for one in words.all()
        ]
        assert all(least <= size < 1.15 * least for size in sizes), sizes
        button.click()
    height = "document.querySelector('#embeddings-axes-view .js-plotly-plot').clientHeight"
    low = page.evaluate(height)
    button.click()
    for size, by in (((1920, 1080), 1.5), ((1280, 720), 1), ((1920, 1080), 1.5)):
        page.set_viewport_size({"width": size[0], "height": size[1]})
        page.wait_for_function(f"{height} === {by * low}")  # a large wall has room for more


@pytest.mark.parametrize("view", FIGURES)
def test_in_the_dark_it_is_legible_too_and_downloaded_without_a_request(
    open_page: OpenPage, view: str, tmp_path: Path
) -> None:
    """The downloaded picture is dark on white, for it may go onto any page."""
    page = open_page(view, theme="dark")
    legible(page, view)
    requests: list[str] = []
    page.on("request", lambda request: requests.append(request.url))
    figure(page, view).hover()
    with page.expect_download() as download:
        figure(page, view).get_by_role("button", name="Download plot").click()
    assert download.value.suggested_filename == f"{FIGURES[view][0]}.png"
    path = tmp_path / "picture.png"
    download.value.save_as(path)
    assert [url for url in requests if not url.startswith(("data:", "blob:"))] == []
    seen = page.evaluate(PIXELS, base64.b64encode(path.read_bytes()).decode())
    assert seen["corner"] == [255, 255, 255, 255]
    assert seen["darkest"] < 64 and seen["greys"] > 20


def test_a_map_is_zoomed_by_keyboard_and_set_back(open_page: OpenPage) -> None:
    drawn = figure(open_page("embeddings-neighbours"), "embeddings-neighbours")
    point = drawn.locator(".point").first
    before = str(point.get_attribute("transform"))
    button = drawn.get_by_role("button", name="Zoom in")
    button.focus()
    expect(drawn.locator(".modebar-container > div")).to_have_css("opacity", "1")
    button.press("Enter")
    expect(point).not_to_have_attribute("transform", before)
    drawn.get_by_role("button", name="Reset axes").press("Enter")
    expect(point).to_have_attribute("transform", before)
