"""attention-growing: when heads take up their roles, and what the model can predict then."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import replace
from math import nan
from typing import TYPE_CHECKING, Any

import gradio as gr
import numpy as np
from gradio.components import Component
from markupsafe import Markup

from analysis.attention.maps import packed_whole
from analysis.tokens import spelled
from components.attention.maps import token_labels
from components.attention.scores.growth import BORN, Age, Growth, Place
from components.attention.scores.growth_figure import HEIGHT, figure, scores, table
from components.attention.sentences import UMBRELLA
from components.shared.drawing.curves import legend
from components.shared.drawing.figures import placeholder, plot_data
from components.shared.drawing.remark import remark
from components.shared.drawing.spelling import WAITING, note
from components.shared.view import Inputs, View, read_text
from inference.collection import GROWING
from inference.errors import ModelUnavailable, OrreryError, OutOfRange
from inference.rungs import bits_by_age
from inference.tasks.attention.roles import HeadRoles
from inference.types.waiting import Waiting

if TYPE_CHECKING:
    from inference.catalog import Catalog
    from inference.service import Service

EXAMPLES = {
    "Induction": (UMBRELLA, "4.2"),
    "Previous token": (UMBRELLA, "2.4"),
    "Sink": (UMBRELLA, "2.2"),
    "Punctuation": ("Stop! Who is there? Only me, said Tom, and it is cold.", "4.3"),
}


def ask(service: Service, session: str | None, text: str, head: str | None) -> Iterator[Growth]:
    """Every age over one text. head: layer.head, counted from 1. Raises OrreryError."""
    place, ages = named(head or ""), service.catalog.ages(GROWING)
    if not ages:
        raise ModelUnavailable(GROWING, "there is none of this name.")
    stories = bits_by_age(service.catalog, GROWING)
    growth = Growth((), place, len(ages))
    for steps, entry in ages.items():
        for news in service.run(HeadRoles(text, entry.name, twin=False), session):
            if isinstance(news, Waiting):
                growth = replace(growth, waiting=news)
            else:
                check(place, news.looks.trained.text.shape[:2])
                age = Age(steps, news, stories.get(steps, nan))
                growth = replace(growth, ages=(*growth.ages, age), waiting=Waiting())
            yield growth


def named(typed: str) -> Place:
    """Raises OrreryError where it is not two numbers."""
    found = re.fullmatch(r"\D*(\d{1,3})\D+(\d{1,3})\D*", typed, re.ASCII)
    if found is None:
        raise OrreryError("The head is layer.head, such as 4.2.")
    return Place(int(found[1]) - 1, int(found[2]) - 1)


def check(place: Place, shape: tuple[int, ...]) -> None:
    """Raises OutOfRange where the model has no such head."""
    for what, at, count in zip(("layer", "head"), place, shape, strict=True):
        if not 0 <= at < count:
            raise OutOfRange(f"The {what}", 1, count, at + 1, whole=True)


def data(growth: Growth) -> dict[str, Any]:
    """By age: losses, the best head of every role and the chosen head's score, and its map.

    `stories` are bits per byte of held-out stories, `told_again` bits of a random token when it
    comes a second time. Layers and heads count from 1.
    """
    return {
        "note": growth.ages[-1].looks.tokens.note if growth.ages else "",
        "layer": growth.place.layer + 1,
        "head": growth.place.head + 1,
        "ages": [_age(age, growth.place) for age in growth.ages],
    }


def _age(age: Age, place: Place) -> dict[str, Any]:
    return {
        "steps": age.steps,
        "stories": None if np.isnan(age.stories) else age.stories,
        "told_again": age.told_again,
        "roles": {
            role: {
                "best": {
                    "layer": one.best[0] + 1,
                    "head": one.best[1] + 1,
                    "score": float(one.trained.max()),
                },
                "chosen": float(one.trained[place]),
            }
            for role, one in age.roles.items()
        },
        "map": age.maps(place)[0].tolist(),
    }


def draw(growth: Growth) -> list[object]:
    """A note, the legend, the figure, the map with its slider, and the table."""
    if not growth.whole:
        done = f"{len(growth.ages)} of {growth.count} ages." if growth.ages else ""
        said = growth.waiting.sentence or done
        return [str(note(said)), gr.skip(), gr.skip(), gr.skip(), gr.skip()]
    return [
        str(note(growth.ages[-1].looks.tokens.note)),
        str(legend(scores(growth))),
        plot_data(figure(growth), "growing-up"),
        str(slider(growth)),
        str(table(growth)),
    ]


def slider(growth: Growth) -> Markup:
    """The widget: one head's maps at all ages, drawn by growing.js."""
    newest = growth.ages[-1]
    maps = [age.maps(growth.place) for age in growth.ages]
    induction = newest.roles["induction"].trained[growth.place]
    facts = {
        "name": growth.place.called.capitalize(),
        "head": f"{growth.place.layer + 1}.{growth.place.head + 1}",
        "steps": [age.steps for age in growth.ages],
        "maps": {
            "text": packed_whole(np.stack([text for text, _ in maps])),
            "random": packed_whole(np.stack([random for _, random in maps])),
        },
        "labels": {
            "text": token_labels(newest.looks.tokens),
            "random": [spelled(newest.looks.pieces[one]) for one in newest.looks.looks.drawn] * 2,
        },
        "induction": [
            round(float(a.roles["induction"].trained[growth.place]), 4) for a in growth.ages
        ],
        "opened": "random" if induction > BORN else "text",
    }
    return Markup(
        '<section class="growing" data-widget="growing" data-value="{}"></section>'
    ).format(json.dumps(facts, ensure_ascii=False, separators=(",", ":")))


def inputs(catalog: Catalog) -> Inputs:
    text, head = EXAMPLES["Induction"]
    return {
        "text": gr.Textbox(text, label="Text", lines=3, max_lines=6),
        "head": gr.Textbox(head, label="Head: layer.head", max_lines=1),
    }


def stage() -> list[Component]:
    noted = remark()
    named_lines = gr.HTML('<ul class="curve-legend"></ul>', js_on_load=None)
    with gr.Row(elem_classes="pair"):
        drawn = gr.Plot(placeholder(HEIGHT), show_label=False, container=False)
        maps = gr.HTML(WAITING, min_height=HEIGHT, js_on_load=None)
    return [noted, named_lines, drawn, maps, gr.HTML("", min_height=200, js_on_load=None)]


VIEW = View(
    key="attention-growing",
    text=read_text(__file__),
    ask=ask,
    data=data,
    draw=lambda: draw,
    inputs=inputs,
    stage=stage,
    button="Look at all ages",
    examples=EXAMPLES,
    stopped="Stopped; what was shown before stays.",
)
