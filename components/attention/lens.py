"""attention-lens: what the model would say if it stopped after every layer."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import gradio as gr
from gradio.components import Component
from markupsafe import Markup

from components.attention.maps import token_labels
from components.attention.sentences import EXAMPLES as SENTENCES
from components.shared.dials import model_choice
from components.shared.drawing.lane_data import name, token_data
from components.shared.drawing.remark import remark_and_picture
from components.shared.drawing.spelling import note
from components.shared.view import Inputs, View, read_text
from inference.catalog import Catalog
from inference.tasks.attention.lens import Lens, LensOverText
from inference.types.waiting import Waiting

if TYPE_CHECKING:
    from inference.service import Service

FIRST = ("A little", "The bird", "Repetition", "Thanks")
EXAMPLES = {one: SENTENCES[one] for one in FIRST} | {"Answered at once": ("Tom and L",)}
"""The lens opens on the first."""
HEIGHT = 520  # px


def ask(
    service: Service, session: str | None, text: str, model: str
) -> Iterator[Waiting | LensOverText]:
    """Every state of the residual stream of a sentence, read as the last one is."""
    yield from service.run(Lens(text, model), session)


def data(value: LensOverText) -> dict[str, Any]:
    """By position and state: the most probable next tokens, and how the final choice stands.

    State 0 is the embedding, state n what leaves block n. `entropy` is in bits. `leads` is the
    first state in which the final choice is the most probable, `settled` from which on it stays so.
    """
    reading = value.reading
    states, positions, shown = reading.top.shape
    return {
        "note": value.tokens.note,
        "tokens": [
            {"id": token, "text": piece.decode("utf-8", errors="replace")}
            for token, piece in zip(value.tokens.ids, value.tokens.pieces, strict=True)
        ],
        "choices": [token_data(one, value) for one in reading.top[-1, :, 0].tolist()],
        "leads": reading.leads.tolist(),
        "settled": reading.settled.tolist(),
        "states": [
            [
                {
                    "top": [
                        {
                            **token_data(int(reading.top[state, at, place]), value),
                            "probability": float(reading.chances[state, at, place]),
                        }
                        for place in range(shown)
                    ],
                    "entropy": float(reading.entropy[state, at]),
                    "rank": int(reading.ranks[state, at]),
                    "probability": float(reading.final[state, at]),
                }
                for state in range(states)
            ]
            for at in range(positions)
        ],
    }


def draw(value: LensOverText) -> list[object]:
    """A note, and the grid with the cells of the last token open."""
    return [str(note(value.tokens.note)), str(grid(value))]


def grid(value: LensOverText) -> Markup:
    """The widget, drawn by lens.js: a row a token, a column a state."""
    reading = value.reading
    states, positions, _ = reading.top.shape
    facts = {
        "labels": token_labels(value.tokens),
        "columns": ["Embedding", *(f"Layer {layer}" for layer in range(1, states))],
        "choices": [name(one, value) for one in reading.top[-1, :, 0].tolist()],
        "leads": reading.leads.tolist(),
        "settled": reading.settled.tolist(),
        "vocabulary": value.vocabulary,
        "cells": [
            [
                {
                    "top": [
                        [name(token, value), round(chance, 5)]
                        for token, chance in zip(
                            reading.top[state, at].tolist(),
                            reading.chances[state, at].tolist(),
                            strict=True,
                        )
                    ],
                    "entropy": round(float(reading.entropy[state, at]), 2),
                    "rank": int(reading.ranks[state, at]),
                    "final": round(float(reading.final[state, at]), 5),
                    "agrees": bool(reading.top[state, at, 0] == reading.top[-1, at, 0]),
                }
                for state in range(states)
            ]
            for at in range(positions)
        ],
    }
    return Markup('<section class="lens" data-widget="lens" data-value="{}"></section>').format(
        json.dumps(facts, ensure_ascii=False, separators=(",", ":"))
    )


def inputs(catalog: Catalog) -> Inputs:
    opening = EXAMPLES[FIRST[0]][0]
    return {
        "text": gr.Textbox(opening, label="Sentence", lines=3, max_lines=6),
        "model": model_choice(catalog, "attend", "write"),
    }


def stage() -> list[Component]:
    return remark_and_picture(HEIGHT)


VIEW = View(
    key="attention-lens",
    text=read_text(__file__),
    ask=ask,
    data=data,
    draw=lambda: draw,
    inputs=inputs,
    stage=stage,
    button="Read the layers",
    examples=EXAMPLES,
    runs_on=("model",),
    stopped="Stopped; what was shown before stays.",
)
