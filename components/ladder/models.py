"""ladder-models: one prompt continued by the rungs of the ladder, and how well each predicts."""

from __future__ import annotations

from collections.abc import Iterator

import gradio as gr
from gradio.components import Component

from components.ladder.bars import ladder_bars
from components.shared.dials import dial, dice_seed
from components.shared.frame import WAITING
from components.shared.lane import RANGE_LEGEND, LaneWriter, waiting, written
from components.shared.spelling import note
from components.shared.view import Inputs, View, read_text
from inference.errors import ModelUnavailable
from inference.service import Service
from inference.types import GenerationOptions, LaneOptions
from inference.writers import LADDER, WRITERS

ALL = "all"
RUNGS = {
    name: one.title.removesuffix(", over characters")
    for name, one in WRITERS.items()
    if one.folder.startswith(LADDER)
}
LENGTH = min(WRITERS[name].new for name in RUNGS)
EXAMPLES = {
    "A little ...": ("Once upon a time there was a little",),
    "Inside a word": ("The prin",),
    "A question": ('"Where are you going?" said the wolf.',),
}


def ask(
    service: Service, session: str | None, prompt: str, model: str, length: int, seed: int
) -> Iterator[list[object]]:
    """A note, the measured ladder, and a lane for every rung; all roll the same dice.

    model: a rung, or `ALL` for one after another. The last update is whole, for programs.
    """
    lanes = {name: str(waiting(title, "")) for name, title in RUNGS.items()}
    whole: list[object] = [str(note("")), figures(service), *lanes.values()]
    yield whole
    options = GenerationOptions((LaneOptions("Sampled", sample=True),), length, seed)
    for place, name in enumerate(RUNGS):
        if model not in (name, ALL):
            continue
        updates = service.generate(prompt, options, session, name)
        try:
            for said, lane in written(updates, [LaneWriter(RUNGS[name])]):
                changed: list[object] = [gr.skip()] * len(whole)
                changed[0], changed[2 + place] = said, lane
                whole[2 + place] = lane
                yield changed
        except ModelUnavailable as error:
            if model != ALL:
                raise
            whole[2 + place] = str(waiting(RUNGS[name], note(str(error))))
    yield whole


def figures(service: Service) -> str:
    """The measured ladder as bars, or why there are no figures."""
    try:
        return str(ladder_bars(service.ladder()))
    except ModelUnavailable as error:
        return str(note(str(error)))


def inputs() -> Inputs:
    choices = [("All rungs, one after another", ALL), *((RUNGS[name], name) for name in RUNGS)]
    prompt = gr.Textbox(EXAMPLES["A little ..."][0], label="Prompt", lines=2, max_lines=5)
    return {
        "prompt": prompt,
        "model": gr.Dropdown(choices, value=ALL, label="Rung", filterable=False),
        "length": dial("Length in characters", 8, LENGTH, 64, 8),
        "seed": dice_seed(),
    }


def stage() -> list[Component]:
    gr.HTML(RANGE_LEGEND, js_on_load=None)
    remark = gr.HTML(str(note("")), elem_classes="remark", js_on_load=None)
    with gr.Row(elem_classes="pair"):
        bars = gr.HTML(WAITING, elem_id="ladder", js_on_load=None)
        with gr.Column(elem_id="ladder-lanes", elem_classes="lanes"):
            drawn = [gr.HTML(str(waiting(one, "")), js_on_load=None) for one in RUNGS.values()]
    return [remark, bars, *drawn]


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
