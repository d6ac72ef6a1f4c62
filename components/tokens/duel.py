"""tokens-duel: the same text in every tokenizer, a strip of pieces for each."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import gradio as gr
from gradio.components import Component
from markupsafe import Markup

from components.shared.drawing.remark import remark_and_picture
from components.shared.drawing.spelling import note
from components.shared.view import Inputs, View, read_text
from components.tokens import perplexities
from components.tokens.perplexities import Reading
from components.tokens.strips import figures, strips
from components.tokens.tokenizers import (
    EXAMPLES,
    MOST_OWN,
    SPECIAL,
    own_tokenizers,
    special_choice,
    text_box,
    tokenizers,
    tokens_data,
)
from inference.catalog import Catalog
from inference.entry import Entry
from inference.errors import ModelUnavailable
from inference.rungs import HeldOut
from inference.tasks.cut import Cut
from inference.tasks.score import Score
from inference.types.tokenized import Tokenized
from inference.types.waiting import Waiting

if TYPE_CHECKING:
    from inference.service import Service

LEGEND = Markup(
    '<p class="legend"><span class="range"><b class="odd">piece</b>most others cut this differently'
    "</span><span>Point at a piece to see it in all of them.</span></p>"
)


@dataclass(frozen=True)
class Row:
    """The text in one tokenizer, or why that cannot be loaded."""

    tokenizer: Entry
    found: Tokenized | None
    reason: str = ""


@dataclass(frozen=True)
class Duel:
    """The text in every tokenizer, and what two models make of it once they have read it."""

    rows: tuple[Row, ...]
    stories: tuple[HeldOut, ...]
    read: tuple[Reading, ...] = ()

    @property
    def note(self) -> str:
        """What had to be changed in the text for all of them."""
        return self.rows[0].found.note if self.rows and self.rows[0].found else ""


def ask(
    service: Service, session: str | None, text: str, special_tokens: str, own: str = ""
) -> Iterator[Waiting | Duel]:
    """The text in every tokenizer, and then in two models. Raises OrreryError on unusable text.

    own: names of tokenizers that were trained here.
    """
    specials = special_tokens == SPECIAL
    all_of_them = (*own_tokenizers(service.catalog, own), *tokenizers(service.catalog))
    rows = tuple(row(service, one, text, specials) for one in all_of_them)
    duel = Duel(rows, perplexities.held_out(service))
    yield duel
    asked = [Score(text, name) for name in perplexities.READERS]
    read = yield from perplexities.readings(service, session, asked)
    yield replace(duel, read=read)


def row(service: Service, tokenizer: Entry, text: str, specials: bool) -> Row:
    try:
        return Row(tokenizer, service.answer(Cut(text, tokenizer.name, specials=specials)))
    except ModelUnavailable as error:
        return Row(tokenizer, None, error.reason)


def data(duel: Duel) -> dict[str, Any]:
    """The tokens and figures of every tokenizer; null where it cannot be loaded."""
    return {
        "tokenizers": [
            {
                "tokenizer": row.tokenizer.name,
                "tokens": tokens_data(row.found) if row.found else None,
                "figures": figures(row.found) if row.found else None,
                "note": row.found.note if row.found else row.reason,
            }
            for row in duel.rows
        ],
        "models": perplexities.data(duel.stories, duel.read),
    }


def draw(duel: Duel) -> list[object]:
    """A note, and what duel.js draws."""
    drawn = iter(strips([row.found for row in duel.rows if row.found]))
    value = {
        "most_own": MOST_OWN,
        "rows": [
            {"title": row.tokenizer.title, "figures": figures(row.found), **next(drawn)}
            if row.found
            else {"title": row.tokenizer.title, "reason": row.reason}
            for row in duel.rows
        ],
        "models": perplexities.data(duel.stories, duel.read),
    }
    shown = Markup('<section class="strips" data-widget="strips" data-value="{}"></section>')
    return [str(note(duel.note)), str(shown.format(json.dumps(value)))]


def inputs(catalog: Catalog) -> Inputs:
    own = gr.Textbox("", label=f"Up to {MOST_OWN} that were trained here", visible="hidden")
    return {"text": text_box(), "special_tokens": special_choice(), "own": own}


def stage() -> list[Component]:
    return remark_and_picture(620, LEGEND)


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
    typed=("text",),
)
