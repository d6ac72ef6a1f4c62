"""ladder-models: one prompt continued by the rungs of the ladder, and how well each predicts."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, replace
from typing import TYPE_CHECKING, Any

import gradio as gr
from gradio.components import Component

from components.ladder.bars import ladder_figure, ladder_table
from components.shared.dials import dial, dice_seed
from components.shared.drawing.figures import bars_height, placeholder, plot_data
from components.shared.drawing.lane import RANGE_LEGEND, LaneWriter, waiting
from components.shared.drawing.lane_data import lane_data, prompt_data
from components.shared.drawing.spelling import WAITING, note
from components.shared.view import Inputs, View, read_text
from inference.catalog import Catalog
from inference.collection import COLLECTION
from inference.errors import ModelUnavailable
from inference.tasks.generate import Generate
from inference.types import (
    NEW_TOKENS,
    Generation,
    GenerationOptions,
    LaneOptions,
    Rung,
    Waiting,
)

if TYPE_CHECKING:
    from inference.service import Service

ALL = "all"
RUNGS = {
    one.name: one.title.removesuffix(", over characters")
    for one in COLLECTION
    if one.kind == "ladder"
}
EXAMPLES = {
    "A little ...": ("Once upon a time there was a little",),
    "Inside a word": ("The prin",),
    "A question": ('"Where are you going?" said the wolf.',),
}


@dataclass(frozen=True)
class Climb:
    """The measured ladder, and what its rungs have written of one prompt."""

    rungs: tuple[Rung, ...]
    missing: str
    """Why the measured figures cannot be read; empty where they can."""
    written: Mapping[str, Generation | str]
    """By the names of rungs; a sentence where one cannot be asked."""
    waiting: Waiting


def ask(
    service: Service, session: str | None, prompt: str, model: str, length: int, seed: int
) -> Iterator[Climb]:
    """The measured ladder, and a lane for every rung. All lanes roll the same dice.

    model: a rung, or `ALL` for one after another.
    """
    climb = Climb(*measured(service), {}, Waiting())
    yield climb
    options = GenerationOptions((LaneOptions("Sampled", sample=True),), length, seed)
    for name in RUNGS:
        if model not in (name, ALL):
            continue
        try:
            for news in service.run(Generate(prompt, name, options), session):
                if isinstance(news, Waiting):
                    climb = replace(climb, waiting=news)
                else:
                    climb = replace(climb, waiting=Waiting(), written={**climb.written, name: news})
                yield climb
        except ModelUnavailable as error:
            if model != ALL:
                raise
            climb = replace(climb, written={**climb.written, name: str(error)})
    yield climb


def measured(service: Service) -> tuple[tuple[Rung, ...], str]:
    """The measured ladder, or why it cannot be read."""
    try:
        return service.ladder(), ""
    except ModelUnavailable as error:
        return (), str(error)


def data(climb: Climb) -> dict[str, Any]:
    """The measured rungs, and a lane for each that was asked, or why it could not be."""
    return {
        "rungs": [asdict(rung) for rung in climb.rungs],
        "lanes": [
            {"model": name, "note": found}
            if isinstance(found, str)
            else {"model": name, **prompt_data(found), **lane_data(found.lanes[0], found)}
            for name, found in climb.written.items()
        ],
    }


class Drawing:
    """A note, the measured ladder as a figure and a table, and a lane for every rung.

    Of an update only what has changed is drawn.
    """

    def __init__(self) -> None:
        self._writers = {name: LaneWriter(title) for name, title in RUNGS.items()}
        self._last: Climb | None = None

    def __call__(self, climb: Climb) -> list[object]:
        last, self._last = self._last, climb
        lanes: list[object] = [
            gr.skip() if last and last.written.get(name) is found else self._lane(name, found)
            for name, found in ((name, climb.written.get(name)) for name in RUNGS)
        ]
        notes = [one.note for one in climb.written.values() if not isinstance(one, str)]
        said = climb.waiting.sentence or (notes[-1] if notes else "")
        ladder = [gr.skip(), gr.skip()] if last else bars_and_table(climb)
        return [str(note(said)), *ladder, *lanes]

    def _lane(self, name: str, found: Generation | str | None) -> str:
        if isinstance(found, Generation):
            return str(self._writers[name].draw(found, 0))
        return str(waiting(RUNGS[name], note(found) if found else ""))


def bars_and_table(climb: Climb) -> list[object]:
    """The measured ladder as a figure and a table, or why it cannot be read."""
    if climb.missing:
        return [placeholder(bars_height(len(RUNGS))), str(note(climb.missing))]
    figure = plot_data(ladder_figure(climb.rungs), "ladder")
    return [figure, str(ladder_table(climb.rungs))]


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
    data=data,
    draw=Drawing,
    inputs=inputs,
    stage=stage,
    button="Run",
    examples=EXAMPLES,
    stopped="Stopped; what was written so far stays.",
)
