"""attention-removal: what the next token becomes without each head."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import gradio as gr
from gradio.components import Component

from components.attention.changed import panel
from components.attention.sentences import EXAMPLES, sentence_box
from components.shared.dials import model_choice
from components.shared.drawing.remark import remark_and_picture
from components.shared.drawing.spelling import note
from components.shared.view import Inputs, View, read_text
from inference.catalog import Catalog
from inference.tasks.attention.ablation import Ablation
from inference.types import HeadRemovals, Removal, Waiting

if TYPE_CHECKING:
    from inference.service import Service

REMOVALS = (
    ("its average in other texts", "mean"),
    ("what it did in another text", "resample"),
    ("zeros", "zero"),
)
"""What can take the place of a removed head, as the page and as the service call it."""


def ask(
    service: Service, session: str | None, text: str, model: str, removal: Removal
) -> Iterator[Waiting | HeadRemovals]:
    """The effect of removing every head, one at a time."""
    yield from service.run(Ablation(text, model, removal=removal), session)


def draw(removals: HeadRemovals) -> list[object]:
    """A note, and every head in one widget."""
    return [str(note(removals.tokens.note)), str(panel.removal(panel.data(removals)))]


def inputs(catalog: Catalog) -> Inputs:
    return {
        "text": sentence_box(),
        "model": model_choice(catalog, "remove heads"),
        "removal": gr.Radio(REMOVALS, value="mean", label="A removed head is replaced by"),
    }


def stage() -> list[Component]:
    return remark_and_picture(340)


VIEW = View(
    key="attention-removal",
    text=read_text(__file__),
    ask=ask,
    data=panel.data,
    draw=lambda: draw,
    inputs=inputs,
    stage=stage,
    button="Remove heads",
    examples=EXAMPLES,
    runs_on=("model", "removal"),
    stopped="Stopped; what was shown before stays.",
)
