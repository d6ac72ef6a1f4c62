"""attention-cost: what attention takes by the length of the text, measured on this machine."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import gradio as gr
from gradio.components import Component

from components.attention.placing.cost_figures import (
    HEIGHT,
    figures,
    kernel_lines,
    shape_of,
    slopes,
    token_lines,
    told,
)
from components.shared.dials import dial, model_choice
from components.shared.drawing.curves import legend
from components.shared.drawing.figures import placeholder, plot_data
from components.shared.drawing.remark import remark
from components.shared.drawing.spelling import WAITING, note
from components.shared.view import Inputs, View, read_text
from inference.tasks.attention.cost import AttentionCost, AttentionSeconds
from inference.types.options import in_range
from inference.types.waiting import Waiting

if TYPE_CHECKING:
    from inference.catalog import Catalog
    from inference.service import Service

POWER = (4, 20)
EXAMPLES = {
    "2,048 tokens": (11, "storyteller"),
    "A book": (17, "storyteller"),
    "A smaller model": (11, "gpt"),
}


@dataclass(frozen=True)
class Cost:
    """What was measured, and the length for which the sums are done."""

    found: AttentionSeconds
    model: str
    length: int


def ask(
    service: Service, session: str | None, power: float, model: str
) -> Iterator[Waiting | Cost]:
    """Seconds of attention and of a next token. power: the sums are done for 2 to it tokens."""
    in_range("The power", power, POWER)
    title = service.catalog.entry(model, *AttentionCost.needs).title
    for news in service.run(AttentionCost(model=model), session):
        yield news if isinstance(news, Waiting) else Cost(news, title, 2 ** int(power))


def data(cost: Cost) -> dict[str, Any]:
    """Seconds by length, bytes of one layer, slopes, and the sums for one length.

    `slopes` are powers of the length at the three longest lengths.
    """
    found, shape, length = cost.found, shape_of(cost.found), cost.length
    return {
        "note": where(cost),
        "device": found.device,
        "threads": found.threads,
        "lengths": found.lengths.tolist(),
        "written_out": found.written_out.tolist(),
        "fused": found.fused.tolist(),
        "read": found.read.tolist(),
        "without_cache": found.again.tolist(),
        "with_cache": found.cached.tolist(),
        "slopes": slopes(found),
        "sums": {
            "length": length,
            "scores": shape.scores(length),
            "written_out_bytes": shape.written_bytes(length),
            "fused_bytes": shape.fused_bytes(length),
            "cache_bytes": shape.cache_bytes(length),
        },
    }


def where(cost: Cost) -> str:
    """Where it was measured."""
    found = cost.found
    threads = "one torch thread" if found.threads == 1 else f"{found.threads} torch threads"
    return (
        f"{cost.model}, on the machine that serves this page ({found.device.upper()}, {threads}). "
        "Times are measured, memory is counted."
    )


def draw(cost: Cost) -> list[object]:
    """Where it was measured, the legend, three figures, and all of it in numbers."""
    names = ("seconds", "memory", "next-token")
    drawn = [plot_data(one, name) for one, name in zip(figures(cost.found), names, strict=True)]
    return [
        str(note(where(cost))),
        str(legend([*kernel_lines(cost.found), *token_lines(cost.found)])),
        *drawn,
        str(told(cost.found, cost.length)),
    ]


def inputs(catalog: Catalog) -> Inputs:
    return {
        "power": dial("Sums for 2ⁿ tokens, n =", *POWER, 11, 1),
        "model": model_choice(catalog, "time attention"),
    }


def stage() -> list[Component]:
    noted = remark()
    named = gr.HTML('<ul class="curve-legend"></ul>', js_on_load=None)
    with gr.Row(elem_classes="pair"):
        parts = [gr.Plot(placeholder(HEIGHT), show_label=False, container=False) for _ in range(3)]
    return [noted, named, *parts, gr.HTML(WAITING, min_height=HEIGHT, js_on_load=None)]


VIEW = View(
    key="attention-cost",
    text=read_text(__file__),
    ask=ask,
    data=data,
    draw=lambda: draw,
    inputs=inputs,
    stage=stage,
    button="Measure",
    examples=EXAMPLES,
    runs_on=("power", "model"),
)
