"""ladder-loss: what one prediction costs, and how one step of learning changes it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import gradio as gr
import numpy as np
from gradio.components import Component

from analysis.loss import Learned, learn
from components.ladder.networks.loss_curve import HEIGHT, loss_curve
from components.ladder.networks.loss_numbers import bars_of, tally, worked
from components.shared.dials import dial
from components.shared.drawing.figures import placeholder, plot_data
from components.shared.drawing.spelling import WAITING
from components.shared.view import Inputs, View, read_text
from inference.errors import OrreryError, OutOfRange
from inference.text.cleaning import clean
from inference.types.options import in_range

if TYPE_CHECKING:
    from inference.catalog import Catalog
    from inference.service import Service

SCORE, RATE = (-100, 100), (0.1, 10.0)
COUNT = (2, 12)
CHARACTERS, NAME = 400, 12
OPENING = "e 2.0, a 1.0, i 0.5, o 0.1"
EXAMPLES = {
    "Half wrong": (OPENING, "a"),
    "Right": (OPENING, "e"),
    "Sure and wrong": ("e 6.0, a 1.0, i 0.5, o 0.1", "o"),
    "No idea": ("e 0, a 0, i 0, o 0", "a"),
}
FORM = "Write names and numbers with commas between them, such as e 2.0, a 1.0."


@dataclass(frozen=True)
class Answered:
    """A prediction over named answers, one of them right, and what a step makes of it."""

    names: tuple[str, ...]
    rate: float
    found: Learned


def ask(service: Service, session: str | None, scores: str, right: str, rate: float) -> Answered:
    """Softmax, loss, gradient and one step. Raises OrreryError where the scores cannot be read."""
    in_range("The learning rate", rate, RATE)
    names, numbers = read(scores)
    answer = (right or "").strip()
    if answer not in names:
        raise OrreryError(f"The right answer must be one of {', '.join(names)}.")
    return Answered(names, rate, learn(numbers, names.index(answer), rate))


def read(text: str | None) -> tuple[tuple[str, ...], np.ndarray]:
    """Names and scores; a score without a name is called by its place."""
    typed = clean(text, CHARACTERS, "list of scores").text
    parts = [part.split() for part in re.split(r"[,;\n]", typed) if part.strip()]
    names = tuple(" ".join(part[:-1]) or str(place) for place, part in enumerate(parts, 1))
    if not COUNT[0] <= len(parts) <= COUNT[1]:
        raise OutOfRange("The number of scores", *COUNT, len(parts), whole=True)
    if len(set(names)) < len(names):
        raise OrreryError(f"Two answers have the same name. {FORM}")
    if any(len(name) > NAME for name in names):
        raise OrreryError(f"A name has up to {NAME} characters. {FORM}")
    return names, np.array([score(part[-1]) for part in parts])


def score(word: str) -> float:
    try:
        number = float(word)
    except ValueError as error:
        raise OrreryError(f"'{word[:NAME]}' is no number. {FORM}") from error
    in_range("A score", number, SCORE)
    return number


def data(answered: Answered) -> dict[str, Any]:
    """Every number of the step, with losses in nats."""
    found = answered.found
    return {
        "note": "",
        "answers": list(answered.names),
        "right": answered.names[found.right],
        "gradient": found.gradient.tolist(),
        **{
            when: {
                "scores": one.scores.tolist(),
                "probabilities": one.chances.tolist(),
                "nats": one.nats,
                "bits": one.bits,
                "perplexity": one.perplexity,
            }
            for when, one in (("before", found.before), ("after", found.after))
        },
    }


def draw(answered: Answered) -> Sequence[object]:
    """The loss in numbers, the curve, every step of the computation, and the bars."""
    return [
        str(tally(answered.found)),
        plot_data(loss_curve(answered.found), "loss"),
        str(worked(answered.names, answered.found, answered.rate)),
        str(bars_of(answered.names, answered.found)),
    ]


def inputs(catalog: Catalog) -> Inputs:
    return {
        "scores": gr.Textbox(OPENING, label="Scores (logits)", lines=2, max_lines=4),
        "right": gr.Textbox("a", label="Right answer", max_lines=1),
        "rate": dial("Learning rate", *RATE, 1.0, 0.1),
    }


def stage() -> list[Component]:
    top = gr.HTML(WAITING, min_height=66, js_on_load=None)
    with gr.Row(elem_classes="pair"):
        numbers = gr.HTML(min_height=HEIGHT, js_on_load=None)
        curve = gr.Plot(placeholder(HEIGHT), show_label=False, container=False)
    bars = gr.HTML(min_height=150, js_on_load=None)
    return [top, curve, numbers, bars]


VIEW = View(
    key="ladder-loss",
    text=read_text(__file__),
    ask=ask,
    data=data,
    draw=lambda: draw,
    inputs=inputs,
    stage=stage,
    button="Score and learn",
    examples=EXAMPLES,
    runs_on=("rate",),
)
