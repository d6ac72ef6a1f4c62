"""tokens-cost: what the same sentence costs in twenty languages, and a text of one's own."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

import gradio as gr
from gradio.components import Component
from markupsafe import Markup

from analysis.characters import joined
from analysis.tokens import counts, label
from components.shared.drawing.remark import remark_and_picture
from components.shared.drawing.spelling import note, written
from components.shared.view import Inputs, View, read_text
from components.tokens.sentences import ENGLISH, FRENCH, OTHERS, SENTENCES, Sentence
from components.tokens.tokenizers import tokenizer_choice, tokenizers
from inference.catalog import Catalog
from inference.entry import Entry
from inference.tasks.cut import Cut
from inference.types.tokenized import Tokenized

if TYPE_CHECKING:
    from inference.service import Service

TWINS = ("byte-bpe", "multilingual")
STORYTELLER = "storyteller"
OWN = "Yours"
STRAWBERRY = "How many r are in strawberry?"
MOST_SHOWN = 400  # pieces of one text that the page spells out
EXAMPLES = {
    "Strawberry": (STRAWBERRY, "byte-bpe"),
    "English and French": (STRAWBERRY, "multilingual"),
    "Digits": ("In 1999 there were 365 days.", "byte-bpe"),
    "Mostly unknown": (STRAWBERRY, "wordpiece"),
}


@dataclass(frozen=True)
class Row:
    """One text in one tokenizer."""

    name: str
    """The language, or what else it is."""
    script: str
    """Empty where it is no sentence in a language."""
    tokenizer: str
    """Its name; of one that was trained here its title, for the name is all of it."""
    found: Tokenized

    @property
    def tokens(self) -> int:
        return len(self.found.ids)

    @property
    def unknown(self) -> int:
        return sum(one.unknown for one in self.found.details)


@dataclass(frozen=True)
class Costs:
    """All texts in the chosen tokenizer, and English and French in the twins."""

    tokenizer: Entry
    rows: tuple[Row, ...]
    twins: tuple[Row, ...]
    window: int
    """How many tokens the storyteller reads at most."""

    @property
    def note(self) -> str:
        """What had to be changed in the text that was typed."""
        return next((row.found.note for row in self.rows if row.name == OWN), "")


def ask(service: Service, session: str | None, text: str, tokenizer: str) -> Costs:
    """text: one row more, or empty. Raises OrreryError on unusable text."""

    def row(name: str, script: str, text: str, tokenizer: str) -> Row:
        called = service.catalog.entry(tokenizer).called
        return Row(name, script, called, service.answer(Cut(text, tokenizer), session))

    own = {} if isinstance(text, str) and not text.strip() else {OWN: text}
    plain = [(name, "", text) for name, text in (own | OTHERS).items()]
    return Costs(
        service.catalog.entry(tokenizer),
        tuple(row(*one, tokenizer) for one in (*SENTENCES, *plain)),
        tuple(row(*one, twin) for twin in TWINS if twin != tokenizer for one in compared()),
        service.catalog.bounds(STORYTELLER).context,
    )


def compared() -> list[Sentence]:
    return [one for one in SENTENCES if one.language in (ENGLISH, FRENCH)]


def ratio(row: Row, english: Row) -> float | None:
    """Tokens for each token of English; None where it is no translation or not all is read."""
    if not row.script or row.unknown or english.unknown:
        return None
    return row.tokens / english.tokens


def data(costs: Costs) -> dict[str, Any]:
    """The figures of every text; `twins` are English and French in the other tokenizers."""
    return {
        "tokenizer": costs.tokenizer.called,
        "window": costs.window,
        "note": costs.note,
        "rows": [row_data(row, costs.rows, costs.window) for row in costs.rows],
        "twins": [row_data(row, costs.twins, costs.window) for row in costs.twins],
    }


def row_data(row: Row, rows: Sequence[Row], window: int) -> dict[str, Any]:
    """The figures of a text among others; English in the same tokenizer is one of them."""
    found = row.found
    english = next(one for one in rows if (one.name, one.tokenizer) == (ENGLISH, row.tokenizer))
    return {
        "name": row.name,
        "script": row.script,
        "tokenizer": row.tokenizer,
        "text": found.text,
        **asdict(counts(found.text, found.ids)),
        "unknown": row.unknown,
        "ratio": ratio(row, english),
        "share_of_window": row.tokens / window,
        "ids": found.ids,
    }


def draw(costs: Costs) -> list[object]:
    """A note, and what cost.js draws."""
    value = data(costs)
    for drawn, row in zip(
        (*value["rows"], *value["twins"]), (*costs.rows, *costs.twins), strict=True
    ):
        drawn["ids"] = drawn["ids"][:MOST_SHOWN]
        drawn["labels"] = labels(row.found)
        drawn["spelled"] = written(joined(drawn.pop("text"), spaces=False))
    value |= {"title": costs.tokenizer.title, "twin_titles": TWIN_TITLES, "own": OWN}
    drawn_by = Markup('<section class="costs" data-widget="costs" data-value="{}"></section>')
    return [str(note(costs.note)), str(drawn_by.format(json.dumps(value)))]


TWIN_TITLES = {"byte-bpe": "on English only", "multilingual": "trained on both"}
"""What the twins were trained on, as the rows under English and French say it."""


def labels(found: Tokenized) -> list[list[tuple[str, bool]]]:
    """How the first tokens read, each by itself."""
    known = zip(found.pieces[:MOST_SHOWN], found.details, strict=False)
    return [
        written(joined(piece.decode()) if one.unknown else label(piece)) for piece, one in known
    ]


def inputs(catalog: Catalog) -> Inputs:
    choices = [(one.title, one.name) for one in tokenizers(catalog)]
    return {
        "text": gr.Textbox(STRAWBERRY, label="Your text, one row more", lines=2, max_lines=5),
        "tokenizer": tokenizer_choice(choices),
    }


def stage() -> list[Component]:
    return remark_and_picture(600)


VIEW = View(
    key="tokens-cost",
    text=read_text(__file__),
    ask=ask,
    data=data,
    draw=lambda: draw,
    inputs=inputs,
    stage=stage,
    button="Count",
    examples=EXAMPLES,
    runs_on=("tokenizer",),
)
