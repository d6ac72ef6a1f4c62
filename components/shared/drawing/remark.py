"""The note of a view above its picture."""

from __future__ import annotations

import gradio as gr
from gradio.components import Component

from components.shared.drawing.spelling import WAITING, note


def remark() -> gr.HTML:
    """Empty at first; a legend in the same stage gives its place to what it says."""
    return gr.HTML(str(note("")), elem_classes="remark", js_on_load=None)


def remark_or(legend: str) -> gr.HTML:
    """The note, in the place of a legend for as long as it says something: nothing moves."""
    with gr.Column(elem_classes="remark-or"):
        gr.HTML(legend, js_on_load=None)
        return remark()


def remark_and_picture(min_height: int) -> list[Component]:
    """A note, and one picture whose height in px is reserved."""
    return [remark(), gr.HTML(WAITING, min_height=min_height, js_on_load=None)]
