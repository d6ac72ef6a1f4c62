"""attention-journey: one token's way through the model; a part opens where it is touched."""

from __future__ import annotations

import re
from collections.abc import Generator, Iterator
from typing import TYPE_CHECKING, Any

import gradio as gr
from gradio.components import Component

from components.attention.sentences import EXAMPLES as SENTENCES
from components.attention.sentences import OPENING
from components.attention.way.facts import Followed, followed_data, picture, rounded
from components.attention.way.program import way_program
from components.shared.asking import result
from components.shared.dials import model_choice
from components.shared.drawing.remark import remark_and_picture
from components.shared.drawing.spelling import note
from components.shared.view import Inputs, View, read_text
from inference.catalog import Catalog
from inference.collection import GROWING
from inference.errors import OrreryError
from inference.tasks.attention.journey import Growth, Journey, StreamGrowth
from inference.text.notes import joined
from inference.types.waiting import Waiting

if TYPE_CHECKING:
    from inference.service import Service

LITTLE, PARK, THANKS = (str(SENTENCES[one][0]) for one in ("A little", "Repetition", "Thanks"))
EXAMPLES = {
    "Where she lives": (LITTLE, "4.1"),
    "Dog or bird": (OPENING, "5.3"),
    "Said Ben": (THANKS, "6.2"),
    "What followed": (PARK, "6.2"),
    "A short one": ("Tom and L", "3.1"),
}
POST_NORM = "fill-in"
"""A model that norms every sum, as the first transformers did."""
HEIGHT = 540  # px


def ask(
    service: Service, session: str | None, text: str, place: str | None, model: str
) -> Iterator[Waiting | Followed]:
    """place: layer.head and, where it is not the last, the number of the token, from 1.

    Raises OrreryError where that cannot be read.
    """
    layer, head, token = numbered(place or "")
    other = yield from grown(service, session, text)
    for news in service.run(Journey(text, model, layer, head, token), session):
        if isinstance(news, Waiting):
            yield news
        else:
            yield Followed(news, other, "Fill-in")


def grown(
    service: Service, session: str | None, text: str
) -> Generator[Waiting, None, StreamGrowth | None]:
    """How the stream of the model grows that norms every sum; None where it cannot tell."""
    try:
        return (yield from result(service, Growth(text, POST_NORM), session))
    except OrreryError:
        return None  # the picture stands without it; what is wrong with the text, the way says


def numbered(typed: str) -> tuple[int, int, int]:
    """Layer, head and token, 0 for the last. Raises OrreryError where it is not that."""
    found = re.fullmatch(r"\s*(\d{1,3})\D(\d{1,3})(?:\D+(\d{1,3}))?\s*", typed, re.ASCII)
    if found is None:
        raise OrreryError("The place is layer.head and a token's number, such as 4.1 15, or 4.1.")
    layer, head, token = (int(one or 0) for one in found.groups())
    return layer, head, token


def draw(value: Followed) -> list[object]:
    """A note, and the picture."""
    said = joined(value.found.tokens.note, rounded(value.found))
    return [str(note(said)), str(picture(value))]


def inputs(catalog: Catalog) -> Inputs:
    text, place = EXAMPLES["Where she lives"]
    return {
        "text": gr.Textbox(text, label="Sentence", lines=2, max_lines=6),
        "place": gr.Textbox(place, label="Layer.head, token", max_lines=1),
        "model": models(catalog),
    }


def models(catalog: Catalog) -> gr.Dropdown:
    """Whatever can be opened, and the growing storyteller at all its ages, the youngest first."""
    found = model_choice(catalog, "follow a token")
    for steps, entry in catalog.ages(GROWING).items():
        found.choices.append((f"Growing storyteller, {steps:,} steps", entry.name))
    return found


def stage() -> list[Component]:
    return remark_and_picture(HEIGHT)


def data(value: Followed) -> dict[str, Any]:
    """Every vector on the token's way, with exact numbers.

    Layer, head, token and neurons are counted from 1. `scores` and `weights` are the token's row
    of the head, `mixed` what it makes of the `values`. `growth` is the length of the token's stream
    after the embedding and every layer; `growth_of_all` the mean over the sentence, and
    `growth_post_norm` that of a model that norms every sum.
    """
    return followed_data(value)


def python(service: Service, text: str, place: str | None, model: str) -> str:
    """A program for plain transformers. Raises OrreryError."""
    return way_program(service, Journey(text, model, *numbered(place or "")))


VIEW = View(
    key="attention-journey",
    text=read_text(__file__),
    ask=ask,
    data=data,
    draw=lambda: draw,
    inputs=inputs,
    stage=stage,
    button="Follow",
    examples=EXAMPLES,
    runs_on=("model",),
    stopped="Stopped; what was shown before stays.",
    python=python,
)
