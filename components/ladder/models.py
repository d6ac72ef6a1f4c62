"""ladder-models: one prompt continued by the rungs of the ladder, and how well each predicts."""

from __future__ import annotations

from collections.abc import Iterator

import gradio as gr
from gradio.components import Component
from gradio.components.plot import PlotData

from components.ladder.bars import ladder_figure, ladder_table
from components.shared.dials import dial, dice_seed
from components.shared.figures import bars_height, placeholder, plot_data
from components.shared.frame import WAITING
from components.shared.lane import RANGE_LEGEND, LaneWriter, waiting, written
from components.shared.spelling import note
from components.shared.view import Inputs, View, read_text
from inference.catalog import COLLECTION, Catalog
from inference.errors import ModelUnavailable
from inference.service import Service
from inference.tasks.generate import Generate
from inference.types import NEW_TOKENS, GenerationOptions, LaneOptions

ALL = "all"
RUNGS = {
    one.name: one.title.removesuffix(", over characters")
    for one in COLLECTION
    if one.kind == "ladder"
}
BEFORE = 3  # outputs before the lanes
EXAMPLES = {
    "A little ...": ("Once upon a time there was a little",),
    "Inside a word": ("The prin",),
    "A question": ('"Where are you going?" said the wolf.',),
}


def ask(
    service: Service, session: str | None, prompt: str, model: str, length: int, seed: int
) -> Iterator[list[object]]:
    """A note, the measured ladder as a figure and a table, and a lane for every rung.

    All lanes roll the same dice.

    model: a rung, or `ALL` for one after another. The last update is whole, for programs.
    """
    lanes = {name: str(waiting(title, "")) for name, title in RUNGS.items()}
    whole: list[object] = [str(note("")), *measured(service), *lanes.values()]
    yield whole
    options = GenerationOptions((LaneOptions("Sampled", sample=True),), length, seed)
    for place, name in enumerate(RUNGS):
        if model not in (name, ALL):
            continue
        updates = service.run(Generate(prompt, name, options), session)
        try:
            for said, lane in written(updates, [LaneWriter(RUNGS[name])]):
                changed: list[object] = [gr.skip()] * len(whole)
                changed[0], changed[BEFORE + place] = said, lane
                whole[BEFORE + place] = lane
                yield changed
        except ModelUnavailable as error:
            if model != ALL:
                raise
            whole[BEFORE + place] = str(waiting(RUNGS[name], note(str(error))))
    yield whole


def measured(service: Service) -> tuple[PlotData, str]:
    """The measured ladder as a figure and a table, or why it cannot be read."""
    try:
        rungs = service.ladder()
    except ModelUnavailable as error:
        return placeholder(bars_height(len(RUNGS))), str(note(str(error)))
    return plot_data(ladder_figure(rungs), "ladder"), str(ladder_table(rungs))


def inputs(catalog: Catalog) -> Inputs:
    choices = [("All rungs, one after another", ALL), *((RUNGS[name], name) for name in RUNGS)]
    prompt = gr.Textbox(EXAMPLES["A little ..."][0], label="Prompt", lines=2, max_lines=5)
    return {
        "prompt": prompt,
        "model": gr.Dropdown(choices, value=ALL, label="Rung", filterable=False),
        "length": dial("Length in characters", 8, NEW_TOKENS[1], 64, 8),
        "seed": dice_seed(),
    }


def stage() -> list[Component]:
    gr.HTML(RANGE_LEGEND, js_on_load=None)
    remark = gr.HTML(str(note("")), elem_classes="remark", js_on_load=None)
    with gr.Row(elem_classes="pair"):
        with gr.Column(elem_id="ladder"):
            bars = gr.Plot(placeholder(bars_height(len(RUNGS))), show_label=False, container=False)
            table = gr.HTML(WAITING, js_on_load=None)
        with gr.Column(elem_id="ladder-lanes", elem_classes="lanes"):
            drawn = [gr.HTML(str(waiting(one, "")), js_on_load=None) for one in RUNGS.values()]
    return [remark, bars, table, *drawn]


VIEW = View(
    key="ladder-models",
    text=read_text(__file__),
    ask=ask,
    inputs=inputs,
    stage=stage,
    button="Run",
    examples=EXAMPLES,
    stopped="Stopped; what was written so far stays.",
)
