"""attention-positions: what attention knows of where tokens stand, by six ways to tell it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import gradio as gr
import numpy as np
from gradio.components import Component

from components.attention.placing.figures import HEIGHT, distance_figure, heat_map, lines, table
from components.attention.placing.placed import HEADS, Placed, of_formula, of_model, offered
from components.attention.placing.schemes import SCHEMES
from components.shared.dials import dial
from components.shared.drawing.curves import legend
from components.shared.drawing.figures import placeholder, plot_data
from components.shared.drawing.remark import remark
from components.shared.drawing.spelling import WAITING, note
from components.shared.view import Inputs, View, read_text
from inference.errors import OrreryError
from inference.tasks.attention.positions import LENGTH, ModelPositions
from inference.types.options import in_range

if TYPE_CHECKING:
    from inference.catalog import Catalog
    from inference.service import Service

OPENING = "fill-in"
POWER, HEAD = (1.0, 7.0), (1, HEADS)
EXAMPLES = {
    "Learned": (OPENING, 128, 4.0, 1),
    "Rotary, its own": ("storyteller", 128, 4.0, 1),
    "Sinusoidal": ("sinusoidal", 128, 4.0, 1),
    "Rotary": ("rotary", 128, 4.0, 1),
    "ALiBi": ("alibi", 128, 4.0, 4),
    "Buckets": ("relative", 256, 4.0, 1),
    "Window": ("window", 128, 4.0, 1),
    "Too long": ("fill-in", 192, 4.0, 1),
}


def ask(
    service: Service, session: str | None, scheme: str, length: float, power: float, which: float
) -> Placed:
    """One way of positions over `length` tokens. Raises OrreryError.

    power: the base of waves and turns is 10 to it. which: the head whose map it is, from 1.
    """
    in_range("The length", length, LENGTH)
    in_range("The power of the base", power, POWER)
    in_range("The head", which, HEAD)
    count, base, place = int(length), float(10**power), int(which)
    if scheme in SCHEMES:
        return of_formula(scheme, count, base, place)
    models = offered(service.catalog)
    if scheme not in models:
        raise OrreryError(f"The way is one of {', '.join((*models, *SCHEMES))}.")
    states = service.answer(ModelPositions(model=scheme, length=count), session)
    return of_model(scheme, models[scheme], states, count, base, place)


def data(placed: Placed) -> dict[str, Any]:
    """The map, and the chosen head's curve with the least and the most of every distance.

    Positions count from 1; the map holds every `step`th of them, null where nothing may be read.
    `heads` has the mean of every head by distance, `spread` says how much scores of one distance
    differ, as a share of all: 0 where distance says all.
    """
    chosen = placed.curves[placed.head - 1]
    return {
        "note": placed.note,
        "scheme": placed.key,
        "title": placed.title,
        "unit": placed.unit,
        "said": placed.said,
        "head": placed.head,
        "trained": placed.trained or None,
        "step": placed.step,
        "map": [[None if np.isnan(one) else one for one in row] for row in placed.map.tolist()],
        "distances": chosen.distances.tolist(),
        "mean": chosen.mean.tolist(),
        "least": chosen.least.tolist(),
        "most": chosen.most.tolist(),
        "heads": [one.mean.tolist() for one in placed.curves],
        "spread": placed.spread,
    }


def draw(placed: Placed) -> list[object]:
    """A note, the legend, the map, the curves, and both in words and numbers."""
    return [
        str(note(placed.note)),
        str(legend(lines(placed))),
        plot_data(heat_map(placed), "positions"),
        plot_data(distance_figure(placed), "by-distance"),
        str(table(placed)),
    ]


def inputs(catalog: Catalog) -> Inputs:
    choices = [(title, name) for name, title in offered(catalog).items()]
    choices += [(f"Formula: {one.title}", key) for key, one in SCHEMES.items()]
    scheme, length, power, which = EXAMPLES["Learned"]
    return {
        "scheme": gr.Dropdown(choices, value=scheme, label="Positions", filterable=False),
        "length": dial("Length in tokens", *LENGTH, length, 16),
        "power": dial("Base: 10 to the power of", *POWER, power, 0.25),
        "which": dial("Head", *HEAD, which, 1),
    }


def stage() -> list[Component]:
    noted = remark()
    named = gr.HTML('<ul class="curve-legend"></ul>', js_on_load=None)
    with gr.Row(elem_classes="pair"):
        parts = [gr.Plot(placeholder(HEIGHT), show_label=False, container=False) for _ in range(2)]
    return [noted, named, *parts, gr.HTML(WAITING, min_height=150, js_on_load=None)]


VIEW = View(
    key="attention-positions",
    text=read_text(__file__),
    ask=ask,
    data=data,
    draw=lambda: draw,
    inputs=inputs,
    stage=stage,
    button="Draw",
    examples=EXAMPLES,
    runs_on=("scheme", "length", "power", "which"),
)
