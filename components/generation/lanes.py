"""generation-lanes: one prompt, two to six ways of choosing the next token."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

import gradio as gr
from gradio.components import Component
from markupsafe import Markup

from components.generation import own_lanes, side_by_side
from components.generation.own_lanes import OwnLane
from components.generation.side_by_side import SideBySide
from components.generation.snippet import lanes_program
from components.shared.dials import dial, dice_seed, model_choice
from components.shared.drawing import lane as parts
from components.shared.drawing.remark import remark_or
from components.shared.drawing.spelling import WAITING
from components.shared.view import Inputs, View, read_text
from inference.catalog import Catalog
from inference.tasks.generate import Generate
from inference.types.options import BEAMS, FILTERS, NEW_TOKENS, GenerationOptions, five_lanes
from inference.types.waiting import Waiting

if TYPE_CHECKING:
    from inference.service import Service

EXAMPLES = {
    "A little ...": ("Once upon a time there was a little",),
    "Certain": ("Once upon",),
    "Open": ("In the middle of the",),
    "Tom and his dog": ("One day, Tom and his dog",),
}
LEGEND = Markup(
    '<div class="legend"><span>under the text: its probability</span>{}'
    '<span><b class="fork">▲</b> first token that differs from the first lane</span></div>'
).format(parts.RANGE)
LOCKSTEP = Markup('<div class="lockstep" data-widget="lockstep"></div>')
DETAIL = Markup(
    '<section class="detail" data-widget="detail" data-lanes="generation-lanes" '
    'aria-live="off"></section>'
)


def ask(
    service: Service,
    session: str | None,
    prompt: str,
    model: str,
    temperature: float,
    k: int,
    p: float,
    beams: int,
    length: int,
    seed: int,
    own: str | None,
) -> Iterator[Waiting | SideBySide]:
    """The lanes, again and again as they grow: the five by their dials, or those of `own`."""
    lanes = strategies(model, temperature, k, p, beams, own)
    asked = tasks(lanes, prompt, length, seed)
    chosen = bool(own_lanes.read(own))
    yield from side_by_side.written(service, session, lanes, asked, chosen)


def strategies(
    model: str, temperature: float, k: int, p: float, beams: int, own: str | None
) -> tuple[OwnLane, ...]:
    """The lanes that are asked for. Raises OrreryError."""
    five = (OwnLane(model, one) for one in five_lanes(temperature, k, p, beams))
    return own_lanes.read(own) or tuple(five)


def tasks(lanes: Sequence[OwnLane], prompt: str, length: int, seed: int) -> list[Generate]:
    """A question to each model: all its lanes."""
    return [
        Generate(
            prompt,
            model,
            GenerationOptions(
                tuple(one.options for one in lanes if one.model == model), length, seed
            ),
        )
        for model in dict.fromkeys(one.model for one in lanes)
    ]


def python(service: Service, prompt: str, *asked: Any) -> str:
    """The greedy and the beam lanes as a program for plain `transformers`."""
    model, temperature, k, p, beams, length, seed, own = asked
    lanes = strategies(model, temperature, k, p, beams, own)
    return lanes_program(service, tasks(lanes, prompt, length, seed))


def inputs(catalog: Catalog) -> Inputs:
    prompt = gr.Textbox(EXAMPLES["A little ..."][0], label="Prompt", lines=2, max_lines=5)
    return {
        "prompt": prompt,
        "model": model_choice(catalog),
        "temperature": dial("Temperature", *FILTERS["temperature"].limits, 0.8, 0.1),
        "k": dial("Top-k", 1, 200, 40, 1),
        "p": dial("Top-p", 0.05, 1.0, 0.9, 0.05),
        "beams": dial("Beams", *BEAMS, 4, 1),
        "length": dial("Length in tokens", 8, NEW_TOKENS[1], 24, 8),
        "seed": dice_seed(),
        "own": gr.Textbox("", label="Lanes of your own", visible="hidden"),
    }


def stage() -> list[Component]:
    noted = remark_or(LEGEND)
    gr.HTML(LOCKSTEP, elem_classes="steering", js_on_load=None)
    with gr.Column(elem_id="generation-lanes", elem_classes="lanes"):
        names = [options.name for options in five_lanes()]
        names += [""] * (own_lanes.COUNT[1] - len(names))
        drawn = [str(parts.waiting(name, WAITING)) if name else "" for name in names]
        lanes = [gr.HTML(one, js_on_load=None) for one in drawn]
        editor = gr.HTML("", elem_classes="editor", js_on_load=None)
    return [noted, *lanes, editor]


def candidates() -> None:
    """The candidates of the picked step, drawn in the browser."""
    gr.HTML(DETAIL, js_on_load=None)


VIEW = View(
    key="generation-lanes",
    text=read_text(__file__),
    ask=ask,
    data=side_by_side.data,
    draw=side_by_side.Drawing,
    inputs=inputs,
    stage=stage,
    button="Run",
    examples=EXAMPLES,
    stopped="Stopped; what was written so far stays.",
    below=candidates,
    python=python,
)
