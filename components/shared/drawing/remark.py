"""The note of a view above its picture."""

from __future__ import annotations

import gradio as gr
from gradio.components import Component

from components.shared.drawing.spelling import WAITING, note


def remark() -> gr.HTML:
    """Empty at first, in a line that is kept for it."""
    return gr.HTML(str(note("")), elem_classes="remark", js_on_load=None)


def remark_or(legend: str) -> gr.HTML:
    """The note, in the place of a legend for as long as it says something: nothing moves."""
    with gr.Column(elem_classes="remark-or"):
        gr.HTML(legend, js_on_load=None)
        return remark()


def remark_and_picture(min_height: int, legend: str = "") -> list[Component]:
    """A note, in the place of the legend if there is one, and a picture of a height kept in px."""
    noted = remark_or(legend) if legend else remark()
    return [noted, gr.HTML(WAITING, min_height=min_height, js_on_load=None)]
