"""attention-explanation: six explanations of one prediction, and how far back models look."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from functools import partial
from typing import TYPE_CHECKING, Any

import gradio as gr
import numpy as np
from gradio.components import Component
from markupsafe import Markup

from components.attention.explained import far_back, panel
from components.attention.explained.rows import correlations, rows
from components.attention.sentences import EXAMPLES as SENTENCES
from components.shared.asking import result
from components.shared.dials import model_choice
from components.shared.drawing.curves import legend
from components.shared.drawing.figures import placeholder
from components.shared.drawing.lane_data import token_data
from components.shared.drawing.remark import remark
from components.shared.drawing.spelling import WAITING, note
from components.shared.view import Inputs, View, read_text
from inference.catalog import Catalog
from inference.errors import OrreryError, OutOfRange
from inference.tasks.attention.distance import Distance, Distances
from inference.tasks.attention.explanation import ExplainedText, Explanation, Taken
from inference.types.options import in_range
from inference.types.waiting import Waiting

if TYPE_CHECKING:
    from inference.service import Service

LITTLE = str(SENTENCES["A little"][0])
EXAMPLES = {
    "Where she lives": (LITTLE, ""),
    "Another girl": (LITTLE, " girl"),
    "Whose doll": (str(SENTENCES["Found"][0]), ""),
    "Said Ben": (str(SENTENCES["Thanks"][0]), ""),
}
PLACE = re.compile(r"@(\d{1,4})(.*)", re.ASCII | re.DOTALL)
LAYERS = (0, 128)
HEIGHT, BELOW = 350, 210  # px


@dataclass(frozen=True)
class Explanations:
    """A prediction explained, and how far back each model looks, as far as that is known."""

    text: ExplainedText
    layer: int
    """Whose attention is shown, counted from 0."""
    back: far_back.Back = field(default_factory=dict)

    @property
    def whole(self) -> bool:
        return len(self.back) == len(far_back.MODELS)


def ask(
    service: Service,
    session: str | None,
    text: str,
    token: str | None,
    taken: Taken,
    layer: int,
    model: str,
) -> Iterator[Waiting | Explanations]:
    """Explain one token.

    token: what follows the text, as in `Explanation`; after @ and a number that token of the text
    instead, or what else could stand there. taken: removed or replaced. layer: whose attention,
    from 1; 0 for the last. Raises OutOfRange where the model has no such layer.
    """
    in_range("The layer", layer, LAYERS, whole=True)
    placed = PLACE.fullmatch(token or "")
    at, instead = (int(placed[1]), placed[2]) if placed else (0, token or "")
    task = Explanation(text, model, instead, at, taken)
    found = yield from result(service, task, session)
    layers = len(found.explained.weights)
    if layer > layers:
        raise OutOfRange("The layer", 0, layers, layer, whole=True)
    value = Explanations(found, (layer or layers) - 1)
    yield value
    for back in measured(service, taken):
        value = replace(value, back=back)
        if value.whole:
            yield value


def measured(service: Service, changed: Taken) -> Iterator[far_back.Back]:
    """What is known so far of how far back each model looks.

    It is the same for everybody, so each model is asked once and the answer remembered.
    """
    found: dict[str, Distances | str] = {}
    for model in far_back.MODELS:
        ask = partial(service.answer, Distance(model=model, changed=changed))
        try:
            one: Distances | str = service.remembered.get(("distance", model, changed), ask)
        except OrreryError as error:
            one = str(error)
        found = found | {model: one}
        yield found


def data(value: Explanations) -> dict[str, Any]:
    """The rows over the tokens that were read, their correlations, and the curves.

    `log2_p` is of the token that is explained, `log2_p_baseline` after the mean of all embeddings
    at every place; the row "integrated" sums to their difference. A row is null where the model has
    none, and so is a correlation of a constant row.
    """
    text, explained = value.text, value.text.explained
    found = rows(text, value.layer)
    read = list(zip(text.tokens.ids, text.tokens.pieces, strict=True))[: text.read]
    return {
        "note": text.tokens.note,
        "tokens": [{"id": one, "text": piece.decode("utf-8", "replace")} for one, piece in read],
        "explained": token_data(explained.token, text),
        "next": [
            {**token_data(one, text), "probability": float(explained.following[one])}
            for one in text.leading
        ],
        "log2_p": explained.bits,
        "log2_p_baseline": explained.baseline,
        "steps": explained.steps,
        "layer": value.layer + 1,
        "rows": {row.key: None if row.values is None else row.values.tolist() for row in found},
        "correlations": [
            [None if np.isnan(one) else float(one) for one in line] for line in correlations(found)
        ],
        "far_back": far_back.data(value.back),
    }


def draw(value: Explanations) -> list[object]:
    """A note, the rows, their correlations, and the curves with their legend and numbers."""
    found = rows(value.text, value.layer)
    missing = [one for one in value.back.values() if isinstance(one, str)]
    said = " ".join(filter(None, [value.text.tokens.note, *missing[:1]]))
    shown: list[object] = [
        str(note(said)),
        str(panel.widget(value.text, found)),
        str(panel.matrix(value.text, found)),
    ]
    if not value.whole or not far_back.there(value.back):
        return [*shown, gr.skip(), gr.skip(), str(panel.numbers(value.text, found))]
    tables = panel.numbers(value.text, found) + far_back.table(value.back)
    return [*shown, heading(value), far_back.figure(value.back), str(tables)]


def heading(value: Explanations) -> str:
    """Of the figure, with what line is whose."""
    how = "left out" if value.text.taken == "removed" else "another one"
    title = Markup(
        "<h2>How far back do models look?</h2><p>Bits by which predictions move if one is {}</p>"
    ).format(how)
    return str(
        Markup('<section class="far-back">{}{}</section>').format(
            title, legend(far_back.lines(value.back))
        )
    )


def inputs(catalog: Catalog) -> Inputs:
    return {
        "text": gr.Textbox(LITTLE, label="Sentence", lines=3, max_lines=6),
        "token": gr.Textbox(
            "", label="Token explained", placeholder="the most probable next", max_lines=1
        ),
        "taken": gr.Radio(
            [("left out", "removed"), ("replaced", "replaced")], value="removed", label="A token is"
        ),
        "layer": gr.Number(
            0,
            label="Attention of layer (0: the last)",
            precision=0,
            minimum=0,
            maximum=LAYERS[1],
            step=1,
            elem_classes="dial",
        ),
        "model": model_choice(catalog, "write", "attend"),
    }


def stage() -> list[Component]:
    noted = remark()
    picture = gr.HTML(WAITING, min_height=HEIGHT, js_on_load=None)
    with gr.Row(elem_classes="pair"):
        table = gr.HTML("", min_height=BELOW, js_on_load=None)
        with gr.Column():
            named = gr.HTML('<section class="far-back"></section>', js_on_load=None)
            plot = gr.Plot(placeholder(far_back.HEIGHT), show_label=False, container=False)
    return [noted, picture, table, named, plot, gr.HTML("", js_on_load=None)]


VIEW = View(
    key="attention-explanation",
    text=read_text(__file__),
    ask=ask,
    data=data,
    draw=lambda: draw,
    inputs=inputs,
    stage=stage,
    button="Explain",
    examples=EXAMPLES,
    runs_on=("taken", "layer", "model"),
    folded=("layer",),
    stopped="Stopped; what was shown before stays.",
)
