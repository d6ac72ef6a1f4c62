"""tokens-duel: the same text in every tokenizer, a strip of pieces for each."""

from __future__ import annotations

from collections.abc import Iterator

import gradio as gr
from gradio.components import Component
from markupsafe import Markup

from components.shared.view import Inputs, View, read_text
from components.tokens.strips import missing, strip, strips
from components.tokens.tokenizers import (
    EXAMPLES,
    SPECIAL,
    TOKENIZERS,
    grouped,
    special_choice,
    text_box,
)
from inference.catalog import Catalog
from inference.errors import ModelUnavailable
from inference.service import Service
from inference.tasks.cut import Cut


def compare(service: Service, session: str | None, text: str, special_tokens: str) -> str:
    """The text in every tokenizer. Raises OrreryError on unusable text."""
    rows = list(_rows(service, text, special_tokens == SPECIAL))
    return str(strips("The same text in every tokenizer", rows))


def _rows(service: Service, text: str, specials: bool) -> Iterator[Markup]:
    """A row for every tokenizer; one that cannot be loaded says why."""
    for key, name in TOKENIZERS.items():
        try:
            found = service.answer(Cut(text, key, specials=specials))
        except ModelUnavailable as error:
            yield missing(name, f"not available: {error.reason}")
        else:
            yield strip(name, grouped(found), found.details)


def inputs(catalog: Catalog) -> Inputs:
    return {"text": text_box(), "special_tokens": special_choice()}


def stage() -> list[Component]:
    return [gr.HTML(min_height=320, js_on_load=None)]


VIEW = View(
    key="tokens-duel",
    text=read_text(__file__),
    ask=compare,
    inputs=inputs,
    stage=stage,
    button="Compare",
    examples=EXAMPLES,
    runs_on=("special_tokens",),
)
