"""tokens-pieces: the pieces of a text in one tokenizer, each with its number."""

from __future__ import annotations

import gradio as gr
from gradio.components import Component
from markupsafe import Markup

from analysis.tokens import counts
from components.shared.spelling import note
from components.shared.view import Inputs, View, read_text
from components.tokens.chips import chips, tally
from components.tokens.tokenizers import (
    EXAMPLES,
    SPECIAL,
    TOKENIZERS,
    grouped,
    special_choice,
    text_box,
)
from inference.catalog import Catalog
from inference.service import Service
from inference.tasks.cut import Cut
from inference.types import Tokenized

ABOUT = {
    "characters": "One token a character that occurs ten times in the stories.",
    "words": "The most frequent words and punctuation marks of the stories.",
    "bpe": "Characters of a word, merged by counted pairs; </w> marks the end of a word.",
    "byte-bpe": "Bytes, merged by counted pairs. This is what the storyteller reads.",
    "wordpiece": "The longest piece that fits, from the left; ## marks the inside of a word.",
    "unigram": "The most probable cut; every piece has a probability of its own.",
    "multilingual": "Byte-level BPE trained on sentences in both languages.",
}


def cut(
    service: Service, session: str | None, text: str, tokenizer: str, special_tokens: str
) -> str:
    """The text in one tokenizer. Raises OrreryError on unusable text."""
    found = service.answer(Cut(text, tokenizer, specials=special_tokens == SPECIAL), session)
    return str(picture(tokenizer, found))


def picture(chosen: str, found: Tokenized) -> Markup:
    """What the tokenizer does, counts, and every token."""
    about = Markup('<p class="about"><b>{}</b> {}</p>').format(TOKENIZERS[chosen], ABOUT[chosen])
    counted = tally(counts(found.text, found.ids))
    return about + counted + note(found.note) + chips(grouped(found), found.details)


def inputs(catalog: Catalog) -> Inputs:
    choices = [(name, key) for key, name in TOKENIZERS.items()]
    return {
        "text": text_box(),
        "tokenizer": gr.Dropdown(choices, value="byte-bpe", label="Tokenizer", filterable=False),
        "special_tokens": special_choice(),
    }


def stage() -> list[Component]:
    return [gr.HTML(min_height=320, js_on_load=None)]


VIEW = View(
    key="tokens-pieces",
    text=read_text(__file__),
    ask=cut,
    inputs=inputs,
    stage=stage,
    button="Cut into tokens",
    examples=EXAMPLES,
    runs_on=("tokenizer", "special_tokens"),
)
