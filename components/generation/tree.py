"""generation-tree: every text of a few tokens that could come, above a probability."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import gradio as gr
from gradio.components import Component
from markupsafe import Markup

from components.shared.dials import dial, model_choice
from components.shared.drawing.lane_data import named, token_data
from components.shared.drawing.numbers import percent
from components.shared.drawing.remark import remark_and_picture
from components.shared.drawing.spelling import note, spelling
from components.shared.view import Inputs, View, read_text
from inference.errors import OutOfRange
from inference.tasks.continuations import DEPTH, LEAST, Continuations, Continue
from inference.types.waiting import Waiting

if TYPE_CHECKING:
    from inference.catalog import Catalog
    from inference.service import Service

OPENING = "Once upon a time there was a little"
EXAMPLES = {
    "A little ...": (OPENING,),
    "One way": ("Once upon",),
    "The cat sat": ("The cat sat on the",),
    "All open": ("In the middle of the",),
}
LISTED = 8  # of the most probable texts
PERCENT = (100 * LEAST[0], 20.0)
LEGEND = Markup(
    '<div class="legend">A token is as high as all up to it is probable; hatched is what is less '
    "probable. Pick one to enlarge it, again to go back.</div>"
)


def ask(
    service: Service, session: str | None, prompt: str, model: str, depth: int, percent: float
) -> Iterator[Waiting | Continuations]:
    """All that could come. percent: the least probability of a text, in percent.

    Raises OrreryError.
    """
    if not isinstance(percent, (int, float)):
        raise OutOfRange("The probability in percent", *PERCENT, percent, whole=False)
    return service.run(Continue(prompt, model, depth=depth, least=percent / 100), session)


def data(found: Continuations) -> dict[str, Any]:
    """The whole texts with their probability, and the branches that lead to them."""
    return {
        "note": found.tokens.note,
        "vocabulary": found.vocabulary,
        "held": found.held,
        "rest": found.tree.rest,
        "unopened": found.tree.unopened,
        "texts": [
            {"tokens": [token_data(one, found) for one in path], "probability": joint}
            for path, joint in found.texts
        ],
        "branches": [
            {**token_data(one.token, found), **one._asdict()} for one in found.tree.branches
        ],
    }


def draw(found: Continuations) -> list[object]:
    """A note, and the tree with the most probable texts."""
    return [str(note(found.tokens.note)), str(picture(found))]


def picture(found: Continuations) -> Markup:
    """The tree, which tree.js draws, what it holds in a sentence, and the best texts as bars."""
    value = {
        "prompt": found.tokens.text,
        "model": found.model,
        "columns": found.depth,
        "rest": found.tree.rest,
        "branches": [
            [
                [[span.text, span.symbol] for span in named(one.token, found)],
                *(one.parent, one.probability, one.joint, one.rest, one.token),
            ]
            for one in found.tree.branches
        ],
    }
    return Markup(
        '<section class="branching"><p class="about">{}</p><div class="sides">'
        '<div data-widget="branching" data-value="{}"></div>{}</div></section>'
    ).format(sentence(found), json.dumps(value), most_probable(found))


def sentence(found: Continuations) -> str:
    """How much the listed texts hold, and what was left out."""
    count = len(found.texts)
    texts = "1 text has" if count == 1 else f"{count:,} texts have"
    tokens = "1 token" if found.depth == 1 else f"{found.depth} tokens"
    least = f"{100 * found.least:g} %"
    said = f"{texts} {least} or more each"
    held = "" if count == 1 else " together"
    said += f", and {percent(found.held)}{held}" if count else ""
    said += f". All other texts of {tokens} have less than {least} each."
    if not count:
        said = f"No text of {tokens} has {least}. Ask for less."
    if found.tree.unopened:
        left = percent(found.tree.unopened)
        said += f" Branches with {left} were too many to look beyond: ask for more, or less far."
    return said


def most_probable(found: Continuations) -> Markup:
    """The best texts with their probabilities."""
    rows = Markup("").join(
        Markup("<li><code>{}</code> {}</li>").format(
            Markup("").join(spelling(named(one, found)) for one in path), percent(joint)
        )
        for path, joint in found.texts[:LISTED]
    )
    return Markup("<div><h2>The most probable texts</h2><ol>{}</ol></div>").format(rows)


def inputs(catalog: Catalog) -> Inputs:
    return {
        "prompt": gr.Textbox(OPENING, label="Prompt", lines=2, max_lines=5),
        "model": model_choice(catalog),
        "depth": dial("Tokens", *DEPTH, 4, 1),
        "percent": dial("Least probability in %", *PERCENT, 1.0, 0.2),
    }


def stage() -> list[Component]:
    return remark_and_picture(520, LEGEND)


VIEW = View(
    key="generation-tree",
    text=read_text(__file__),
    ask=ask,
    data=data,
    draw=lambda: draw,
    inputs=inputs,
    stage=stage,
    button="Grow",
    examples=EXAMPLES,
    runs_on=("model", "depth", "percent"),
    stopped="Stopped; what was shown before stays.",
)
