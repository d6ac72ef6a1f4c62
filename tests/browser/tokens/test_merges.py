"""tokens-merges: the dial recuts the text at once, and Step puts a word together."""

from __future__ import annotations

import random
import re
from pathlib import Path

import pytest
import tokenizers
from playwright.sync_api import expect

from tests.browser import running
from tests.browser.running import OpenPage

pytestmark = pytest.mark.browser
MINE = re.compile(r"^Trained here, 60 merges of bytes, \d\d:\d\d$")


def test_a_text_is_recut_without_a_request_and_a_word_put_together(open_page: OpenPage) -> None:
    page = open_page("tokens-merges")
    view = page.locator("#tokens-merges-view")
    said, rows = view.locator(".cell-about b"), view.locator(".merge-steps li")
    expect(said).to_have_text("3,839 of 3,839 merges: 28 tokens")
    expect(rows).to_have_count(10)
    sent: list[str] = []
    page.on("request", lambda request: sent.append(request.url))
    view.get_by_role("button", name="Letters", exact=True).click()
    expect(said).to_have_text("0 of 3,839 merges: 89 tokens")
    expect(view.locator(".recut .on span")).to_have_count(16)
    view.get_by_role("button", name="Step", exact=True).click()
    expect(said).to_have_text(re.compile("^6 of 3,839"))
    expect(view.locator(".recut .on span")).to_have_count(15)
    expect(view.locator(".merge-steps .later")).to_have_count(8)
    view.get_by_role("button", name="Back", exact=True).click()
    expect(view.locator(".recut .on span")).to_have_count(16)
    assert not [url for url in sent if "queue" in url]
    view.locator(".recut button").first.click()
    expect(rows).to_have_count(4)
    expect(rows.last).to_contain_text("Once")
    page.get_by_role("button", name="Link to this", exact=True).locator("visible=true").click()
    page.wait_for_url(re.compile("word=1"))
    page.goto(re.sub("word=1(?![0-9])", "word=3", page.url))
    expect(view.locator(".recut button").nth(2)).to_have_attribute("aria-pressed", "true")
    page.get_by_role("button", name="The most probable", exact=True).click()
    expect(view.locator(".cuts li")).to_have_count(10)
    expect(view.locator(".piece.best")).to_have_count(5)
    expect(view.locator(".piece.best small").first).to_have_text("\u22127.4")
    expect(page.locator("#tokens-merges-merges")).to_have_attribute("inert", "")  # it has no merges


def test_a_tokenizer_learns_pair_by_pair_and_is_saved(open_page: OpenPage, tmp_path: Path) -> None:
    page = open_page("tokens-train", shown=0)
    view = page.locator("#tokens-train-view")
    said = view.locator(".cell-about b")
    expect(said).to_have_text("0 of 60 merges: 276 tokens")
    expect(view.locator(".learning .bar").first).to_contain_text("27")
    view.get_by_role("button", name="Step", exact=True).click()
    expect(said).to_have_text("1 of 60 merges: 249 tokens")
    expect(view.locator(".newest")).to_contain_text("he")
    expect(view.locator(".fresh").first).to_have_text("he")
    view.get_by_role("button", name="Play", exact=True).click()
    expect(said).to_have_text("3 of 60 merges: 210 tokens")
    view.get_by_role("button", name="Pause", exact=True).click()
    view.get_by_role("button", name="All", exact=True).click()
    expect(said).to_have_text(re.compile("^60 of 60"))
    view.get_by_role("textbox", name="Text", exact=True).fill("banana bandana")
    view.get_by_role("button", name="Learn", exact=True).click()
    expect(view.locator(".recut .word")).to_have_count(2)
    with page.expect_download() as saved:
        view.get_by_role("button", name="Save as tokenizer.json").click()
    loaded = tokenizers.Tokenizer.from_file(str(saved.value.path()))
    assert loaded.encode("banana bandana").tokens[0] == "banana"


def test_what_was_trained_is_used_in_the_other_views_of_this_tab(open_page: OpenPage) -> None:
    page = open_page("tokens-train")
    view = page.locator("#tokens-train-view")
    yours = view.locator(".compared tbody tr").first.locator("td")
    expect(yours).to_have_text([re.compile(r"^2\.80"), re.compile(r"^2\.62")])
    view.get_by_role("button", name="All", exact=True).click()
    expect(yours).to_have_text([re.compile(r"^1\.30"), re.compile(r"^1\.85")])
    view.get_by_role("button", name="Use it", exact=True).click()
    expect(view.get_by_role("button", name="In use", exact=True)).to_be_disabled()
    view.get_by_role("link", name="Side by side").click()
    row = page.locator("#tokens-duel-view .strip").first
    expect(row.locator("h3")).to_have_text("Trained here, 60 merges of bytes")
    expect(row.locator(".facts")).to_contain_text("78 tokens")
    running.show(page, "tokens-pieces")
    pieces = page.locator("#tokens-pieces-view")
    box = pieces.get_by_label("Tokenizer", exact=True)
    box.click()
    page.get_by_role("option", name=MINE).locator("visible=true").click()
    expect(pieces.locator(".about b")).to_have_text("Trained here, 60 merges of bytes")
    expect(pieces.locator(".tally dd").first).to_have_text("78")
    pieces.get_by_label("Text", exact=True).press_sequentially(" goats")
    expect(pieces.locator(".tally dd").first).not_to_have_text("78")
    page.get_by_role("button", name="Link to this", exact=True).locator("visible=true").click()
    expect(page.get_by_text("stays in this tab and is not in the link")).to_be_visible()
    assert "learned-" not in page.url
    with page.expect_download() as saved:
        page.get_by_role("button", name="Download", exact=True).locator("visible=true").click()
    assert "learned-" not in Path(saved.value.path()).read_text(encoding="utf-8")
    page.reload()
    running.wait_until_filled(page, "tokens-pieces")
    expect(box).to_have_value(MINE)
    expect(pieces.locator(".about b")).to_have_text("Trained here, 60 merges of bytes")
    running.show(page, "tokens-duel")
    expect(row.locator("h3")).to_have_text("Trained here, 60 merges of bytes")
    running.show(page, "tokens-merges")
    page.locator("#tokens-merges-view").get_by_label("Tokenizer", exact=True).click()
    page.get_by_role("option", name=MINE).locator("visible=true").click()
    said = page.locator("#tokens-merges-view .cell-about b")
    expect(said).to_have_text("60 of 60 merges: 78 tokens")
    running.show(page, "tokens-cost")
    page.locator("#tokens-cost-view").get_by_label("Tokenizer", exact=True).click()
    page.get_by_role("option", name=MINE).locator("visible=true").click()
    whose = page.locator("#tokens-cost-view .legend b")
    expect(whose).to_have_text("Trained here, 60 merges of bytes")
    expect(page.locator("#tokens-cost-view .cost-rows .twin")).to_have_count(4)


def test_a_tokenizer_that_the_browser_damaged_is_told(open_page: OpenPage) -> None:
    page = open_page("tokens-train")
    page.evaluate(
        """orrery.use({ name: "learned-bytes...AAAA", title: "Trained here, damaged",
        can: ["cut"], until: Number.MAX_SAFE_INTEGER })"""
    )
    running.show(page, "tokens-pieces")
    page.locator("#tokens-pieces-view").get_by_label("Tokenizer", exact=True).click()
    page.get_by_role("option", name="damaged").click()
    expect(page.get_by_text("Train it again, and choose the new one").first).to_be_visible()


@pytest.mark.thorough
def test_wordpiece_is_learned_by_score_and_cut_by_the_longest_piece(
    open_page: OpenPage,
) -> None:
    text = "hug hugs hug pun pun hugs"
    page = open_page("tokens-train", kind="wordpiece", text=text, shown=0)
    view = page.locator("#tokens-train-view")
    bars, words = view.locator(".learning .bar"), view.locator(".recut .word")
    expect(bars.first).to_contain_text("##g + ##s")
    expect(bars.first).to_contain_text("2 / (4 \u00b7 2)")
    expect(words.nth(1).locator("span")).to_have_text(["h", "u", "g", "s"])
    for cut in (["h", "u", "gs"], ["h", "ug", "s"]):
        view.get_by_role("button", name="Step", exact=True).click()
        expect(words.nth(1).locator("span")).to_have_text(cut)
    view.get_by_role("button", name="All", exact=True).click()
    expect(words.nth(1).locator("span")).to_have_text(["hugs"])
    view.get_by_role("button", name="Use it", exact=True).click()
    expect(view.locator(".use-note")).to_contain_text("Trained here, WordPiece of 7 merges")
    with page.expect_download() as saved:
        view.get_by_role("button", name="Save as tokenizer.json").click()
    loaded = tokenizers.Tokenizer.from_file(str(saved.value.path()))
    assert loaded.encode("hugs pun bun").tokens == ["hugs", "pun", "<|unknown|>"]
    running.show(page, "tokens-vocabulary")
    listed = page.locator("#tokens-vocabulary-view")
    listed.get_by_label("Tokenizer", exact=True).click()
    page.get_by_role("option", name="WordPiece of 7 merges").click()
    expect(listed.locator(".remark .note")).to_contain_text("those columns are left out")
    heads = listed.locator(".vocabulary-table thead th")
    expect(heads).to_have_text(["Piece", "Id", "Bytes", "Merge", "As pair"])


@pytest.mark.thorough
def test_unigram_is_thinned_out_round_by_round(open_page: OpenPage, tmp_path: Path) -> None:
    page = open_page("tokens-train", kind="unigram", merges=20, shown=5)
    view = page.locator("#tokens-train-view")
    said = view.locator(".cell-about")
    expect(said).to_contain_text("Pruned 5 of 7 times: 50 pieces")
    expect(view.locator(".learning .bar").first).to_contain_text("8.21")
    view.get_by_role("button", name="All", exact=True).click()
    expect(said).to_contain_text("41 pieces (21 are letters), 108 tokens")
    expect(view.locator(".recut .word > span")).to_have_count(108)
    with page.expect_download() as saved:
        view.get_by_role("button", name="Save as tokenizer.json").click()
    loaded = tokenizers.Tokenizer.from_file(str(saved.value.path()))
    assert loaded.encode("goats").tokens == ["g", "oat", "s"]
    view.get_by_role("button", name="Use it", exact=True).click()
    view.get_by_role("link", name="Side by side").click()
    row = page.locator("#tokens-duel-view .strip").first
    expect(row.locator("h3")).to_have_text("Trained here, Unigram of 41 pieces")


@pytest.mark.thorough
def test_a_long_training_says_how_far_it_is_and_stops(open_page: OpenPage) -> None:
    page = open_page("tokens-train", kind="unigram", merges=20, shown=5)
    view = page.locator("#tokens-train-view")
    said, remark = view.locator(".cell-about"), view.locator(".remark .note")
    expect(said).to_contain_text("50 pieces")
    word = "".join(random.Random(2).choices("ab", k=9_999))  # for seconds
    view.get_by_role("textbox", name="Text", exact=True).fill(word)
    view.get_by_role("button", name="Learn", exact=True).click()
    expect(remark).to_contain_text(re.compile(r"Round \d+: [\d,]+ pieces"))
    view.get_by_role("button", name="Stop", exact=True).click()
    expect(remark).to_have_text("Stopped; what was learned before stays.")
    expect(said).to_contain_text("50 pieces")
    page.wait_for_timeout(1_000)
    expect(remark).to_have_text("Stopped; what was learned before stays.")
