"""generation-thousand: what one strategy draws up to a thousand times, and how different it is."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import asdict, replace
from typing import TYPE_CHECKING, Any

import gradio as gr
from gradio.components import Component

from components.generation.many.draws import (
    LEGEND,
    Figures,
    Summary,
    Thousand,
    draws_and_plane,
    summary,
)
from components.shared.dials import dial, dice_seed, model_choice
from components.shared.drawing.remark import remark_and_picture
from components.shared.drawing.spelling import note
from components.shared.view import Inputs, View, read_text
from inference.tasks.draw_many import STEPS, TEXTS, DrawMany, ManyTexts
from inference.text.held_out import held_out
from inference.types.options import FILTERS, LaneOptions
from inference.types.waiting import Waiting

if TYPE_CHECKING:
    from inference.catalog import Catalog
    from inference.service import Service

OPENING = "Once upon a time, there was a"
EXAMPLES = {
    "Everything open": (OPENING, "storyteller", 1.0, 0, 1.0),
    "Top-p 0.9": (OPENING, "storyteller", 1.0, 0, 0.9),
    "Cold": (OPENING, "storyteller", 0.5, 0, 1.0),
    "Inside a phrase": ("Once upon", "storyteller", 1.0, 0, 1.0),
}
PRESETS = {
    "greedy": LaneOptions("Greedy"),
    "T 0.7": LaneOptions("T 0.7", sample=True, temperature=0.7),
    "top-k 10": LaneOptions("Top-k 10", sample=True, top_k=10),
    "top-p 0.9": LaneOptions("Top-p 0.9", sample=True, top_p=0.9),
    "T 1": LaneOptions("T 1", sample=True),
    "T 1.3": LaneOptions("T 1.3", sample=True, temperature=1.3),
}
COMPARED = 200  # texts of every point of the plane: diversity falls with their number


def ask(
    service: Service,
    session: str | None,
    prompt: str,
    model: str,
    temperature: float,
    k: int,
    p: float,
    least: float,
    draws: int,
    length: int,
    seed: int,
) -> Iterator[Waiting | Thousand]:
    """Draws by one strategy in batches, then a point of the plane for every preset.

    A k of 0, a p of 1 and a least of 0 do nothing. Raises OrreryError.
    """
    options = LaneOptions(
        "Yours",
        sample=True,
        temperature=temperature,
        top_k=k or None,
        top_p=None if p == 1 else p,
        min_p=least or None,
    )
    task = DrawMany(prompt, model, options, draws, length, seed)
    people = held_out(service.catalog, model, prompt, length)
    found, seen = Thousand(None, (), people), None
    for news in service.run(task, session):
        if isinstance(news, ManyTexts) and news is not seen:
            found, seen = replace(found, summary=summary(news, COMPARED)), news
        yield news if isinstance(news, Waiting) else found
    for name, preset in PRESETS.items():
        few = replace(task, options=preset, texts=min(draws, COMPARED))
        for news in service.run(few, session):
            if isinstance(news, Waiting):
                yield news
            else:
                drawn = news
        point = summary(drawn, COMPARED).compared
        found = replace(found, presets=(*found.presets, (name, point)))
        yield found


def data(found: Thousand) -> dict[str, Any]:
    """The figures, the first tokens, the points of the plane, and the texts themselves."""
    assert found.summary is not None
    told: Summary = found.summary
    return {
        "note": told.many.tokens.note,
        "figures": plain(told.figures),
        "chi_square": asdict(told.chi_square),
        "first": [asdict(row) for row in told.first],
        "compared": plain(told.compared),
        "presets": {name: plain(point) for name, point in found.presets},
        "held_out": None if found.people is None else asdict(found.people),
        "texts": told.texts,
    }


def plain(figures: Figures) -> dict[str, float | None]:
    """None for what such short texts do not have."""
    return {name: None if math.isnan(one) else one for name, one in asdict(figures).items()}


def draw(found: Thousand) -> list[object]:
    """A note, and the picture."""
    said = "" if found.summary is None else found.summary.many.tokens.note
    return [str(note(said)), str(draws_and_plane(found, len(PRESETS)))]


def inputs(catalog: Catalog) -> Inputs:
    return {
        "prompt": gr.Textbox(OPENING, label="Prompt", lines=1, max_lines=5),
        "model": model_choice(catalog),
        "temperature": dial("Temperature", *FILTERS["temperature"].limits, 1.0, 0.1),
        "k": dial("Top-k", 0, 200, 0, 1),
        "p": dial("Top-p", 0.05, 1.0, 1.0, 0.05),
        "least": dial("Min-p", 0.0, 0.5, 0.0, 0.01),
        "draws": dial("Draws", 50, TEXTS[1], 400, 50),
        "length": dial("Tokens each", *STEPS, 20, 1),
        "seed": dice_seed(),
    }


def stage() -> list[Component]:
    return remark_and_picture(520, LEGEND)


VIEW = View(
    key="generation-thousand",
    text=read_text(__file__),
    ask=ask,
    data=data,
    draw=lambda: draw,
    inputs=inputs,
    stage=stage,
    button="Draw",
    examples=EXAMPLES,
    dials=("model", "temperature", "k", "p"),
    folded=("least", "length", "seed"),
    stopped="Stopped; what was drawn before stays.",
)
