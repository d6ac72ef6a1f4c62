"""attention-cell: one cell of a head's map as a sum, and what the model says once it is changed."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import gradio as gr
from gradio.components import Component

from components.attention.changed.opened import drawn, lesson, worked
from components.attention.sentences import EXAMPLES as SENTENCES
from components.attention.sentences import OPENING
from components.shared.dials import model_choice
from components.shared.drawing.remark import remark_and_picture
from components.shared.drawing.spelling import note
from components.shared.view import Inputs, View, read_text
from inference.catalog import Catalog
from inference.errors import OrreryError
from inference.tasks.attention.cell import AttentionCell, CellOfText
from inference.types.waiting import Waiting

if TYPE_CHECKING:
    from inference.service import Service

LITTLE, PARK, THANKS = (str(SENTENCES[one][0]) for one in ("A little", "Repetition", "Thanks"))
EXAMPLES = {
    "Where she lives": (LITTLE, "4.1 15.13", "0"),
    "Dog or bird": (OPENING, "5.3 24.22", "0"),
    "Said Ben": (THANKS, "6.2 16.5", "0"),
    "What followed": (PARK, "6.1 24.17", "0"),
}
HEIGHT = 520  # px


def ask(
    service: Service,
    session: str | None,
    text: str,
    cell: str | None,
    score: str | None,
    model: str,
) -> Iterator[Waiting | CellOfText]:
    """cell: layer, head, row of the query and column of the key, all counted from 1.

    Raises OrreryError where that or the score cannot be read.
    """
    place = numbered(cell or "")
    yield from service.run(AttentionCell(text, model, *place, number(score or "0")), session)


def numbered(typed: str) -> tuple[int, int, int, int]:
    """Raises OrreryError where it is not four numbers."""
    found = re.fullmatch(r"\D*" + r"\D+".join([r"(\d{1,3})"] * 4) + r"\D*", typed, re.ASCII)
    if found is None:
        raise OrreryError("The cell is layer.head row.column, such as 4.1 15.13.")
    layer, head, query, key = map(int, found.groups())
    return layer, head, query, key


def number(typed: str) -> float:
    """A score as somebody writes it; "-inf" masks the key. Raises OrreryError."""
    try:
        found = float(typed.strip().replace("\u2212", "-").replace(",", "."))
    except ValueError:
        found = math.nan
    if math.isnan(found) or found == math.inf:
        raise OrreryError("The score is a number, or -inf, which masks the key.")
    return found


def data(value: CellOfText) -> dict[str, Any]:
    """The sum of the cell term by term, its row, and the model's answers.

    Layer, head, query and key are counted from 1. `score` is `dot` divided by `root`. `changes` are
    the rows of one batch: what follows the text before and after each.
    """
    return worked(value)


def draw(value: CellOfText) -> list[object]:
    """A note, and the picture."""
    return [str(note(value.tokens.note)), str(drawn(value))]


def inputs(catalog: Catalog) -> Inputs:
    text, cell, score = EXAMPLES["Where she lives"]
    return {
        "text": gr.Textbox(text, label="Sentence", lines=2, max_lines=6),
        "cell": gr.Textbox(cell, label="Cell: layer.head row.column", max_lines=1),
        "score": gr.Textbox(score, label="Set its score to", max_lines=1),
        "model": model_choice(catalog, "open a cell"),
    }


def stage() -> list[Component]:
    return remark_and_picture(HEIGHT)


def below() -> None:
    """The arithmetic of a lecture's first slide, every number of which can be changed."""
    gr.HTML(str(lesson()), js_on_load=None)


VIEW = View(
    key="attention-cell",
    text=read_text(__file__),
    ask=ask,
    data=data,
    draw=lambda: draw,
    inputs=inputs,
    stage=stage,
    below=below,
    button="Open the cell",
    examples=EXAMPLES,
    runs_on=("model",),
    stopped="Stopped; what was shown before stays.",
)
