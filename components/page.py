"""The whole page: header, status line, one tab a view, and how Gradio must be set up for it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import gradio as gr
from gradio.events import Dependency
from markupsafe import Markup

from components import TABS
from components.action import CLASSROOM
from inference.service import Service
from inference.status import ModelStatus, ServiceStatus
from inference.writers import WRITERS

ASSETS = Path(__file__).parent / "assets"
SCRIPTS = (
    "parts.js",
    "kept.js",
    "links.js",
    "busy.js",
    "tokens.js",
    "lanes.js",
    "attention.js",
    "removal.js",
    "stepping.js",
    "watch.js",
)  # in this order
HEADER = Markup(
    '<header class="masthead"><h1>Orrery</h1>'
    '<button type="button" class="lecture" aria-pressed="false" '
    'title="Larger text and only the stage; remembered in the link">Lecture</button></header>'
)


def build_app(service: Service) -> gr.Blocks:
    """Every tab on one page, on one service. Loads no weights."""
    with gr.Blocks(
        title="Orrery: small language models at work",
        analytics_enabled=False,
        delete_cache=(600, 3600),
        fill_width=True,
    ) as page:
        with gr.Row(elem_classes="top"):
            gr.HTML(HEADER, js_on_load=None)
            status = gr.HTML(status_line(service.status), elem_id="status", js_on_load=None)
        with gr.Tabs(elem_id="views", overflow_behavior="wrap"):
            for tab in TABS:
                with gr.Tab(tab.VIEW.title, id=tab.VIEW.key, elem_id=f"{tab.VIEW.key}-tab"):
                    for run in tab.build(service, page):
                        # not `then`: Gradio's page leaves that out after an error
                        for ended in (run.success, run.failure):
                            refresh(ended, lambda: status_line(service.status), status)
        refresh(page.load, lambda: status_line(service.settled()), status)
    page.queue(
        status_update_rate=5,  # "auto" sends a message to everyone at every change: O(n^2)
        max_size=512,
        api_open=False,
        default_concurrency_limit=CLASSROOM,
    )
    return page


def refresh(trigger: Callable[..., Dependency], line: Callable[[], str], status: gr.HTML) -> None:
    """Bring the status line up to date at this trigger."""
    trigger(
        line,
        outputs=status,
        queue=False,
        show_progress="hidden",
        api_visibility="private",
    )


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
    folders = {writer.folder for writer in WRITERS.values()}
    loaded = [model for model in status.models if model.loaded and model.name in folders]
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


def theme() -> gr.themes.Base:
    """Monochrome passes contrast checks in light and dark.

    IBM Plex is bundled with Gradio whole; of most other families, Source Sans 3 and Source Code
    Pro among them, only a few glyphs are, and the rest of a line falls back to another font.
    """
    return gr.themes.Monochrome(
        font=[gr.themes.LocalFont("IBM Plex Sans", weights=(400, 700)), "system-ui", "sans-serif"],
        font_mono=[
            gr.themes.LocalFont("IBM Plex Mono", weights=(400, 700)),
            "ui-monospace",
            "monospace",
        ],
        text_size=gr.themes.sizes.text_lg,
        radius_size=gr.themes.sizes.radius_sm,
        spacing_size=gr.themes.sizes.spacing_md,
    )


def launch_options() -> dict[str, Any]:
    """What `launch` needs beside the address: offline, private, closed where nothing uses it."""
    script = "".join((ASSETS / name).read_text(encoding="utf-8") for name in SCRIPTS)
    return {
        "theme": theme(),
        "css": (ASSETS / "orrery.css").read_text(encoding="utf-8"),
        "head": f"<script>{script}</script>",
        "footer_links": [],
        "run_history": False,
        "show_error": False,
        "max_threads": 256,
        "max_file_size": "1mb",
        "enable_monitoring": False,
        "state_session_capacity": 1500,
        "ssr_mode": False,
        "pwa": False,
        "mcp_server": False,
        "share": False,
        "strict_cors": True,
    }
