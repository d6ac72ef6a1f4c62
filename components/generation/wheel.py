"""generation-wheel: one token at a time, by the dice or by hand."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

import gradio as gr
from gradio.components import Component

from components.generation.snippet import step_program
from components.generation.steps.branches import fork, tried_data
from components.generation.steps.next_token import next_token
from components.shared.asking import result
from components.shared.dials import dial, dice_seed, model_choice
from components.shared.drawing.lane import RANGE_LEGEND
from components.shared.drawing.lane_data import lane_data, prompt_data, step_data
from components.shared.drawing.remark import remark_and_picture
from components.shared.drawing.spelling import note
from components.shared.view import Inputs, View, read_text
from inference.catalog import Catalog
from inference.errors import BadTrajectory, OutOfRange
from inference.tasks.path_scores import PathScores, ScorePaths, kept_paths
from inference.tasks.stepping import NextToken
from inference.types.generation import Generation
from inference.types.options import FILTERS, LaneOptions
from inference.types.waiting import Waiting

if TYPE_CHECKING:
    from inference.service import Service

OPENING = "Once upon a time there was a little girl who lived in a little"
EXAMPLES = {
    "A little ...": (OPENING, "", ""),
    "Inside a phrase": ("Once upon", "", ""),
    "All open": ("In the middle of the", "", ""),
    "Says who?": ('"I am hungry," said the', "", ""),
}
CHOICES = (("by the dice", "dice"), ("the most probable", "most probable"))


def ask(
    service: Service,
    session: str | None,
    prompt: str,
    written: str | None,
    tried: str | None,
    model: str,
    choice: str,
    temperature: float,
    k: int,
    p: float,
    seed: int,
) -> Iterator[Waiting | Standing]:
    """The text with what can come next, and the ways that were tried before.

    written: the tokens so far, as the page holds them. tried: other texts after the same prompt,
    with semicolons between them. Where they lead nowhere, as in an old link, the note says so, and
    the text begins at the prompt, or the others are forgotten.
    """
    look: Callable[..., NextToken] = partial(
        NextToken, prompt, model, strategy(choice, temperature, k, p), seed
    )
    tokens, nowhere = continued(written, model)
    try:
        found = yield from result(service, look(tokens), session)
    except (BadTrajectory, OutOfRange) as error:
        if not tokens:
            raise
        nowhere, tried = str(error), ""
        found = yield from result(service, look(), session)
    scored = None
    others, _ = continued(tried, model)
    try:
        paths = kept_paths(others, tuple(step.token for step in found.lanes[0].steps))
        if len(paths) > 1:
            scored = yield from result(service, ScorePaths(prompt, model, paths), session)
    except (BadTrajectory, OutOfRange) as error:
        nowhere = f"What was tried before is forgotten. {error}"
    yield Standing(model, prompt, found, scored, nowhere)


@dataclass(frozen=True)
class Standing:
    """A text, what can come next, and what this view says of it."""

    model: str
    typed: str
    """The prompt as it was typed."""
    found: Generation
    tried: PathScores | None
    """The texts that were tried, this one the last; None where there is no other."""
    nowhere: str
    """Why the tokens that were asked for were not read; empty where they were."""

    @property
    def note(self) -> str:
        return f"{self.nowhere} {self.found.note}".strip()


def python(
    service: Service,
    prompt: str,
    written: str | None,
    tried: str | None,
    model: str,
    choice: str,
    temperature: float,
    k: int,
    p: float,
    seed: int,
) -> str:
    """What can come next as a program for plain `transformers`, and how greedy goes on."""
    tokens, _ = continued(written, model)
    asked = NextToken(prompt, model, strategy(choice, temperature, k, p), seed, tokens)
    return step_program(service, asked)


def data(standing: Standing) -> dict[str, Any]:
    """The prompt, the steps since, the next one with all candidates, and what was tried."""
    found, offered = standing.found, standing.found.offered
    return {
        **prompt_data(found),
        "note": standing.note,
        **lane_data(found.lanes[0], found),
        "next": step_data(offered, found) if offered else None,
        "tried": tried_data(standing.tried),
    }


def draw(standing: Standing) -> list[object]:
    """A note, and the text with what can come next."""
    beside = fork(standing.tried)
    shown = next_token(standing.found, standing.model, standing.typed, beside)
    return [str(note(standing.note)), str(shown)]


def strategy(choice: str, temperature: float, k: int, p: float) -> LaneOptions:
    """One lane whose dials all work together; a k of 0 and a p of 1 cut nothing."""
    return LaneOptions(
        "Step by step",
        sample=choice == "dice",
        temperature=temperature,
        top_k=k or None,
        top_p=None if p == 1 else p,
    )


def continued(written: str | None, model: str) -> tuple[str, str]:
    """The tokens that the page or a link holds, and why they were not read, as a sentence.

    They belong to the model that they name: another one has other tokens by the same numbers.
    """
    name, _, tokens = (written or "").lstrip().partition(" ")
    if not tokens or name == model:
        return tokens, ""
    return (
        "",
        "The tokens written so far belong to another model; this one starts at the prompt.",
    )


def inputs(catalog: Catalog) -> Inputs:
    return {
        "prompt": gr.Textbox(OPENING, label="Prompt", lines=2, max_lines=5),
        "written": gr.Textbox("", label="Written", visible="hidden"),
        "tried": gr.Textbox("", label="Tried", visible="hidden"),
        "model": model_choice(catalog),
        "choice": gr.Radio(CHOICES, value="dice", label="Step chooses"),
        "temperature": dial("Temperature", *FILTERS["temperature"].limits, 1.0, 0.1),
        "k": dial("Top-k, 0 for all", 0, 200, 0, 1),
        "p": dial("Top-p, 1 for all", 0.05, 1.0, 1.0, 0.05),
        "seed": dice_seed(),
    }


def stage() -> list[Component]:
    return remark_and_picture(520, RANGE_LEGEND)


VIEW = View(
    key="generation-wheel",
    text=read_text(__file__),
    ask=ask,
    data=data,
    draw=lambda: draw,
    inputs=inputs,
    stage=stage,
    button="Look",
    examples=EXAMPLES,
    runs_on=("model", "choice", "temperature", "k", "p", "seed"),
    stopped="Stopped; what was shown before stays.",
    python=python,
)
