"""Whoever asks while the stream of answers ends is answered all the same."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, BrowserContext, expect

from tests.browser import running
from tests.browser.running import OpenPage

pytestmark = [pytest.mark.browser, pytest.mark.thorough]
SLOWLY = """{
  const { fetch } = window;
  const END = 'data: {"msg":"close_stream"';
  const letters = new TextDecoder(), bytes = new TextEncoder();

  const late = (reader) => new ReadableStream({
    async pull(controller) {
      const { done, value } = await reader.read();
      if (done) return controller.close();
      const [before, ...end] = letters.decode(value).split(END);
      controller.enqueue(bytes.encode(before));
      if (!end.length) return;
      await new Promise((go) => { window.end = go; });
      delete window.end;
      controller.enqueue(bytes.encode(END + end[0]));
    },
  });

  window.fetch = async (asked, options) => {
    const answer = await fetch(asked, options);
    if (!asked.url?.includes("queue/data")) return answer;
    return new Response(late(answer.body.getReader()), { headers: answer.headers });
  };
}"""
"""The word that the stream ends is on its way until the test calls `end`."""


@pytest.fixture
def slow(browser: Browser) -> Iterator[BrowserContext]:
    with running.new_context(browser) as context:
        context.add_init_script(SLOWLY)
        yield context


def test_a_choice_that_crosses_with_the_end_of_the_stream_is_answered(
    app: str, slow: BrowserContext
) -> None:
    page = running.open_view(slow, app, "tokens-pieces")
    view = page.locator("#tokens-pieces-view")
    for title in ("WordPiece", "Byte-level BPE"):
        page.wait_for_function("() => Boolean(window.end)")
        view.get_by_label("Tokenizer", exact=True).click()
        with page.expect_response("**/queue/join*"):
            page.get_by_role("option", name=title, exact=True).locator("visible=true").click()
        page.wait_for_timeout(300)  # the page has read that the question is taken
        page.evaluate("end()")
        expect(view.locator(".about b")).to_have_text(title)


def test_a_choice_asks_once_by_pointer_and_by_keys(open_page: OpenPage) -> None:
    page = open_page("tokens-pieces")
    about = page.locator("#tokens-pieces-view .about b")
    expect(about).not_to_have_text("")
    asked: list[str] = []
    page.on("request", lambda one: asked.append(one.url) if "queue/join" in one.url else None)
    box = page.locator("#tokens-pieces-view").get_by_label("Tokenizer", exact=True)
    box.click()
    page.get_by_role("option", name="WordPiece", exact=True).locator("visible=true").click()
    expect(about).to_have_text("WordPiece")
    box.click()
    box.press("ArrowUp")
    box.press("Enter")
    expect(about).not_to_have_text("WordPiece")
    page.wait_for_timeout(500)
    assert len(asked) == 2
