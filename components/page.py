"""All pages of the app, and how Gradio must be set up for them."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import gradio as gr

from components import attention, embeddings, generation, ladder, tokens
from components.front import front
from components.lab import lab_page
from components.shared.blocks import Blocks, read_signatures
from components.shared.events import Served
from components.shared.view import Lab

if TYPE_CHECKING:
    from inference.service import Service

LABS = (tokens.LAB, embeddings.LAB, attention.LAB, generation.LAB, ladder.LAB)
FOLDER = Path(__file__).parent
SHARED = FOLDER / "shared" / "js"
CSS = FOLDER / "shared" / "css"
FIRST = ("parts.js", "widgets.js", "address.js")
"""Scripts that the others build on."""
LEAN = FOLDER / "lean"
"""Pages of their own."""
SHEETS = (
    "colours.css",
    "bars.css",
    "orrery.css",
    "bench.css",
    "sharing.css",
    "guessing.css",
    "inside.css",
    "cost.css",
    "pieces.css",
    "vocabulary.css",
    "words.css",
    "translation.css",
    "masked.css",
    "roles.css",
    "positions.css",
    "way.css",
    "explanation.css",
    "attention.css",
)


def build_app(service: Service, labs: Sequence[Lab] = LABS) -> gr.Blocks:
    """The front page and the page of every lab, on one service. Loads no weights."""
    read_signatures()
    views = {view.key: Served(view, service) for lab in labs for view in lab.views}
    page = Blocks(
        title="Orrery: small language models at work",
        analytics_enabled=False,
        delete_cache=(600, 3600),
        fill_width=True,
    )
    with page:
        front(page, service, labs, views)
        for lab in labs:
            page.turn_to(lab.title, lab.key)
            lab_page(page, service, lab, labs, views)
    page.complete = True
    return page


def head(labs: Sequence[Lab]) -> str:
    """The scripts of all pages, and the rules of Lecture: Gradio has one head for all of them."""
    paths = [SHARED / name for name in FIRST]
    for found in (SHARED.glob("*.js"), FOLDER.rglob("*.js")):
        paths += [one for one in sorted(found) if one not in paths and LEAN not in one.parents]
    texts = [path.read_text(encoding="utf-8") for path in paths]
    texts.insert(1, f"orrery.labs = {json.dumps([lab.key for lab in labs])};\n")
    lecture = (CSS / "lecture.css").read_text(encoding="utf-8")
    return f"<style>{lecture}</style><script>{''.join(texts)}</script>"


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
    ).set(  # the button that asks stands out on dark ground as it does on light
        background_fill_primary_dark="*neutral_900",  # Monochrome's own, which set() forgets
        background_fill_secondary_dark="*neutral_800",
        button_primary_background_fill_dark="*neutral_100",
        button_primary_background_fill_hover_dark="*neutral_300",
        button_primary_text_color_dark="*neutral_900",
    )


def launch_options(labs: Sequence[Lab] = LABS) -> dict[str, Any]:
    """What `launch` needs beside the address: offline, private, closed where nothing uses it."""
    return {
        "theme": theme(),
        "css": "".join((CSS / name).read_text(encoding="utf-8") for name in SHEETS),
        "head": head(labs),
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
