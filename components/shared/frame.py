"""The frame of every view: lead, controls, stage, what stands below, and questions."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import gradio as gr
from gradio.components import Component
from gradio.helpers import Examples
from markupsafe import Markup

from components.shared.events import Host, Parts, Served, wire
from components.shared.links import take_away
from components.shared.view import Inputs, Text, View

NOTHING = Markup()
FOLD = Markup('<button type="button" data-fold aria-expanded="false">{}</button>')
"""That of all settings is seen on a phone alone."""


def lay_out(served: Served, host: Host, above: Markup = NOTHING) -> None:
    """Lay out a view and wire it; `above` stands before its lead."""
    view = served.view
    lead = Markup('<p class="lead">{}</p>').format(view.text.lead)
    gr.HTML(above + lead, elem_classes="flush", js_on_load=None)
    with gr.Row(elem_classes="frame", elem_id=f"{view.key}-view", equal_height=False):
        with gr.Column(scale=0, min_width=280, elem_classes="controls"):
            inputs = view.inputs(served.catalog)
            for name, part in inputs.items():
                part.elem_id = part.elem_id or f"{view.key}-{name}"
            button, stop = buttons(view)
            if view.aside is not None:
                view.aside()
            dials(view, inputs)
            chips = examples(view, inputs)
            download, python = take_away(view.key, inputs, view.python is not None)
            opener = gr.Button("Open", elem_id=f"{view.key}-open", visible="hidden")
            data = gr.JSON(visible=False)  # hidden, it would draw the whole value
            typed = typing(view, inputs) if view.typed else None
        with gr.Column(scale=1, min_width=320, elem_classes="stage"):
            outputs = view.stage()
    with gr.Column(elem_classes="below"):
        if view.below is not None:
            view.below()
    gr.HTML(questions(view.text), js_on_load=None)
    taken = (opener, chips, download, data, python, typed)
    wire(served, Parts(inputs, outputs, button, stop, *taken), host)


def typing(view: View, inputs: Inputs) -> gr.Button:
    """Not in sight: js/asking.js presses it a moment after something was typed in these texts."""
    for name in view.typed:
        inputs[name].elem_classes = [*inputs[name].elem_classes, "typed"]
    return gr.Button("Typed", elem_id=f"{view.key}-typed", visible="hidden")


def buttons(view: View) -> tuple[gr.Button, gr.Button | None]:
    """The button that runs the view, beside it the one that stops it where there is one."""
    run: dict[str, Any] = {"variant": "primary", "elem_id": f"{view.key}-run"}
    if not view.stopped:
        return gr.Button(view.button, **run), None
    with gr.Row(elem_classes="buttons"):
        start = gr.Button(view.button, scale=2, min_width=80, **run)
        return start, gr.Button("Stop", min_width=80, elem_id=f"{view.key}-stop")


def dials(view: View, inputs: Inputs) -> None:
    """Move the inputs that no example fills, and `view.dials`, below the button: a phone folds
    them."""
    asked = list(inputs)[: len(next(iter(view.examples.values())))]
    rest = {name: inputs[name] for name in inputs if name not in asked or name in view.dials}
    if not rest:
        return
    rare = [part for name, part in rest.items() if name in view.folded]
    with gr.Column(elem_classes="dials", elem_id=f"{view.key}-dials"):
        gr.HTML(FOLD.format("Settings"), elem_classes="flush fold", js_on_load=None)
        _move(part for part in rest.values() if part not in rare)
        if rare:
            with gr.Column(elem_classes="rare"):
                gr.HTML(FOLD.format("More"), elem_classes="flush unfold", js_on_load=None)
                _move(rare)


def _move(parts: Iterable[Component]) -> None:
    """Let parts stand here instead of where they were made."""
    for part in parts:
        part.unrender()  # type: ignore[no-untyped-call]
        part.render()  # type: ignore[no-untyped-call]


def examples(view: View, inputs: Inputs) -> Examples:
    """Chips that fill the first inputs."""
    rows = [list(row) for row in view.examples.values()]
    parts: list[Component] = list(inputs.values())[: len(rows[0])]
    chips: Examples = gr.Examples(
        rows,
        parts,
        example_labels=list(view.examples),
        label=view.chips,
        elem_id=f"{view.key}-examples",
        cache_examples=False,
        api_visibility="private",
    )
    return chips


def questions(text: Text) -> Markup:
    """Questions with folded answers, so that a room can think first."""
    items = Markup("").join(
        Markup("<details><summary>{}</summary><p>{}</p></details>").format(question, answer)
        for question, answer in text.questions
    )
    return Markup('<section class="look-for"><h2>What to look for</h2>{}</section>').format(items)
