"""The note of a view above its picture."""

from __future__ import annotations

import gradio as gr
from gradio.components import Component

from components.shared.drawing.spelling import WAITING, note


def remark() -> gr.HTML:
    """Empty at first; a legend in the same stage gives its place to what it says."""
    return gr.HTML(str(note("")), elem_classes="remark", js_on_load=None)


def remark_and_picture(min_height: int) -> list[Component]:
    """A note, and one picture whose height in px is reserved."""
    return [remark(), gr.HTML(WAITING, min_height=min_height, js_on_load=None)]
