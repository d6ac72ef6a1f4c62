"""ladder-dimensions: why counting longer n-grams stops helping, and how a model backs off."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

import gradio as gr
from gradio.components import Component

from components.ladder.counts.backing import Mixed, mixed, mixture_bars, orders_table
from components.ladder.counts.growth import HEIGHT, growth_figure, growth_table
from components.shared.drawing.figures import placeholder, plot_data
from components.shared.drawing.remark import remark
from components.shared.drawing.spelling import WAITING, note
from components.shared.view import Inputs, View, read_text
from inference.errors import ModelUnavailable
from inference.rungs import NGrams
from inference.tasks.ladder.back_off import BackOff
from inference.types.waiting import Waiting

if TYPE_CHECKING:
    from inference.catalog import Catalog
    from inference.service import Service

EXAMPLES = {
    "Often": ("Once upon a time there was a prin",),
    "Seldom": ("the queen of the xyl",),
    "Never": ("She wrote Qzx",),
    "One letter": ("q",),
}


@dataclass(frozen=True)
class Dimensions:
    """The n-grams by their length, and how the 5-gram backs off after a text."""

    rows: tuple[NGrams, ...]
    missing: str
    """Why the figures cannot be read; empty where they can."""
    mix: Mixed


def ask(service: Service, session: str | None, text: str) -> Iterator[Waiting | Dimensions]:
    """The measured n-grams, and what every order of the 5-gram says after a text."""
    try:
        rows, missing = service.dimensions(), ""
    except ModelUnavailable as error:
        rows, missing = (), str(error)
    for news in service.run(BackOff(text), session):
        yield news if isinstance(news, Waiting) else Dimensions(rows, missing, mixed(news))


def data(value: Dimensions) -> dict[str, Any]:
    """The n-grams, what each order knows, and the parts that it adds to every character."""
    found = value.mix.found
    return {
        "note": found.tokens.note,
        "ngrams": [asdict(row) for row in value.rows],
        "characters": [piece.decode("utf-8", errors="replace") for piece in found.pieces],
        "orders": [
            {
                "order": order.order,
                "counts": order.counts.tolist(),
                "discounts": list(order.discounts),
                "left": order.left,
            }
            for order in found.orders
        ],
        "parts": value.mix.parts.tolist(),
        "probabilities": value.mix.chances.tolist(),
    }


def draw(value: Dimensions) -> list[object]:
    """A note, the growth as figure and table, the orders, and the bars."""
    said = " ".join(filter(None, (value.missing, value.mix.found.tokens.note)))
    figure = placeholder(HEIGHT)
    if value.rows:
        figure = plot_data(growth_figure(value.rows), "n-grams")
    return [
        str(note(said)),
        figure,
        str(growth_table(value.rows)),
        str(orders_table(value.mix)),
        str(mixture_bars(value.mix)),
    ]


def inputs(catalog: Catalog) -> Inputs:
    return {"text": gr.Textbox(EXAMPLES["Often"][0], label="After", lines=2, max_lines=5)}


def stage() -> list[Component]:
    noted = remark()
    with gr.Row(elem_classes="pair"):
        plot = gr.Plot(placeholder(HEIGHT), show_label=False, container=False)
        table = gr.HTML(WAITING, min_height=HEIGHT, js_on_load=None)
    with gr.Row(elem_classes="pair"):
        orders, bars = (gr.HTML(min_height=250, js_on_load=None) for _ in range(2))
    return [noted, plot, table, orders, bars]


VIEW = View(
    key="ladder-dimensions",
    text=read_text(__file__),
    ask=ask,
    data=data,
    draw=lambda: draw,
    inputs=inputs,
    stage=stage,
    button="Back off",
    examples=EXAMPLES,
)
