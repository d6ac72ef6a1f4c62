"""attention-roles: what every head does, as scores beside those of an untrained twin."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import gradio as gr
from gradio.components import Component

from components.attention.scores.definitions import DEFINITIONS
from components.attention.scores.drawn import drawn
from components.attention.scores.scored import Scored, first_by_length, scored
from components.attention.sentences import EXAMPLES as SENTENCES
from components.attention.sentences import UMBRELLA
from components.shared.dials import model_choice
from components.shared.drawing.remark import remark_and_picture
from components.shared.drawing.spelling import note
from components.shared.view import Inputs, View, read_text
from inference.catalog import Catalog
from inference.collection import GROWING, STORYTELLER
from inference.tasks.attention.roles import HeadRoles, LooksOverText
from inference.types.waiting import Waiting

if TYPE_CHECKING:
    from inference.service import Service

GROWN = f"{GROWING}/step-08192"
EXAMPLES = {
    "Umbrella": (UMBRELLA, GROWN),
    "Larger, without induction": (UMBRELLA, STORYTELLER),
    "Both sides": (UMBRELLA, "fill-in"),
    "Thanks": (str(SENTENCES["Thanks"][0]), STORYTELLER),
}
HEIGHT = 560  # px


def ask(
    service: Service, session: str | None, text: str, model: str
) -> Iterator[Waiting | LooksOverText]:
    """Where every head looks, in a text and in random tokens that come twice."""
    yield from service.run(HeadRoles(text, model), session)


def data(found: LooksOverText) -> dict[str, Any]:
    """Scores from 0 to 1 by role, layer and head, of the model and of its untrained twin.

    `even` is the score of a head that looks everywhere alike. Layers and heads of `best` count
    from 1. `first_by_length` is the first token's score once weights count by the length of
    what they mix in; null where that is out of reach, as is the twin of a very large model.
    """
    shares = first_by_length(found)
    return {
        "note": found.tokens.note,
        "model": found.model,
        "tokens": [
            {"id": token, "text": piece.decode("utf-8", errors="replace")}
            for token, piece in zip(found.tokens.ids, found.tokens.pieces, strict=True)
        ],
        "roles": {one.role: _role(one) for one in scored(found)},
        "first_by_length": None if shares is None else shares.tolist(),
    }


def _role(one: Scored) -> dict[str, Any]:
    layer, head = one.best
    return {
        "definition": DEFINITIONS[one.role].score,
        "source": DEFINITIONS[one.role].source,
        "best": {"layer": layer + 1, "head": head + 1, "score": float(one.trained[layer, head])},
        "scores": one.trained.tolist(),
        "untrained": None if one.untrained is None else one.untrained.tolist(),
        "even": one.even,
    }


def draw(found: LooksOverText) -> list[object]:
    """A note, and the picture."""
    return [str(note(found.tokens.note)), str(drawn(found))]


def inputs(catalog: Catalog) -> Inputs:
    text = gr.Textbox(UMBRELLA, label="Text", lines=3, max_lines=6)
    return {"text": text, "model": models(catalog)}


def models(catalog: Catalog) -> gr.Dropdown:
    """Whatever attends, and the growing storyteller at its last age, on which the view opens."""
    found = model_choice(catalog, "attend")
    grown = [*catalog.ages(GROWING).values()][-1:]
    for entry in grown:
        found.choices.insert(0, ("Growing storyteller, over tokens", entry.name))
        found.value = entry.name
    return found


def stage() -> list[Component]:
    return remark_and_picture(HEIGHT)


VIEW = View(
    key="attention-roles",
    text=read_text(__file__),
    ask=ask,
    data=data,
    draw=lambda: draw,
    inputs=inputs,
    stage=stage,
    button="Score heads",
    examples=EXAMPLES,
    runs_on=("model",),
    stopped="Stopped; what was shown before stays.",
)
