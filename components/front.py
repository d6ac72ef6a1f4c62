"""The front page: a tab for every lab, on the finished example of one of its views."""

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


def front(
    page: gr.Blocks, service: Service, labs: Sequence[Lab], views: Mapping[str, Served]
) -> None:
    """Lay out the page; `views` by their keys."""
    host = masthead(page, service, public=False)
    with gr.Tabs(elem_id="views", overflow_behavior="wrap"):
        for lab in labs:
            with gr.Tab(lab.title, id=lab.key, elem_id=f"{lab.key}-tab"):
                lay_out(views[lab.opened], host, above=more(lab))
                gr.HTML(cards(lab, service.catalog), js_on_load=None)


def more(lab: Lab) -> Markup:
    """Links to all views of a lab; the one on this page is marked."""
    links = Markup("").join(
        Markup('<a href="{}?view={}" data-lab="{}" data-view="{}"{}>{}</a>').format(
            lab.key,
            view.key,
            lab.key,
            view.key,
            Markup(' aria-current="true"') if view.key == lab.opened else "",
            view.text.title,
        )
        for view in lab.views
    )
    return Markup('<nav class="more" aria-label="Views of {}">{}</nav>').format(lab.title, links)
