"""The frame that every tab uses: what can be seen, controls, stage, and what to look for."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import gradio as gr
from markupsafe import Markup

WAITING = (
    '<p class="waiting">Nothing to show yet. The first result takes a few seconds while the model '
    "is loaded; if it cannot be loaded, the line at the top says why.</p>"
)


@dataclass(frozen=True)
class View:
    """What a tab says about itself."""

    key: str
    """Names the tab in links and element ids."""
    title: str
    lead: str
    """One sentence or two: what can be seen here."""
    look_for: tuple[tuple[str, str], ...]
    """Questions for the room, each with its answer."""


@contextmanager
def frame(view: View) -> Iterator[tuple[gr.Column, gr.Column, gr.Column]]:
    """Lay out one tab; fill the columns it yields: (controls, stage, detail below them)."""
    gr.HTML(Markup('<p class="lead">{}</p>').format(view.lead), js_on_load=None)
    with gr.Row(elem_classes="frame", elem_id=f"{view.key}-view", equal_height=False):
        with gr.Column(scale=0, min_width=280, elem_classes="controls") as controls:
            pass
        with gr.Column(scale=1, min_width=320, elem_classes="stage") as stage:
            pass
    with gr.Column(elem_classes="below") as below:
        pass
    yield controls, stage, below
    gr.HTML(look_for(view), js_on_load=None)


def look_for(view: View) -> Markup:
    """Questions with folded answers, so that a room can think first."""
    items = Markup("").join(
        Markup("<details><summary>{}</summary><p>{}</p></details>").format(question, answer)
        for question, answer in view.look_for
    )
    return Markup('<section class="look-for"><h2>What to look for</h2>{}</section>').format(items)
