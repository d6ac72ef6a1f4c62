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

LOST = """{
  const { fetch } = window;
  let left = TIMES;
  const cut = new TypeError("network error");
  const ways = {
    status: () => new Response("", { status: 404 }),
    given_up: () => said('"unexpected_error","event_id":null,"session_not_found":true', cut),
    unknown: () => said('"close_stream","event_id":null'),
    ended: () => said('"heartbeat","event_id":null'),
    cut: () => said('"estimation","event_id":"a","rank":0,"queue_size":1,"success":true', cut),
  };

  const said = (words, fault) => new Response(new ReadableStream({
    pull(controller) {
      if (words) controller.enqueue(new TextEncoder().encode(`data: {"msg":${words}}\\n\\n`));
      else if (fault) controller.error(fault);
      else controller.close();
      words = "";
    },
  }));

  window.asked = 0;
  window.fetch = async (asked, options) => {
    if (String(asked).includes("queue/join")) window.asked += 1;
    if (!asked.url?.includes("queue/data") || left === 0) return fetch(asked, options);
    left -= 1;
    return ways.WAY();
  };
}"""
"""So many streams are lost, in one of these ways."""


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


@pytest.mark.parametrize("way", ["status", "given_up", "unknown", "ended", "cut"])
def test_what_a_view_opens_with_is_asked_for_again_where_its_stream_is_lost(
    app: str, browser: Browser, way: str
) -> None:
    with running.new_context(browser) as context:
        context.add_init_script(LOST.replace("TIMES", "2").replace("WAY", way))
        page = running.open_view(context, app, "embeddings-analogies")
        assert page.evaluate("window.asked") == 3
        running.show(page, "embeddings-neighbours")
        assert page.evaluate("window.asked") == 4


def test_a_page_that_gets_no_stream_says_so_and_loads_itself_again(
    app: str, browser: Browser
) -> None:
    with running.new_context(browser) as context:
        context.add_init_script(LOST.replace("TIMES", "9").replace("WAY", "unknown"))
        page = running.open_view(context, app, "tokens-pieces", filled=False)
        with page.expect_navigation():
            expect(page.get_by_text("Connection to the server was lost")).to_be_visible()


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
