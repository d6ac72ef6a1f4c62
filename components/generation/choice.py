"""generation-choice: one token, from the model's logits through every filter to the dice."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import gradio as gr
from gradio.components import Component

from components.generation.waterfall import LEGEND, waterfall
from components.shared.dials import dial, dice_seed, model_choice
from components.shared.drawing.lane_data import token_data
from components.shared.drawing.remark import remark_and_picture
from components.shared.drawing.spelling import note
from components.shared.view import Inputs, View, read_text
from inference.tasks.choice import Choice, Choose, Stage
from inference.types.options import FILTERS, LaneOptions
from inference.types.waiting import Waiting

if TYPE_CHECKING:
    from inference.catalog import Catalog
    from inference.service import Service

OPENING = "Once upon a time there was a little"
EXAMPLES = {
    "A little ...": (OPENING, " dragon"),
    "All open": ("In the middle of the", " castle"),
    "Inside a phrase": ("Once upon", " time"),
    "Already said": ("The cat saw a cat and another cat. The", " cat"),
}
BEFORE, AFTER = "before the cuts", "after"


def ask(
    service: Service,
    session: str | None,
    prompt: str,
    follow: str,
    model: str,
    choice: str,
    order: str,
    temperature: float,
    k: int,
    p: float,
    least: float,
    typical: float,
    penalty: float,
    seed: int,
    ngram: int = 0,
) -> Iterator[Waiting | Choice]:
    """One token after the prompt, by one lane. Its filters are as they are called there.

    follow: a text whose first token is listed wherever it ranks, or # and a token's number. A k
    of 0, a p of 1, a least of 0, a penalty of 1 and an ngram of 0 do nothing. Penalties for what
    was written are left out: nothing is yet.
    """
    options = LaneOptions(
        "One choice",
        sample=choice != "greedy",
        temperature=temperature,
        top_k=k or None,
        top_p=None if p == 1 else p,
        min_p=least or None,
        typical_p=None if typical == 1 else typical,
        repetition_penalty=penalty,
        no_repeat_ngram=ngram or None,
        order=ordered(order),
    )
    return service.run(Choose(prompt, model, options, seed, follow or ""), session)


def ordered(order: str) -> tuple[str, ...]:
    """The filters in order, with the temperature where it is wanted."""
    if order != AFTER:
        return tuple(FILTERS)
    return (*(name for name in FILTERS if name != "temperature"), "temperature")


def data(choice: Choice) -> dict[str, Any]:
    """Every stage with its candidates, and where the dice fell."""
    return {
        "note": choice.tokens.note,
        "token": token_data(choice.token, choice),
        "dice": choice.dice,
        "vocabulary": choice.vocabulary,
        "stages": [stage_data(choice, stage) for stage in choice.stages],
        "segments": [
            {**token_data(token, choice), "start": start, "end": end}
            for token, start, end in choice.segments
        ],
    }


def stage_data(choice: Choice, stage: Stage) -> dict[str, Any]:
    return {
        "filter": stage.filter or "model",
        "value": stage.value,
        "survivors": stage.survivors,
        "mass": stage.mass,
        "cut": stage.cut,
        "entropy": stage.entropy,
        "candidates": [
            {**token_data(token, choice), **stage.chances[token]._asdict()}
            for token in choice.listed
        ],
    }


def draw(choice: Choice) -> list[object]:
    """A note, and the waterfall."""
    return [str(note(choice.tokens.note)), str(waterfall(choice))]


def inputs(catalog: Catalog) -> Inputs:
    return {
        "prompt": gr.Textbox(OPENING, label="Prompt", lines=2, max_lines=5),
        "follow": gr.Textbox(" dragon", label="Follow a token", max_lines=1),
        "model": model_choice(catalog),
        "choice": gr.Radio(["sample", "greedy"], value="sample", label="The choice"),
        "order": gr.Radio([BEFORE, AFTER], value=BEFORE, label="Temperature applies"),
        "temperature": dial("Temperature", *FILTERS["temperature"].limits, 1.2, 0.1),
        "k": dial("Top-k", 0, 200, 40, 1),
        "p": dial("Top-p", 0.05, 1.0, 0.9, 0.05),
        "least": dial("Min-p", 0.0, 0.5, 0.0, 0.01),
        "typical": dial("Typical", 0.05, 1.0, 1.0, 0.05),
        "penalty": dial("Repetition", 1.0, 2.0, 1.0, 0.1),
        "seed": dice_seed(),
        "ngram": dial("No n-gram twice", 0, 8, 0, 1),
    }


def stage() -> list[Component]:
    return remark_and_picture(520, LEGEND)


VIEW = View(
    key="generation-choice",
    text=read_text(__file__),
    ask=ask,
    data=data,
    draw=lambda: draw,
    inputs=inputs,
    stage=stage,
    button="Choose",
    examples=EXAMPLES,
    runs_on=(
        *("model", "choice", "order", "temperature", "k", "p", "least", "typical", "penalty"),
        *("seed", "ngram"),
    ),
    folded=("typical", "penalty", "ngram"),
    stopped="Stopped; what was shown before stays.",
)
