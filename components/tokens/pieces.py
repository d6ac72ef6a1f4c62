"""tokens-pieces: the pieces of a text in one tokenizer, each with its number."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from gradio.components import Component
from markupsafe import Markup

from analysis.tokens import counts
from components.shared.drawing.remark import remark_and_picture
from components.shared.drawing.spelling import note
from components.shared.view import Inputs, View, read_text
from components.tokens.chips import chips, tally
from components.tokens.ruler import ruler
from components.tokens.tokenizers import (
    EXAMPLES,
    SPECIAL,
    grouped,
    special_choice,
    text_box,
    tokenizer_choice,
    tokenizers,
    tokens_data,
)
from inference.catalog import Catalog
from inference.entry import Entry
from inference.tasks.cut import Cut
from inference.types.tokenized import Tokenized

if TYPE_CHECKING:
    from inference.service import Service


@dataclass(frozen=True)
class Pieces:
    """A text in one tokenizer."""

    tokenizer: Entry
    found: Tokenized


def ask(
    service: Service, session: str | None, text: str, tokenizer: str, special_tokens: str
) -> Pieces:
    """The text in one tokenizer. Raises OrreryError on unusable text."""
    found = service.answer(Cut(text, tokenizer, specials=special_tokens == SPECIAL), session)
    return Pieces(service.catalog.entry(tokenizer), found)


def data(cut: Pieces) -> dict[str, Any]:
    """The text as it was read, its length in four units, and its tokens."""
    found = cut.found
    return {
        "text": found.text,
        "note": found.note,
        "counts": asdict(counts(found.text, found.ids)),
        "tokens": tokens_data(found),
    }


def draw(cut: Pieces) -> list[object]:
    """A note; and what the tokenizer does, counts, the ruler, and what pieces.js draws."""
    found, tokenizer = cut.found, cut.tokenizer
    about = Markup('<p class="about"><b>{}</b> {}</p>').format(tokenizer.title, tokenizer.about)
    counted = tally(counts(found.text, found.ids))
    held = grouped(found)
    drawn = Markup('<section class="tokens-laid" data-widget="pieces" data-value="{}"></section>')
    value = json.dumps(chips(held, found.details))
    return [str(note(found.note)), str(about + counted + ruler(held) + drawn.format(value))]


def inputs(catalog: Catalog) -> Inputs:
    choices = [(one.title, one.name) for one in tokenizers(catalog)]
    return {
        "text": text_box(),
        "tokenizer": tokenizer_choice(choices),
        "special_tokens": special_choice(),
    }


def stage() -> list[Component]:
    return remark_and_picture(480)


VIEW = View(
    key="tokens-pieces",
    text=read_text(__file__),
    ask=ask,
    data=data,
    draw=lambda: draw,
    inputs=inputs,
    stage=stage,
    button="Cut into tokens",
    examples=EXAMPLES,
    runs_on=("tokenizer", "special_tokens"),
    typed=("text",),
)
