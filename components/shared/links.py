"""Taking a view away: a link that restores its inputs, its value as a file, and a program."""

from __future__ import annotations

import json
from collections.abc import Mapping

import gradio as gr
from gradio.components import Component


def take_away(
    key: str, inputs: Mapping[str, Component], program: bool
) -> tuple[gr.Button, gr.Button | None]:
    """Buttons: the inputs as a link to copy or bookmark; and Download and, for a view that has a
    program, Copy as Python, which are returned."""
    with gr.Row(elem_classes="take-away"):
        link = gr.Button("Link to this", size="sm", min_width=80)
        download = gr.Button("Download", size="sm", min_width=80, elem_id=f"{key}-download")
        python = None
        if program:
            named = f"{key}-python"
            python = gr.Button("Copy as Python", size="sm", min_width=120, elem_id=named)
    address = gr.HTML('<p class="address" aria-live="polite"></p>', js_on_load=None)
    link.click(
        None,
        list(inputs.values()),
        [address],
        js=f"(...values) => orrery.link({spec(key, inputs)}, values)",
        api_visibility="private",
    )
    return download, python


def spec(key: str, inputs: Mapping[str, Component]) -> str:
    """What a link to this view may set, as JSON for links.js."""
    return json.dumps([key, [limits(name, part) for name, part in inputs.items()]])


def limits(name: str, part: Component) -> list[object]:
    """[name, lowest, highest, step] of a number, [name, choices], [name, null, id, empty] of text.

    empty: it is so unless somebody writes into it, and a link leaves it out then.

    Of a list that takes models that were trained here, what they must be able to do comes after
    the choices, and then the choices again with their titles.
    """
    if isinstance(part, gr.Radio | gr.Dropdown):
        values = [value for _, value in part.choices]
        can = getattr(part, "trained", None)
        return [name, values, can, part.choices] if can else [name, values]
    if isinstance(part, (gr.Slider, gr.Number)):
        return [name, part.minimum, part.maximum, part.step]
    return [name, None, part.elem_id, not part.value]
