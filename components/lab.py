"""The page of a lab: the labs as links, below them a row of views, one in sight."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import gradio as gr
from markupsafe import Markup

from components.masthead import masthead
from components.shared.drawing.cards import cards
from components.shared.events import Served
from components.shared.frame import lay_out
from components.shared.view import Lab

if TYPE_CHECKING:
    from inference.service import Service


def lab_page(
    page: gr.Blocks, service: Service, lab: Lab, labs: Sequence[Lab], views: Mapping[str, Served]
) -> None:
    """Lay out the page of one lab; `views` by their keys."""
    host = masthead(page, service, public=True)
    gr.HTML(tabs(labs, lab), elem_classes="flush", js_on_load=None)
    with gr.Tabs(elem_id="views", elem_classes="views", overflow_behavior="wrap"):
        for view in lab.views:
            with gr.Tab(view.text.title, id=view.key, elem_id=f"{view.key}-tab"):
                lay_out(views[view.key], host)
    gr.HTML(cards(lab, service.catalog), js_on_load=None)


def tabs(labs: Sequence[Lab], here: Lab) -> Markup:
    """Links to the pages of all labs."""
    links = Markup("").join(
        Markup('<a href="{}" data-lab="{}"{}>{}</a>').format(
            lab.key,
            lab.key,
            Markup(' aria-current="page"') if lab == here else "",
            lab.title,
        )
        for lab in labs
    )
    return Markup('<nav class="labs" aria-label="Labs">{}</nav>').format(links)
