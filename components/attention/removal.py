"""attention-removal: what the next token becomes without each head."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import gradio as gr
from gradio.components import Component

from components.attention.changed import panel, ranking
from components.attention.changed.ranking import Removals
from components.attention.sentences import EXAMPLES, OPENING, sentence_box
from components.shared.asking import result
from components.shared.dials import model_choice
from components.shared.drawing.remark import remark_and_picture
from components.shared.drawing.spelling import note
from components.shared.view import Inputs, View, read_text
from inference.catalog import Catalog
from inference.errors import TooLong
from inference.tasks.attention.ablation import Ablation, HeadRemovals, Removal
from inference.types.waiting import Waiting

if TYPE_CHECKING:
    from inference.service import Service

REMOVALS = (
    ("its average in other texts", "mean"),
    ("what it did in another text", "resample"),
    ("zeros", "zero"),
)
"""What can take the place of a removed head, as the page and as the service call it."""


def ask(
    service: Service, session: str | None, text: str, model: str, removal: Removal, more: str
) -> Iterator[Waiting | Removals]:
    """The effect of removing every head, one at a time; then the same in more sentences.

    more: one sentence a line. One that is too long is left out, and the note says so. Raises
    TooLong where there are too many.
    """
    wanted = ranking.sentences(more, text or "")
    first = yield from result(service, Ablation(text, model, removal=removal), session)
    yield Removals(first)
    others: list[HeadRemovals] = []
    note = ""
    for line in wanted:
        try:
            found = yield from result(service, Ablation(line, model, removal=removal), session)
        except TooLong as error:
            note = f"Not ranked: \u201c{line[:24]}\u2026\u201d {error}"
        else:
            others.append(found)
    if wanted:
        yield Removals(first, tuple(others), note)


def draw(removals: Removals) -> list[object]:
    """A note, and every head in one widget."""
    found = ranking.drawn(removals)
    return [str(note(found["note"])), str(panel.removal(found))]


def inputs(catalog: Catalog) -> Inputs:
    return {
        "text": sentence_box(),
        "model": model_choice(catalog, "remove heads"),
        "removal": gr.Radio(REMOVALS, value="mean", label="A removed head is replaced by"),
        "more": gr.Textbox(
            "\n".join(text for (text,) in EXAMPLES.values() if text != OPENING),
            label="Ranked over these too, one a line",
            lines=4,
            max_lines=8,
        ),
    }


def stage() -> list[Component]:
    return remark_and_picture(340)


VIEW = View(
    key="attention-removal",
    text=read_text(__file__),
    ask=ask,
    data=ranking.data,
    draw=lambda: draw,
    inputs=inputs,
    stage=stage,
    button="Remove heads",
    examples=EXAMPLES,
    runs_on=("model", "removal"),
    folded=("more",),
    stopped="Stopped; what was shown before stays.",
)
