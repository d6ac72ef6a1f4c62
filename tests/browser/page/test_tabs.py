"""Every tab, used for real."""

from __future__ import annotations

import base64
import json
import re
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import numpy as np
import pytest
from playwright.sync_api import Locator, Page, expect

from analysis.tokens import label
from models.text.tokenizer import Tokenizer
from models.words import vectors as word_vectors
from tests.browser import running
from tests.browser.running import OpenPage, press

pytestmark = [pytest.mark.browser, pytest.mark.thorough]

LANES = ("Greedy", "Temperature", "Top-k", "Top-p", "Beam")
SENTENCE = "The fox saw the hen, and the hen saw the fox."


def chips(page: Page) -> Locator:
    """The token chips, without the boxes around those that share a character."""
    return page.get_by_role("list", name="Tokens").locator(".chip")


def chip_ids(page: Page) -> list[int]:
    return [int(one) for one in chips(page).locator("> span").all_text_contents()]


def dial(page: Page, name: str, value: float) -> None:
    box = page.get_by_label(f"number input for {name}")
    box.fill(f"{value:g}")
    box.blur()


def click(page: Page, name: str) -> None:
    """Press a button that asks the server for nothing, or do not wait for the answer."""
    page.get_by_role("button", name=name, exact=True).click()


def lane(page: Page, number: int) -> Locator:
    return page.locator("#generation-lanes").get_by_role("group").nth(number)


def written(page: Page) -> list[list[str]]:
    """Every lane's tokens."""
    return page.locator("#generation-lanes").evaluate(
        """lanes => [...lanes.querySelectorAll("[role=group]")].map((lane) =>
            [...lane.querySelectorAll("[data-step]")].map((token) => token.textContent))"""
    )


def wait_until_written(page: Page, length: int) -> None:
    """Every lane has `length` tokens or has come to an end of its own."""
    page.wait_for_function(
        """length => {
            const lanes = [...document.querySelectorAll("#generation-lanes [role=group]")];
            return lanes.length === 5 && lanes.every((lane) =>
                lane.querySelectorAll("[data-step]").length === length ||
                lane.textContent.includes("ended by itself"));
        }""",
        arg=length,
    )


def generate(page: Page, length: int) -> list[list[str]]:
    dial(page, "Length in tokens", length)
    press(page, "Run")
    wait_until_written(page, length)
    return written(page)


def columns(page: Page) -> list[list[tuple[str, float]]]:
    """For every lane of the picked step, its candidates and the rest with their percentages."""
    found = page.locator(".detail").evaluate(
        """detail => [...detail.querySelectorAll(".step")].map((step) =>
            [...step.querySelectorAll(".bar")].map((bar) =>
                ["code", ".value"].map((part) => bar.querySelector(part).textContent)))"""
    )
    return [[(text, float(value.removeprefix("< "))) for text, value in column] for column in found]


# ---- First sight


def test_every_tab_opens_on_a_finished_example(open_page: OpenPage) -> None:
    page = open_page("tokens-pieces")
    assert chips(page).count() > 10
    running.show(page, "embeddings-neighbours")
    assert page.locator("#embeddings-neighbours-view").get_by_role("listitem").count() >= 30
    running.show(page, "attention-heads")
    expect(page.locator("#attention-heads-view .token-lines .token").first).to_be_visible()
    expect(page.get_by_role("heading", name="mixes in values from")).to_be_visible()
    running.show(page, "generation-lanes")
    wait_until_written(page, 24)
    assert len(columns(page)) == len(LANES)
    for view in running.VIEWS:
        running.show(page, view)
        expect(page.get_by_role("heading", name="What to look for")).to_be_visible()
        expect(page.get_by_text("is being loaded")).to_be_hidden()


def test_the_status_line_names_the_model_and_the_device(open_page: OpenPage) -> None:
    status = open_page("generation-lanes").locator("#status")
    expect(status).to_contain_text(re.compile(r"storyteller, [\d.]+ M( \+ .+)? · (CPU|CUDA|MPS)"))
    expect(status).to_contain_text("tokens/s")


# ---- Tokens


def test_a_typed_text_is_cut_as_the_tokenizer_cuts_it(
    open_page: OpenPage, tokenizer: Tokenizer
) -> None:
    text = "The unhappiest  tailor sewed 1234 coats."
    page = open_page("tokens-pieces")
    page.get_by_role("textbox", name="Text").fill(text)
    press(page, "Cut into tokens")
    ids = tokenizer.encode(text)
    expect(chips(page)).to_have_count(len(ids))
    assert chip_ids(page) == ids
    count = page.locator("#tokens-pieces-view .stage").get_by_role("definition").first
    expect(count).to_have_text(str(len(ids)))


def test_r3_a_typed_special_token_is_text_until_it_is_asked_for(
    open_page: OpenPage, tokenizer: Tokenizer
) -> None:
    text = "The end.<|endoftext|>Once"
    page = open_page("tokens-pieces", text=text)
    assert chip_ids(page) == tokenizer.encode(text)
    page.get_by_text("as the special token").click()
    special = chips(page).filter(has_text="special")
    expect(special).to_have_count(1)
    ends = tokenizer.encode("The end."), tokenizer.encode("Once")
    assert chip_ids(page) == [*ends[0], tokenizer.end_of_text, *ends[1]]


def test_tokens_that_share_a_character_stand_in_one_box(open_page: OpenPage) -> None:
    page = open_page("tokens-pieces")
    page.get_by_role("textbox", name="Text").fill("a👩‍👩‍👧b")
    press(page, "Cut into tokens")
    boxes = page.get_by_role("list", name="Tokens").locator("> li")
    expect(boxes).to_have_count(3)
    assert boxes.nth(1).get_by_role("listitem").count() > 1


def strip(page: Page, name: str) -> Locator:
    """The pieces of the same text in one tokenizer."""
    return page.get_by_role("group", name=f"The pieces of {name}")


def choose(page: Page, tokenizer: str) -> None:
    page.get_by_label("Tokenizer").click()
    page.get_by_role("option", name=tokenizer, exact=True).click()


def test_another_tokenizer_cuts_the_same_text_another_way(
    open_page: OpenPage, checkpoints: Path
) -> None:
    text = "The unhappiest  tailor sewed 1234 \u4f60."
    page = open_page("tokens-pieces", text=text)
    opened = page.locator("#tokens-pieces-view .stage .opened")
    chips(page).nth(1).hover()
    expect(opened).to_contain_text("seen ")
    choose(page, "WordPiece")
    expect(page.locator("#tokens-pieces-view .stage .about").first).to_contain_text(
        "## marks the inside"
    )
    assert chip_ids(page) == Tokenizer.load(checkpoints / "tokenizers" / "wordpiece").encode(text)
    expect(chips(page).filter(has_text="\u4f60")).to_contain_text("unknown")
    expect(page.get_by_title("lost: no token holds \u00b7\u00b7")).to_be_visible()
    choose(page, "Unigram")
    chips(page).first.hover()
    expect(opened).to_contain_text("log-probability \N{MINUS SIGN}")


def test_the_same_text_stands_there_in_every_tokenizer(
    open_page: OpenPage, checkpoints: Path
) -> None:
    text = "The fox, unbelievably,\nsaw 2 hens."
    page = open_page("tokens-duel", text=text)
    names = {"Characters": "characters", "Words": "words", "BPE": "bpe", "Unigram": "unigram"}
    for name, folder in names.items():
        cut = Tokenizer.load(checkpoints / "tokenizers" / folder).segment(text)
        expect(strip(page, name).locator("span")).to_have_count(len(cut))
        pieces = strip(page, name).locator("span").all_text_contents()
        held = [text.encode()[one.start : one.end] for one in cut]
        assert pieces == ["".join(span.text for span in label(piece)) for piece in held]
    words_lost = page.locator(".strip").filter(has_text="loses spaces")
    expect(words_lost).to_have_count(3)


def test_a_token_is_opened_by_pointer_and_by_arrow_keys(open_page: OpenPage) -> None:
    page = open_page("tokens-pieces")
    opened = page.locator("#tokens-pieces-view .stage .opened")
    chips(page).nth(2).click()
    expect(opened).to_contain_text("token 3, ")
    expect(opened).to_contain_text(
        re.compile(r"made by merge \d+, whose pair was seen [\d,]+ times")
    )
    page.get_by_role("list", name="Tokens").press("ArrowRight")
    expect(opened).to_contain_text("token 4, ")


def test_a_link_carries_the_tokenizer_and_an_unknown_one_falls_back(open_page: OpenPage) -> None:
    page = open_page("tokens-pieces", tokenizer="words")
    expect(page.locator("#tokens-pieces-view .stage .about").first).to_contain_text("Words")
    page = open_page("tokens-pieces", tokenizer="runes")
    expect(page.locator("#tokens-pieces-view .stage .about").first).to_contain_text(
        "Byte-level BPE"
    )
    remark = page.locator("#tokens-pieces-view .address")
    expect(remark).to_contain_text("tokenizer is one of characters, words, ")
    expect(remark).to_contain_text("; byte-bpe is used.")


# ---- Embeddings


def words(rows: Locator) -> list[str]:
    return rows.locator("code").all_inner_texts()


def test_neighbours_are_the_nearest_words_in_the_full_space(
    open_page: OpenPage, checkpoints: Path
) -> None:
    page = open_page("embeddings-neighbours")
    page.get_by_role("textbox", name="Word").fill("ocean")
    press(page, "Show neighbours")
    expect(page.get_by_role("heading", name="Nearest to ocean, of")).to_be_visible()
    listed = page.locator("#embeddings-neighbours-view").get_by_role("list").first
    assert words(listed) == nearest(checkpoints, "skip-gram-1", "ocean")
    drawn = page.locator(".js-plotly-plot").first
    for word in ("ocean", *words(listed)):
        expect(drawn.get_by_text(word, exact=True)).to_be_visible()


def nearest(checkpoints: Path, model: str, word: str) -> list[str]:
    vectors = word_vectors.load(checkpoints / "word-vectors", model)
    row = vectors.words.index(word)
    order = np.argsort(-(vectors.unit @ vectors.unit[row]), kind="stable")
    assert vectors.usage is not None  # of names: the words asked for here are none
    shares = vectors.usage.capitals, vectors.usage.largest
    often = (vectors.counts >= 100) & (np.maximum(*shares) < 80)
    listed = [i for i in order.tolist() if i != row and often[i]]
    return [vectors.words[i] for i in listed[:10]]


def choose_model(page: Page, name: str) -> None:
    page.get_by_role("combobox", name="Model").click()
    page.get_by_role("option", name=name, exact=True).click()


@pytest.mark.parametrize(
    ("name", "model"),
    [
        ("CBOW", "cbow"),
        ("fastText", "fasttext"),
        ("Counts (PPMI)", "ppmi"),
        ("Counts, reduced (PPMI, SVD)", "ppmi-svd"),
    ],
)
def test_another_model_is_chosen_and_stays_in_the_link(
    open_page: OpenPage, checkpoints: Path, name: str, model: str
) -> None:
    page = open_page("embeddings-neighbours")
    listed = page.locator("#embeddings-neighbours-view").get_by_role("list").first
    choose_model(page, name)
    wanted = nearest(checkpoints, model, "king")
    expect(listed.locator("code")).to_have_text(wanted)
    click(page, "Link to this")
    page.wait_for_url(re.compile(f"model={model}"))
    other = page.context.new_page()
    other.goto(page.url)
    running.wait_until_filled(other, "embeddings-neighbours")
    assert words(other.locator("#embeddings-neighbours-view").get_by_role("list").first) == wanted


def test_a_model_that_is_not_there_is_replaced_and_said_so(open_page: OpenPage) -> None:
    page = open_page("embeddings-neighbours", model="minilm")
    expect(page.get_by_text("skip-gram-1 is used")).to_be_visible()
    assert page.locator("#embeddings-neighbours-view .columns").get_by_role("list").count() == 3


def test_a_word_never_seen_gets_a_vector_from_fasttext_alone(open_page: OpenPage) -> None:
    page = open_page("embeddings-neighbours")
    page.get_by_role("textbox", name="Word").fill("Unkingly")
    press(page, "Show neighbours")
    expect(page.get_by_test_id("toast-body")).to_contain_text("is not in this vocabulary")
    choose_model(page, "fastText")
    expect(page.get_by_text("unkingly was never seen.")).to_contain_text("<unk · unk · unki")
    expect(page.get_by_role("heading", name="Nearest to unkingly, of")).to_be_visible()
    expect(page.get_by_text("The counts hold no word unkingly.")).to_be_visible()


def test_two_words_are_compared_by_the_contexts_that_they_share(open_page: OpenPage) -> None:
    page = open_page("embeddings-neighbours", word="bread", other="butter")
    expect(page.get_by_role("heading", name="What bread and butter share")).to_be_visible()
    rows = page.locator(".bars", has_text="What bread and butter share").get_by_role("listitem")
    assert rows.count() == 10
    for remark in rows.locator(".remark").all_inner_texts():
        assert all(int(count.replace(",", "")) >= 2 for count in remark.split(" · "))


def test_three_trainings_say_how_far_they_agree(open_page: OpenPage) -> None:
    page = open_page("embeddings-neighbours")
    heading = page.get_by_role("heading", name="neighbours are named by every other training")
    agreed = int(heading.inner_text().split()[0])
    found = page.locator(".bars", has=heading).locator(".value").all_inner_texts()
    assert found.count("2/2") == agreed > 0


def test_an_analogy_hides_nothing_and_strikes_the_query_words_through(open_page: OpenPage) -> None:
    page = open_page("embeddings-analogies")
    query = ("man", "woman", "uncle")
    for name, word in zip(("a is", "to b as", "c is to ..."), query, strict=True):
        page.get_by_role("textbox", name=name).fill(word)
    press(page, "Solve the analogy")
    expect(page.get_by_role("heading", name="man is to woman as uncle is to")).to_be_visible()
    listed = page.locator("#embeddings-analogies-view").get_by_role("list").first
    struck = listed.locator("s").all_inner_texts()
    assert sorted(struck) == sorted(query)
    answer = next(word for word in words(listed) if word not in query)
    expect(page.get_by_text(f"{answer} is the nearest word but the three.")).to_be_visible()


# ---- Attention


def test_attention_of_a_typed_sentence(
    open_page: OpenPage, checkpoints: Path, tokenizer: Tokenizer
) -> None:
    page = open_page("attention-heads")
    page.get_by_role("textbox", name="Sentence").fill(SENTENCE)
    press(page, "Show attention")
    ids = [tokenizer.end_of_text, *tokenizer.encode(SENTENCE)]
    widget = page.get_by_label(f"heads over {len(ids)} tokens")
    expect(widget).to_be_visible()
    shape = json.loads((checkpoints / "storyteller" / "config.json").read_text(encoding="utf-8"))
    layers, heads = shape["num_hidden_layers"], shape["num_attention_heads"]
    expect(widget.locator("button[data-head]")).to_have_count(layers * heads)
    facts = json.loads(widget.get_attribute("data-value"))
    spelled = ["".join(span.text for span in label(tokenizer.bytes_of(i))) for i in ids[1:]]
    assert facts["labels"] == ["end of text", *spelled]
    raw = np.frombuffer(base64.b64decode(facts["maps"]), dtype=np.uint8)
    maps = np.split(raw.reshape(layers * heads, -1) / 255, row_starts(len(ids)), axis=1)
    for row in maps:
        np.testing.assert_allclose(row.sum(axis=1), 1.0, atol=row.shape[1] / 510)


def row_starts(tokens: int) -> list[int]:
    """Where the second and every later row of a packed triangle begins."""
    return [row * (row + 1) // 2 for row in range(1, tokens)]


def test_switching_heads_and_rows_makes_no_request(open_page: OpenPage) -> None:
    page = open_page("attention-heads")
    widget = page.locator("#attention-heads-view .stage")
    click(page, "Map")
    requests: list[str] = []
    page.on("request", lambda request: requests.append(request.url))
    wait_until_quiet(page, requests)
    for name in ("Layer 1, head 1", "Layer 2, head 3", "Layer 1, head 2"):
        before = picture(widget)
        click(page, name)
        expect(widget.get_by_role("heading", name=name)).to_be_visible()
        expect(widget.get_by_role("button", name=name)).to_have_attribute("aria-pressed", "true")
        assert picture(widget) != before
    large = widget.get_by_role("img")
    for row in (3, 2, 4):
        hover_row(large, row)
        expect(widget.get_by_role("heading", name=f"Token {row},")).to_be_visible()
    large.focus()
    page.keyboard.press("ArrowDown")
    expect(widget.get_by_role("heading", name="Token 5,")).to_be_visible()
    assert requests == []


def wait_until_quiet(page: Page, requests: list[str]) -> None:
    """Let what the page asked for when it opened come in: half a second without a request."""
    page.wait_for_timeout(500)
    while requests:
        requests.clear()
        page.wait_for_timeout(500)


def picture(widget: Locator) -> str:
    return widget.get_by_role("img").evaluate("canvas => canvas.toDataURL()")


def hover_row(large: Locator, row: int) -> None:
    """Point at a row of the large map, counted from 1."""
    where = large.evaluate("canvas => canvas.geometry")
    y = where["top"] + (row - 0.5) * where["cell"]
    large.hover(position={"x": where["left"] + where["cell"] / 2, "y": y})


def moves(page: Page) -> list[tuple[str, str]]:
    """The tokens of the removal panel, each with its probability before and after."""
    return page.locator(".removal .moves").evaluate(
        """moves => [...moves.querySelectorAll(".bar")].map((bar) =>
            ["code", ".value"].map((part) => bar.querySelector(part).textContent))"""
    )


def test_r16_removing_a_head_moves_the_next_token(open_page: OpenPage) -> None:
    page = open_page("attention-removal")
    panel = page.locator(".removal")
    expect(panel.get_by_role("heading", name="without layer 6, head 1")).to_be_visible()
    expect(panel).to_contain_text("is an experiment, not proof")
    name, value = moves(page)[0]
    before, after = map(float, value.split(" \u2192 "))
    assert name == "·bird" and before > 70 and after < before / 3
    *_, (rest, _) = listed = moves(page)
    assert rest == "4,089 others"
    for column in zip(*(value.split(" \u2192 ") for _, value in listed), strict=True):
        shares = [float(share.removeprefix("< ")) for share in column]
        assert sum(shares) == pytest.approx(100, abs=0.06 * len(shares))
    for value in panel.locator(".removal-grid").get_by_role("button").all_text_contents():
        assert 0 <= float(value) < 5


def test_maps_and_removals_show_the_same_head_without_a_request(open_page: OpenPage) -> None:
    page = open_page("attention-removal")
    opened = moves(page)
    running.show(page, "attention-heads")
    requests: list[str] = []
    page.on("request", lambda request: requests.append(request.url))
    wait_until_quiet(page, requests)
    expect(page.get_by_role("heading", name="Layer 5, head 2", exact=True)).to_be_visible()
    click(page, "Layer 2, head 3")
    running.show(page, "attention-removal")
    expect(page.locator(".removal h3").first).to_contain_text("without layer 2, head 3")
    assert moves(page) != opened
    page.get_by_role("button", name=re.compile("Without layer 5, head 2: ")).click()
    expect(page.locator(".removal h3").first).to_contain_text("without layer 5, head 2")
    running.show(page, "attention-heads")
    expect(page.get_by_role("heading", name="Layer 5, head 2", exact=True)).to_be_visible()
    assert requests == []


def test_lecture_shows_what_a_removal_gains(open_page: OpenPage) -> None:
    page = open_page("attention-removal", lecture=1)
    expect(page.locator(".removal .bar .more").first).to_be_visible()
    expect(page.locator(".removal .legend .swatch.more").first).to_be_visible()


def test_a_link_carries_the_chosen_head(open_page: OpenPage) -> None:
    page = open_page("attention-heads")
    click(page, "Layer 2, head 3")
    click(page, "Link to this")
    page.wait_for_url("**head=2.3**")
    page.reload()
    running.wait_until_filled(page, "attention-heads")
    expect(page.get_by_role("heading", name="Layer 2, head 3", exact=True)).to_be_visible()


def test_another_replacement_is_computed_at_once_and_kept_in_the_link(open_page: OpenPage) -> None:
    page = open_page("attention-removal")
    by_mean = moves(page)
    page.get_by_role("radio", name="zeros").check()
    expect(page.locator(".moves .value").first).not_to_have_text(by_mean[0][1])
    by_zero = moves(page)
    click(page, "Link to this")
    page.wait_for_url("**removal=zero**")
    page.reload()
    running.wait_until_filled(page, "attention-removal")
    expect(page.get_by_role("radio", name="zeros")).to_be_checked()
    expect(page.locator(".moves .value").first).to_have_text(by_zero[0][1])


def test_a_link_with_an_unknown_replacement_says_what_there_is(open_page: OpenPage) -> None:
    page = open_page("attention-removal", removal="<b>")
    expect(page.locator("#attention-removal-view .address")).to_contain_text(
        "removal is one of mean, resample, zero; mean is used"
    )
    expect(page.get_by_role("radio", name="its average")).to_be_checked()


# ---- Generation


def test_tokens_stream_into_all_five_lanes(open_page: OpenPage) -> None:
    page = open_page("generation-lanes")
    page.get_by_role("textbox", name="Prompt").fill("The old king")
    page.evaluate(
        """() => {
            const lanes = document.querySelector("#generation-lanes");
            window.counts = [];
            new MutationObserver(() => window.counts.push(
                lanes.querySelectorAll("[data-step]").length
            )).observe(lanes, { childList: true, subtree: true });
        }"""
    )
    texts = generate(page, 64)
    counts = page.evaluate("window.counts")
    stream = counts[counts.index(min(counts)) :]
    assert stream == sorted(stream)
    assert len(set(stream)) >= 4
    assert stream[-1] == sum(map(len, texts))
    for number, name in enumerate(LANES):
        expect(lane(page, number)).to_contain_text(name)
        expect(lane(page, number)).to_contain_text("The old king")
        expect(lane(page, number)).to_contain_text("per token")


def test_a_clicked_token_shows_all_that_could_have_come(
    open_page: OpenPage, tokenizer: Tokenizer
) -> None:
    page = open_page("generation-lanes")
    wait_until_written(page, 24)
    token = lane(page, 3).locator("[data-step]").nth(4)
    token.click()
    expect(page.get_by_role("heading", name="Step 5: what each strategy")).to_be_visible()
    for column, text in zip(columns(page), written(page), strict=True):
        assert sum(share for _, share in column) == pytest.approx(100, abs=0.06 * len(column))
        labels = [label for label, _ in column]
        assert text[4].replace(" ", "·") in labels
    explained = page.locator(".detail p").filter(has_text=f"{tokenizer.vocabulary:,}")
    expect(explained).to_have_count(len(LANES))
    chosen = page.locator(".detail [title$=chosen]")
    expect(chosen).to_have_count(len(LANES))


def test_a_link_carries_the_picked_step(open_page: OpenPage) -> None:
    page = open_page("generation-lanes")
    lane(page, 3).locator("[data-step]").nth(4).click()
    click(page, "Link to this")
    page.wait_for_url("**step=5**")
    page.reload()
    running.wait_until_filled(page, "generation-lanes")
    expect(page.get_by_role("heading", name="Step 5:")).to_be_visible()
    expect(lane(page, 3).locator(".t.sel")).to_have_attribute("data-place", "4")


def test_arrow_keys_move_from_token_to_token(open_page: OpenPage) -> None:
    page = open_page("generation-lanes")
    lane(page, 0).locator("[data-step]").first.click()
    lane(page, 0).get_by_role("listbox").focus()
    for key, step in (("ArrowRight", 2), ("ArrowRight", 3), ("ArrowLeft", 2)):
        page.keyboard.press(key)
        expect(page.get_by_role("heading", name=f"Step {step}:")).to_be_visible()


def test_stop_stops_and_keeps_what_was_written(open_page: OpenPage) -> None:
    page = open_page("generation-lanes")
    dial(page, "Length in tokens", 240)  # long enough that there is something to stop
    dial(page, "Temperature", 0.7)
    click(page, "Run")
    expect(lane(page, 1)).to_contain_text("Temperature 0.7")
    with page.expect_response("**/cancel*"):
        click(page, "Stop")
    stopped = written(page)
    assert 0 < len(stopped[1]) < 240
    page.wait_for_timeout(1000)  # long enough for twenty updates
    assert written(page) == stopped
    assert [len(text) for text in generate(page, 16)]


def test_the_same_dice_roll_the_same_text(open_page: OpenPage) -> None:
    page = open_page("generation-lanes")
    first = generate(page, 16)
    longer = generate(page, 24)
    assert [text[:16] for text in longer[:4]] == first[:4]
    page.get_by_label("Seed of the dice").fill("8")
    other = generate(page, 16)
    assert other[0] == first[0]
    assert other[1] != first[1]


# ---- Examples, links, lecture, keyboard


EXAMPLES = (
    ("tokens-pieces", "Digits", "Text", "1234 and 12345"),
    ("embeddings-neighbours", "forest", "Word", "forest"),
    ("embeddings-analogies", "hot : cold = summer : ?", "c is to ...", "summer"),
    ("attention-heads", "What followed", "Sentence", "The cat sat"),
    ("generation-lanes", "Tom and his dog", "Prompt", "One day, Tom"),
    ("generation-wheel", "Says who?", "Prompt", '"I am hungry'),
)
OUTCOMES = {
    "Digits": "#tokens-pieces-view .stage .chip b:text-is('1')",
    "forest": "h2:has-text('Nearest to forest')",
    "hot : cold = summer : ?": "h2:has-text('hot is to cold as summer is to')",
    "What followed": ".attention[data-value*=mat]",
    "Tom and his dog": "[aria-label=Greedy]:has-text('One day, Tom')",
    "Says who?": ".stepper em:has-text('I am hungry')",
}


@pytest.mark.parametrize(("view", "example", "box", "text"), EXAMPLES)
def test_an_example_fills_the_inputs_and_runs(
    open_page: OpenPage, view: str, example: str, box: str, text: str
) -> None:
    page = open_page(view)
    press(page, example)
    expect(page.get_by_role("textbox", name=box)).to_have_value(re.compile(f"^{text}"))
    expect(page.locator(OUTCOMES[example]).first).to_be_visible()


def test_a_link_brings_the_inputs_and_the_result_back(open_page: OpenPage) -> None:
    text = "A & B? 100 % #1 + \n“é” 👩‍👩‍👧"
    page = open_page("tokens-pieces")
    page.get_by_role("textbox", name="Text").fill(text)
    press(page, "Cut into tokens")
    expect(chips(page).first).to_have_text(re.compile("^A"))
    click(page, "Link to this")
    expect(page.get_by_text("view=tokens-pieces&text=A+%26+B")).to_be_visible()
    other = page.context.new_page()
    other.goto(page.url)
    running.wait_until_filled(other, "tokens-pieces")
    expect(other.get_by_role("textbox", name="Text")).to_have_value(text)
    expect(chips(other)).to_have_count(chips(page).count())
    assert chip_ids(other) == chip_ids(page)


def test_a_link_brings_every_number_back(open_page: OpenPage) -> None:
    page = open_page("generation-lanes")
    wanted = {"Temperature": 1.3, "Top-k": 12, "Top-p": 0.55, "Beams": 3, "Length in tokens": 24}
    for name, value in wanted.items():
        dial(page, name, value)
    page.get_by_label("Seed of the dice").fill("42")
    press(page, "Run")
    wait_until_written(page, 24)
    click(page, "Link to this")
    page.wait_for_url(re.compile("seed=42"))
    other = page.context.new_page()
    other.goto(page.url)
    running.wait_until_filled(other, "generation-lanes")
    for name, value in wanted.items():
        expect(other.get_by_label(f"number input for {name}")).to_have_value(f"{value:g}")
    expect(other.get_by_label("Seed of the dice")).to_have_value("42")
    wait_until_written(other, 24)
    assert written(other) == written(page)


def test_download_saves_the_value_that_is_on_stage(open_page: OpenPage) -> None:
    page = open_page("tokens-pieces")
    saved = downloaded(page)
    assert [token["id"] for token in saved["tokens"]] == chip_ids(page)
    page.get_by_role("textbox", name="Text").fill("<b>'s")
    press(page, "Cut into tokens")
    expect(chips(page).first).to_have_text(re.compile("^<"))
    saved = downloaded(page)
    assert saved["inputs"]["text"] == "<b>'s"
    assert "".join(token["text"] for token in saved["tokens"]) == "<b>'s"
    running.show(page, "embeddings-neighbours")
    near = downloaded(page)["neighbours"]
    shown = page.locator("#embeddings-neighbours-view .bars").first.locator(".bar")
    assert [one["word"] for one in near] == shown.locator("code").all_inner_texts()
    assert [f"{one['cosine']:.2f}" for one in near] == shown.locator(".value").all_inner_texts()
    running.show(page, "attention-heads")
    for row in (row for layer in downloaded(page)["weights"] for head in layer for row in head):
        assert sum(row) == pytest.approx(1, abs=1e-5)
    running.show(page, "generation-lanes")
    for lane, tokens in zip(downloaded(page)["lanes"], written(page), strict=True):
        assert len(lane["steps"]) == len(tokens)
        assert lane["text"] == "".join(tokens)


def downloaded(page: Page) -> dict[str, Any]:
    with page.expect_download() as file:
        click(page, "Download")
    return json.loads(file.value.path().read_text(encoding="utf-8"))


def test_a_link_out_of_range_is_clamped_and_says_so(open_page: OpenPage) -> None:
    page = open_page("generation-lanes", temperature=99, length="many", k=1)
    expect(page.get_by_label("number input for Temperature")).to_have_value("2")
    expect(page.get_by_label("number input for Length in tokens")).to_have_value("24")
    expect(page.get_by_label("number input for Top-k")).to_have_value("1")
    note = page.get_by_text("temperature goes from 0.1 to 2 in steps of 0.1; 2 is used")
    expect(note).to_be_visible()
    expect(note).to_contain_text("length is not a number in the link; 24 is used")
    expect(note).not_to_contain_text("k goes from")
    expect(lane(page, 1)).to_contain_text("Temperature 2")


def test_the_lecture_switch_enlarges_and_remembers_itself(open_page: OpenPage) -> None:
    page = open_page("tokens-pieces")
    size = "chip => parseFloat(getComputedStyle(chip.querySelector('b')).fontSize)"
    before = chips(page).first.evaluate(size)
    questions = page.get_by_role("heading", name="What to look for")
    click(page, "Lecture")
    expect(questions).to_be_hidden()
    assert chips(page).first.evaluate(size) == pytest.approx(1.45 * before)
    assert "lecture=1" in urlsplit(page.url).query
    other = page.context.new_page()
    other.goto(page.url)
    running.wait_until_filled(other, "tokens-pieces")
    switch = other.get_by_role("button", name="Lecture")
    expect(switch).to_have_attribute("aria-pressed", "true")
    questions = other.get_by_role("heading", name="What to look for")
    expect(questions).to_be_hidden()
    switch.click()
    expect(questions).to_be_visible()
    assert "lecture" not in urlsplit(other.url).query


def test_tokens_and_attention_by_keyboard_alone(open_page: OpenPage, tokenizer: Tokenizer) -> None:
    page = open_page("tokens-pieces")
    tab_to(page, page.get_by_role("textbox", name="Text"))
    page.keyboard.press("Control+A")
    page.keyboard.type(SENTENCE)
    tab_to(page, page.get_by_role("button", name="Cut into tokens"))
    page.keyboard.press("Enter")
    expect(chips(page)).to_have_count(len(tokenizer.encode(SENTENCE)))
    tab_to(page, page.get_by_role("link", name="Attention"), key="Shift+Tab")
    page.keyboard.press("Enter")
    running.wait_until_filled(page, "attention-heads")
    pressed = "#attention-heads-view button[data-head][tabindex='0']"
    tab_to(page, page.locator(pressed))
    layer, head = map(int, page.locator(pressed).get_attribute("data-head").split(","))
    page.keyboard.press("ArrowUp")
    heading = f"Layer {layer}, head {head + 1}"
    expect(page.get_by_role("heading", name=heading, exact=True)).to_be_visible()
    expect(page.get_by_role("button", name=heading, exact=True)).to_be_focused()
    tab_to(page, page.locator("#attention-heads-view .stage").get_by_role("button", name="Map"))
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    expect(page.locator("#attention-heads-view canvas.large")).to_be_focused()
    row = page.get_by_role("heading", name="mixes in values from")
    before = row.inner_text()
    page.keyboard.press("ArrowUp")
    expect(row).not_to_have_text(before)


def tab_to(page: Page, target: Locator, key: str = "Tab") -> None:
    """Move the focus as a person without a mouse does, and give up after forty stops."""
    for _ in range(40):
        if target.evaluate("element => element === document.activeElement"):
            return
        page.keyboard.press(key)
    pytest.fail(f"{target} cannot be reached with {key}")
