"""attention-heads: where every head of every layer mixes its values from."""

from __future__ import annotations

from collections.abc import Iterator

import gradio as gr
from gradio.components import Component

from analysis.attention import farthest_reading
from components.attention.maps import heads, token_labels
from components.attention.sentences import EXAMPLES, sentence_box
from components.shared.dials import model_choice
from components.shared.frame import WAITING
from components.shared.spelling import note
from components.shared.view import Inputs, View, read_text
from components.shared.waiting import awaited
from inference.catalog import Catalog
from inference.service import Service
from inference.tasks.attention import Attention


def ask(service: Service, session: str | None, text: str, model: str) -> Iterator[list[object]]:
    """A note, and all maps of a sentence in one widget."""
    updates = service.run(Attention(text, model), session)
    maps = yield from awaited(updates, 1)
    labels = token_labels(maps.tokens)
    shown = heads(maps.weights, labels, farthest_reading(maps.weights))
    yield [str(note(maps.tokens.note)), str(shown)]


def inputs(catalog: Catalog) -> Inputs:
    return {"text": sentence_box(), "model": model_choice(catalog, "attend")}


def stage() -> list[Component]:
    return [
        gr.HTML(str(note("")), elem_classes="remark", js_on_load=None),
        gr.HTML(WAITING, min_height=620, js_on_load=None),
    ]


VIEW = View(
    key="attention-heads",
    text=read_text(__file__),
    ask=ask,
    inputs=inputs,
    stage=stage,
    button="Show attention",
    examples=EXAMPLES,
    runs_on=("model",),
    stopped="Stopped; what was shown before stays.",
)
