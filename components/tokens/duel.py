"""tokens-duel: the same text in every tokenizer, a strip of pieces for each."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import gradio as gr
from gradio.components import Component

from components.shared.view import Inputs, View, read_text
from components.tokens.strips import missing, strip, strips
from components.tokens.tokenizers import (
    EXAMPLES,
    SPECIAL,
    grouped,
    special_choice,
    text_box,
    tokenizers,
    tokens_data,
)
from inference.catalog import Catalog
from inference.entry import Entry
from inference.errors import ModelUnavailable
from inference.tasks.cut import Cut
from inference.types import Tokenized

if TYPE_CHECKING:
    from inference.service import Service


@dataclass(frozen=True)
class Row:
    """The text in one tokenizer, or why that cannot be loaded."""

    tokenizer: Entry
    found: Tokenized | None
    reason: str = ""


def ask(service: Service, session: str | None, text: str, special_tokens: str) -> tuple[Row, ...]:
    """The text in every tokenizer. Raises OrreryError on unusable text."""
    return tuple(
        row(service, one, text, special_tokens == SPECIAL) for one in tokenizers(service.catalog)
    )


def row(service: Service, tokenizer: Entry, text: str, specials: bool) -> Row:
    try:
        return Row(tokenizer, service.answer(Cut(text, tokenizer.name, specials=specials)))
    except ModelUnavailable as error:
        return Row(tokenizer, None, error.reason)


def data(rows: Sequence[Row]) -> dict[str, Any]:
    """The tokens of every tokenizer; null where it cannot be loaded."""
    return {
        "tokenizers": [
            {
                "tokenizer": row.tokenizer.name,
                "tokens": tokens_data(row.found) if row.found else None,
                "note": row.found.note if row.found else row.reason,
            }
            for row in rows
        ]
    }


def draw(rows: Sequence[Row]) -> list[object]:
    """A strip for every tokenizer."""
    drawn = [
        strip(row.tokenizer.title, grouped(row.found), row.found.details)
        if row.found
        else missing(row.tokenizer.title, f"not available: {row.reason}")
        for row in rows
    ]
    return [str(strips("The same text in every tokenizer", drawn))]


def inputs(catalog: Catalog) -> Inputs:
    return {"text": text_box(), "special_tokens": special_choice()}


def stage() -> list[Component]:
    return [gr.HTML(min_height=320, js_on_load=None)]


VIEW = View(
    key="tokens-duel",
    text=read_text(__file__),
    ask=ask,
    data=data,
    draw=lambda: draw,
    inputs=inputs,
    stage=stage,
    button="Compare",
    examples=EXAMPLES,
    runs_on=("special_tokens",),
)
