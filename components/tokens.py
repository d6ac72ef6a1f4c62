"""The Tokens tab: what the model reads instead of letters."""

from __future__ import annotations

import gradio as gr
from gradio.events import Dependency
from markupsafe import Markup

from analysis import tokens
from components import view
from components.action import Action, examples, plain_errors, wire
from components.links import take_away
from components.parts.chips import chips, tally
from components.parts.spelling import note
from inference.service import Service
from inference.types import Tokenized

VIEW = view.View(
    key="tokens",
    title="Tokens",
    lead=(
        "A model reads no letters. It reads these pieces, each one a number, cut by merges that "
        "were counted on the stories it was trained on."
    ),
    look_for=(
        (
            "Why is a common word one token and a rare name many?",
            "A merge is learned for pairs that occur often in the training stories. Common words "
            "have been merged to the end; a rare one is left in the pieces it shares with others.",
        ),
        (
            "Where does the space belong?",
            "To the word that follows, wherever that was worth a merge: the dot at the start of a "
            "chip is its space. So a word at the start of a text and the same word inside it are "
            "different tokens. Before rare characters the space stays a token of its own.",
        ),
        (
            "Why do some characters take several tokens?",
            "The tokenizer cuts bytes. A character that is rare in the stories, such as an emoji, "
            "was never merged, so each of its bytes, written in hexadecimal, is a token.",
        ),
        (
            "Do tokens with close numbers mean close things?",
            "No. The first 257 are end-of-text and the single bytes; above them a number is only "
            "the order in which a merge was learned.",
        ),
    ),
)
OPENING = (
    "Once upon a time there lived a little tailor, unbelievably clever, named Rumpelstiltskin."
)
EXAMPLES = (
    ("A story", OPENING),
    ("Digits", "1234 and 12345, 3.14159, and 1,000,000"),
    ("Emoji", "A family: 👩\u200d👩\u200d👧, a flag: 🇫🇷, one letter spelled twice: \u00e9 e\u0301"),
    ("Scripts", "Hello, bonjour, привет, שלום, नमस्ते, 你好"),
    ("Code", "def add(a, b):\n    return a + b"),
    ("Special?", "<|endoftext|> is only text here"),
)


def stage(tokenized: Tokenized) -> Markup:
    """Counts, then every token."""
    counts = tokens.counts(tokenized.text, tokenized.ids)
    grouped = tokens.groups(tokenized.ids, tokenized.pieces)
    return tally(counts) + note(tokenized.note) + chips(grouped)


def build(service: Service, page: gr.Blocks) -> list[Dependency]:
    """Lay out the tab and wire it."""

    def run(text: str) -> str:
        with plain_errors():
            return str(stage(service.tokenize(text)))

    with view.frame(VIEW) as (controls, shown, _):
        with controls:
            text = gr.Textbox(OPENING, label="Text", lines=4, max_lines=8, elem_id="tokens-text")
            button = gr.Button("Cut into tokens", variant="primary")
        with shown:
            picture = gr.HTML(elem_id="tokens-stage", min_height=320, js_on_load=None)
        action = Action("tokenize", run, {"text": text}, [picture])
        with controls:
            chosen = examples(action, [[t] for _, t in EXAMPLES], [n for n, _ in EXAMPLES])
            take_away(VIEW.key, action.inputs)
        return [*wire(page, VIEW.key, action, button), chosen]
