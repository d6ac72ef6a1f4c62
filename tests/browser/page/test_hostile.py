"""Whatever is typed is text: shown as it is or refused in a sentence, and nothing breaks."""

from __future__ import annotations

import pytest
import regex
from playwright.sync_api import Page, expect

from analysis.characters import visible
from analysis.tokens import label
from inference.text.cleaning import clean
from models.text.tokenizer import Tokenizer
from tests.browser import running
from tests.browser.running import OpenPage, press

pytestmark = [pytest.mark.browser, pytest.mark.thorough]

SHOWN = {
    "script": "<script>window.__x = 1</script>",
    "image": "<img src=x onerror=window.__x=1>",
    "closing tag": '"></textarea></code><svg onload=window.__x=1>',
    "template literal": "${window.__x = 1} ${7*7}",
    "backticks": "`${7*7}` `\\u{61}` \\x41",
    "handlebars": "{{x}} {{{x}}} {{#each x}}",
    "entity": "&lt;b&gt; &amp; &#x41;",
    "plotly": "%{text} $\\href{javascript:window.__x=1}{x}$ a<br>b",
    "special token": "<|endoftext|><s></s>",
    "control": "a\0b\x01\x07\x1b[31m\x7f\x85",
    "line ends": "a\tb\u2028c\u2029d\u00a0e\u3000f",
    "joiners": "👩‍👩‍👧‍👦 🏳️‍🌈 🇫🇷 e\u0301 n\u0303\u0304\u0305",
    "right to left": "שלום עולם مرحبا",
    "override": "abc \u202edcba\u202c \u2066x",
    "byte order mark": "\ufeffa\u200bb",
    "tag characters": "a\U000e0041\U000e007f\U0010ffff",
}
"""Every one of these is text that a tokenizer takes."""
BROKEN = "ab\ud800cd\udc00"
REFUSED = {"empty": "", "blank": " \t ", "endless": "a b " * 25_000}

PROMPTS = (
    ("tokens-pieces", "Text", "Cut into tokens"),
    ("attention-heads", "Sentence", "Show attention"),
    ("generation-lanes", "Prompt", "Run"),
    ("generation-wheel", "Prompt", "Look"),
)
WORDS = ("a is", "to b as", "c is to ...")


def paste(page: Page, box: str, text: str) -> None:
    page.get_by_role("textbox", name=box, exact=True).evaluate(
        """(box, text) => {
            box.value = text;
            box.dispatchEvent(new Event("input", { bubbles: true }));
        }""",
        text,
    )


def run(page: Page, box: str, text: str, button: str) -> None:
    paste(page, box, text)
    press(page, button)


def refused(page: Page, box: str, text: str, button: str, sentence: str) -> None:
    """Expect a message with exactly this sentence in it, then put it away."""
    paste(page, box, text)
    page.get_by_role("button", name=button, exact=True).click()
    page.wait_for_function(
        """sentence => document.querySelector("[data-testid=toast-body]")
            ?.textContent.includes(sentence)""",
        arg=sentence,
    )
    message = page.get_by_test_id("toast-body")
    message.get_by_role("button", name="Close").last.click()
    expect(message).to_have_count(0)


def nothing_ran(page: Page) -> None:
    assert page.evaluate("typeof window.__x") == "undefined"
    assert (
        page.locator("#views script, #views img, #views a[href]:not([href*=plotly])").count() == 0
    )


def spelled(tokenizer: Tokenizer, text: str) -> list[str]:
    """How the tokens of a text read on screen."""
    pieces = map(tokenizer.bytes_of, tokenizer.encode(clean(text, 2000).text))
    return ["".join(span.text for span in label(piece)) for piece in pieces]


# ---- Typed into the page


def test_tokens_show_every_text_literally(open_page: OpenPage, tokenizer: Tokenizer) -> None:
    page = open_page("tokens-pieces")
    for text in SHOWN.values():
        run(page, "Text", text, "Cut into tokens")
        page.wait_for_function(
            """labels => {
                const chips = document.querySelectorAll("#tokens-pieces-view .stage .chip b");
                return JSON.stringify([...chips].map((chip) => chip.textContent)) ===
                    JSON.stringify(labels);
            }""",
            arg=spelled(tokenizer, text),
        )
    nothing_ran(page)


def test_attention_shows_every_text_literally(open_page: OpenPage, tokenizer: Tokenizer) -> None:
    page = open_page("attention-heads")
    for text in SHOWN.values():
        labels = ["end of text", *spelled(tokenizer, text)]  # that a text begins after
        run(page, "Sentence", text, "Show attention")
        page.wait_for_function(
            """labels => {
                const widget = document.querySelector("#attention-heads-view .stage [data-value]");
                const row = widget.querySelector("h3 code")?.textContent;
                return JSON.stringify(JSON.parse(widget.dataset.value).labels) ===
                    JSON.stringify(labels) && labels.includes(row);
            }""",
            arg=labels,
        )
    nothing_ran(page)


@pytest.mark.parametrize("theme", ("light", "dark"))
def test_generation_shows_every_prompt_literally(open_page: OpenPage, theme: str) -> None:
    page = open_page("generation-lanes", theme=theme, length=8)
    for text in SHOWN.values():
        run(page, "Prompt", text, "Run")
        wait_until_continued(page, text)
    nothing_ran(page)


def wait_until_continued(page: Page, prompt: str) -> None:
    """Every lane begins with this prompt and has come to its end."""
    page.wait_for_function(
        """prompt => {
            const lanes = [...document.querySelectorAll("#generation-lanes [role=group]")];
            return lanes.length === 5 && lanes.every((lane) =>
                lane.querySelector("em").textContent === prompt &&
                lane.textContent.includes("per token"));
        }""",
        arg=in_running_text(prompt),
    )


def in_running_text(text: str) -> str:
    """What has a shape is left as it is; all else but the space and what joins gets a symbol."""
    tags = regex.sub(
        r"[\U000e0020-\U000e007f]+", lambda run: " ".join(f"U+{ord(one):X}" for one in run[0]), text
    )  # no glyph, but a model reads them
    graphemes = regex.findall(r"\X", tags)
    return "".join(
        grapheme if len(grapheme) > 1 else visible(grapheme, spaces=False)[0].text
        for grapheme in graphemes
    )


def test_a_place_in_a_text_shows_every_prompt_literally(open_page: OpenPage) -> None:
    page = open_page("generation-wheel")
    for text in SHOWN.values():
        run(page, "Prompt", text, "Look")
        page.wait_for_function(
            "prompt => document.querySelector('.stepper em').textContent === prompt",
            arg=in_running_text(text),
        )
    nothing_ran(page)


def test_a_right_to_left_override_does_not_turn_the_lane_round(open_page: OpenPage) -> None:
    page = open_page("generation-lanes", length=8)
    run(page, "Prompt", "abc \u202eabc", "Run")
    wait_until_continued(page, "abc \u202eabc")
    tokens = page.get_by_role("group", name="Greedy").locator("[data-step]")
    boxes = [tokens.nth(place).bounding_box() for place in range(3)]
    assert len({box["y"] for box in boxes}) == 1
    assert [box["x"] for box in boxes] == sorted(box["x"] for box in boxes)


def test_words_outside_the_vocabulary_are_named_and_refused(open_page: OpenPage) -> None:
    page = open_page("embeddings-neighbours")
    listed = page.locator("#embeddings-neighbours-view").get_by_role("list")
    before = listed.all_inner_texts()
    for kind in SHOWN.keys() - {"byte order mark", "tag characters"}:  # words, but for marks unseen
        refused(page, "Word", SHOWN[kind], "Show neighbours", "is not in this vocabulary.")
    assert listed.all_inner_texts() == before
    running.show(page, "embeddings-analogies")
    for box in WORDS:
        for kind in ("image", "template literal", "handlebars"):
            sentence = f"'{SHOWN[kind]}' is not in this vocabulary."
            refused(page, box, SHOWN[kind], "Solve the analogy", sentence)
        page.get_by_role("textbox", name=box, exact=True).fill("king")
    nothing_ran(page)


def test_half_a_character_is_replaced_and_said_so(open_page: OpenPage) -> None:
    for view, box, button in PROMPTS:
        page = open_page(view)
        run(page, box, BROKEN, button)
        note = page.get_by_role("status").get_by_text("2 characters were not valid Unicode")
        expect(note).to_be_visible()
        if view == "generation-lanes":
            wait_until_continued(page, clean(BROKEN, 2000).text)
        run(page, box, "and the session goes on", button)
        expect(note).to_be_hidden()


def test_refused_texts_get_a_sentence_and_the_last_result_stays(open_page: OpenPage) -> None:
    called = {
        "tokens-pieces": "text",
        "attention-heads": "sentence",
        "generation-lanes": "prompt",
        "generation-wheel": "prompt",
    }
    nothing = "The {} is empty. What was shown stays. Type something, or pick an example."
    endless = "The {} may have up to {} characters; yours has 100,000."
    sentences = {"empty": nothing, "blank": nothing, "endless": endless}
    most = {"tokens-pieces": "10,000"}
    for view, box, button in PROMPTS:
        page = open_page(view)
        stage = (
            page.locator(f"#{view}-view")
            .get_by_role("list")
            .or_(page.locator("#attention-heads-view .stage canvas, #generation-lanes [data-step]"))
            .or_(page.locator("#generation-wheel-view .bar"))
        )
        before = stage.count()
        for kind, text in REFUSED.items():
            refused(
                page,
                box,
                text,
                button,
                sentences[kind].format(called[view], most.get(view, "2,000")),
            )
            assert stage.count() == before > 0


def test_a_sentence_of_too_many_tokens_is_refused_with_the_count(
    open_page: OpenPage, tokenizer: Tokenizer
) -> None:
    long = "x y z " * 200
    count = len(tokenizer.encode(long))
    for view, box, button in PROMPTS[1:]:
        page = open_page(view)
        refused(page, box, long, button, f"tokens; yours has {count:,}.")


def test_a_hostile_link_is_only_text(open_page: OpenPage) -> None:
    page = open_page("tokens-pieces", text=SHOWN["image"], lecture="<script>", nothing="{{x}}")
    expect(page.get_by_role("textbox", name="Text")).to_have_value(SHOWN["image"])
    nothing_ran(page)
    other = open_page("embeddings-neighbours", filled=False, word=SHOWN["image"])
    expect(other.get_by_test_id("toast-body")).to_contain_text(SHOWN["image"])
    nothing_ran(other)


def test_an_out_of_range_number_is_clamped_where_it_is_typed(open_page: OpenPage) -> None:
    page = open_page("generation-lanes")
    for name, typed, used in (
        ("Temperature", "99", "2"),
        ("Beams", "0", "2"),
        ("Top-p", "-1", "0.05"),
    ):
        box = page.get_by_label(f"number input for {name}")
        box.fill(typed)
        box.blur()
        expect(box).to_have_value(used)
