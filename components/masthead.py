"""What stands above every page: the name, the Lecture switch, and the status line."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import gradio as gr
from markupsafe import Markup

from components.shared.events import Host
from inference.status import ModelStatus, ServiceStatus

if TYPE_CHECKING:
    from inference.lent.backend import LendingBackend
    from inference.service import Service

HEADER = Markup(
    '<header class="masthead"><h1><a href="." data-lab="">Orrery</a></h1>'
    '<button type="button" class="lecture" aria-pressed="false" '
    'title="Larger text and only the stage; remembered in the link">Lecture</button></header>'
)

LENT = "for the runs of this page: each takes seconds of your daily time there, and 15 must be left"


def masthead(page: gr.Blocks, service: Service, public: bool) -> Host:
    """Lay out the top of a page; its status line is brought up to date when the page loads."""
    with gr.Row(elem_classes="top"):
        gr.HTML(HEADER, js_on_load=None)
        status = gr.HTML(status_line(service.status), elem_id="status", js_on_load=None)

    if service.lending is not None:
        lent_gpu(service.lending)

    async def settled() -> str:
        return status_line(await service.settled())

    page.load(
        settled,
        outputs=status,
        queue=False,
        show_progress="hidden",
        api_visibility="private",
    )
    return Host(status, settled, public)


def lent_gpu(lending: LendingBackend) -> None:
    """Where a GPU can be lent, the choice of this page: it is the visitor's time that is used."""
    box = gr.Checkbox(label="Lend me a GPU", info=LENT, elem_id="lent", container=False)

    def ask(request: gr.Request, wanted: bool) -> None:
        lending.ask(str(request.session_hash), wanted)

    box.input(ask, box, queue=False, show_progress="hidden", api_visibility="private")


def status_line(status: ServiceStatus) -> str:
    """Models, device, load and speed, in one line; unavailable models with their reason."""
    facts = [status.device.upper() if status.device != "starting" else "starting"]
    if status.dtype not in ("", "float32"):  # less exact numbers are worth a word
        facts[0] += f", {status.dtype}"
    facts += [f"loading {model.name}" for model in status.models if model.loading]
    facts.append("nobody ahead" if not status.waiting else f"{status.waiting} at work")
    if status.tokens_per_second:
        facts.append(f"{status.tokens_per_second:,.0f} tokens/s")
    remark = Markup('<p class="missing">{}</p>').format(status.note) if status.note else Markup("")
    missing = Markup("").join(
        Markup('<p class="missing">{} is not available: {}</p>').format(model.name, model.reason)
        for model in status.models
        if not model.available
    )
    loaded = [model for model in status.models if model.loaded and model.megabytes]
    if loaded:
        facts.insert(0, in_short(loaded))
    line = Markup('<p class="facts" title="{}">{}</p>').format(
        "Loaded: " + (", ".join(model.name for model in loaded) or "no model yet"),
        " · ".join(facts),
    )
    return str(line + remark + missing)


def in_short(loaded: Sequence[ModelStatus]) -> str:
    """The models that can write: one or two by name, of more how many, so that it stays a line."""
    first, *others = loaded
    name = f"{first.name}, {first.parameters / 1e6:.1f} M" if first.parameters else first.name
    if not others:
        return name
    more = others[0].name if len(others) == 1 else f"{len(others)} more"
    return f"{name} + {more}"
