"""generation-lanes: one prompt, five ways of choosing the next token."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import gradio as gr
from gradio.components import Component
from markupsafe import Markup

from components.generation.snippet import lanes_program
from components.shared.dials import dial, dice_seed, model_choice
from components.shared.drawing import lane as parts
from components.shared.drawing.lane_data import lane_data, prompt_data
from components.shared.drawing.remark import remark
from components.shared.drawing.spelling import WAITING, note
from components.shared.view import Inputs, View, read_text
from inference import types
from inference.catalog import Catalog
from inference.tasks.generate import Generate
from inference.types import Generation, GenerationOptions, Waiting, five_lanes

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
    '<span><b class="fork">▲</b> first token that differs from greedy</span></div>'
).format(parts.RANGE)
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
) -> Iterator[Waiting | Generation]:
    """Five lanes, again and again as they grow."""
    yield from service.run(task(prompt, model, temperature, k, p, beams, length, seed), session)


def task(
    prompt: str,
    model: str,
    temperature: float,
    k: int,
    p: float,
    beams: int,
    length: int,
    seed: int,
) -> Generate:
    """The question to the model."""
    options = GenerationOptions(five_lanes(temperature, k, p, beams), length, seed)
    return Generate(prompt, model, options)


def data(generation: Generation) -> dict[str, Any]:
    """The prompt and all lanes."""
    named = zip(titles(generation), generation.lanes, strict=True)
    lanes = [{"strategy": title, **lane_data(state, generation)} for title, state in named]
    return {**prompt_data(generation), "lanes": lanes}


def python(service: Service, *asked: Any) -> str:
    """The greedy and the beam lane as a program for plain `transformers`."""
    return lanes_program(service, [task(*asked)])


class Drawing:
    """A note and five lanes; what stays of a lane is drawn only once."""

    def __init__(self) -> None:
        self._writers: list[parts.LaneWriter] = []

    def __call__(self, generation: Generation) -> list[object]:
        self._writers = self._writers or [parts.LaneWriter(one) for one in titles(generation)]
        drawn = [str(one.draw(generation, i)) for i, one in enumerate(self._writers)]
        return [str(note(generation.note)), *drawn]


def titles(generation: Generation) -> list[str]:
    """Every lane's name with its one dial."""
    _, warm, top_k, top_p, beam = (lane.options for lane in generation.lanes)
    return [
        "Greedy",
        f"Temperature {warm.temperature:g}",
        f"Top-k {top_k.top_k}",
        f"Top-p {top_p.top_p:g}",
        f"Beam {beam.beams}",
    ]


def inputs(catalog: Catalog) -> Inputs:
    prompt = gr.Textbox(EXAMPLES["A little ..."][0], label="Prompt", lines=2, max_lines=5)
    return {
        "prompt": prompt,
        "model": model_choice(catalog),
        "temperature": dial("Temperature", *types.FILTERS["temperature"].limits, 0.8, 0.1),
        "k": dial("Top-k", 1, 200, 40, 1),
        "p": dial("Top-p", 0.05, 1.0, 0.9, 0.05),
        "beams": dial("Beams", *types.BEAMS, 4, 1),
        "length": dial("Length in tokens", 8, types.NEW_TOKENS[1], 24, 8),
        "seed": dice_seed(),
    }


def stage() -> list[Component]:
    gr.HTML(LEGEND, js_on_load=None)
    noted = remark()
    with gr.Column(elem_id="generation-lanes", elem_classes="lanes"):
        names = [options.name for options in five_lanes()]
        drawn = [gr.HTML(str(parts.waiting(name, WAITING)), js_on_load=None) for name in names]
    return [noted, *drawn]


def candidates() -> None:
    """The candidates of the picked step, drawn in the browser."""
    gr.HTML(DETAIL, js_on_load=None)


VIEW = View(
    key="generation-lanes",
    text=read_text(__file__),
    ask=ask,
    data=data,
    draw=Drawing,
    inputs=inputs,
    stage=stage,
    button="Run",
    examples=EXAMPLES,
    stopped="Stopped; what was written so far stays.",
    below=candidates,
    python=python,
)
