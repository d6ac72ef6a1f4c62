"""attention-heads: where every head of every layer mixes its values from, in every architecture."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import gradio as gr
from gradio.components import Component

from components.attention.maps import heads
from components.attention.reading.questions import LENGTH, at_age, named, of_text, of_translation
from components.attention.reading.seen import Seen
from components.attention.sentences import EXAMPLES as SENTENCES
from components.shared.dials import dial, model_choice
from components.shared.drawing.remark import remark_and_picture
from components.shared.drawing.spelling import note
from components.shared.view import Inputs, View, read_text
from inference.catalog import Catalog
from inference.collection import STORYTELLER
from inference.types.waiting import Waiting

if TYPE_CHECKING:
    from inference.service import Service

LITTLE, BIRD, THANKS = (str(SENTENCES[one][0]) for one in ("A little", "The bird", "Thanks"))
AGED = ("Storyteller, growing up", "storyteller-growing")
DEAF = "translator-rnn-bottleneck"
"""Looks at nothing."""
EXAMPLES = {
    "The last verb": (LITTLE, STORYTELLER, "5.2", ""),
    "What followed": ("The cat sat on the mat. The dog sat on the", STORYTELLER, "6.2", ""),
    "Who helped": (BIRD, STORYTELLER, "5.3", ""),
    "The token before": (THANKS, STORYTELLER, "3.1", ""),
    "Both ways": ("She was hungry, so she ate an apple.", "fill-in", "1.2", ""),
    "Growing up": (BIRD, AGED[1], "3.4", ""),
    "Into French": ("She bought a black cat and a white dog.", "translator", "2.1", "cross"),
}
HEIGHT = 540  # px


def ask(
    service: Service,
    session: str | None,
    text: str,
    model: str,
    head: str | None,
    part: str | None,
    age: str | None,
    written: int,
) -> Iterator[Waiting | Seen]:
    """All heads of a model over a sentence.

    head: layer.head to open on, counted from 1. part: of a translator, cross, encoder or decoder.
    age: steps of training, of a model that was kept at several. written: tokens that the model
    writes on. Raises OrreryError where one of them cannot be used.
    """
    chosen = named(head or "")
    asked, steps, ages = at_age(service.catalog, model, age or "")
    if "translate" in service.catalog.entry(asked).can:
        seen = yield from of_translation(service, session, text, asked, part or "")
    else:
        seen = yield from of_text(service, session, text, asked, written)
    yield replace(seen, head=chosen, age=steps, ages=ages)


def data(seen: Seen) -> dict[str, Any]:
    """The tokens, and the weights by layer, head, query and the keys that the query sees.

    `layers` numbers those in `weights`: all of them up to 64 tokens, else the one of the head that
    was asked for. `asking` are the queries, of which the model wrote the last `written`.
    """
    queries, keys = seen.weights.shape[2:]
    sees = range(1, keys + 1) if seen.causal else [keys] * queries
    return {
        "note": seen.note,
        "part": seen.part,
        "age": seen.age,
        "tokens": seen.asked.data(),
        "asking": seen.asking.data(),
        "written": seen.written,
        "layers": [layer + 1 for layer in seen.travelling],
        "weights": [
            [[row[:count] for count, row in zip(sees, one, strict=True)] for one in layer]
            for layer in seen.weights[list(seen.travelling)].tolist()
        ],
    }


def draw(seen: Seen) -> list[object]:
    """A note, and all maps in one widget."""
    return [str(note(seen.note)), str(heads(seen))]


def inputs(catalog: Catalog) -> Inputs:
    text, _, head, part = EXAMPLES["The last verb"]
    return {
        "text": gr.Textbox(text, label="Sentence", lines=3, max_lines=6),
        "model": models(catalog),
        "head": gr.Textbox(head, label="Head", visible="hidden"),
        "part": gr.Textbox(part, label="Part of a translator", visible="hidden"),
        "age": gr.Textbox("", label="Steps of training", visible="hidden"),
        "written": dial("Tokens that the model writes on", 0, LENGTH, 0, 1),
    }


def models(catalog: Catalog) -> gr.Dropdown:
    """Whatever attends to a text, also a translator to its source, and one at all its ages."""
    found = model_choice(catalog, "attend")
    listed = {name for _, name in found.choices}
    translators = [(one.title, one.name) for one in catalog.entries("translate")]
    found.choices += [one for one in translators if one[1] not in listed | {DEAF}]
    if catalog.ages(AGED[1]):
        found.choices.insert(2, AGED)
    return found


def stage() -> list[Component]:
    return remark_and_picture(HEIGHT)


VIEW = View(
    key="attention-heads",
    text=read_text(__file__),
    ask=ask,
    data=data,
    draw=lambda: draw,
    inputs=inputs,
    stage=stage,
    button="Show attention",
    examples=EXAMPLES,
    runs_on=("model", "written"),
    folded=("written",),
    stopped="Stopped; what was shown before stays.",
)
