"""generation-beam: a beam search step by step, what it keeps and what it drops."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import gradio as gr
from gradio.components import Component

from components.generation.search_tree import LEGEND, exact, lost, search_tree
from components.generation.snippet import beam_program
from components.shared.dials import dial, model_choice
from components.shared.drawing.lane_data import token_data
from components.shared.drawing.remark import remark_and_picture
from components.shared.drawing.spelling import note
from components.shared.view import Inputs, View, read_text
from inference.decoding.beam import EarlyStopping, Hypothesis
from inference.errors import OrreryError
from inference.tasks.beam_trail import ALPHA, BEAMS, STEPS, BeamTrail, FollowBeams
from inference.types.options import in_range
from inference.types.waiting import Waiting

if TYPE_CHECKING:
    from inference.catalog import Catalog
    from inference.service import Service

EXAMPLES = {
    "Loses to greedy": ("A man", "storyteller", 2),
    "Three beams": ("A man", "storyteller", 3),
    "Against exact search": ("She wanted to", "bigram", 2),
    "A text that ends": ("and they lived happily ever", "storyteller", 3),
}
STOPPING: dict[str, EarlyStopping] = {
    "never": "never",
    "if none is better now": False,
    "when the pool is full": True,
}
"""By what a page calls them: `early_stopping` of transformers."""


def ask(
    service: Service,
    session: str | None,
    prompt: str,
    model: str,
    beams: int,
    steps: int,
    penalty: float,
    stopping: str,
    opened: int,
) -> Iterator[Waiting | tuple[BeamTrail, int]]:
    """A search with all its candidates.

    penalty, stopping: by which its pool is ranked, and when it stops. opened: how many steps the
    page shows at first; the answer holds all of them. Raises OrreryError.
    """
    in_range("The number of steps that are open", opened, (0, STEPS[1]), whole=True)
    task = search(prompt, model, beams, steps, penalty, stopping)
    for news in service.run(task, session):
        yield news if isinstance(news, Waiting) else (news, opened)


def search(
    prompt: str, model: str, beams: int, steps: int, penalty: float, stopping: str
) -> FollowBeams:
    """The search that is asked for. Raises OrreryError."""
    if stopping not in STOPPING:
        raise OrreryError(f"The search stops early by one of: {', '.join(STOPPING)}.")
    return FollowBeams(prompt, model, beams, steps, penalty, STOPPING[stopping])


def python(service: Service, *asked: Any) -> str:
    """The search as a program for plain `transformers`."""
    return beam_program(service, search(*asked[:-1]))


def data(value: tuple[BeamTrail, int]) -> dict[str, Any]:
    """All candidates of all steps, what is returned, and of a bigram model the best texts."""
    trail, _ = value
    searched = trail.searched
    return {
        "note": trail.tokens.note,
        "steps": [
            [
                {
                    **token_data(one.token, trail),
                    "parent": one.parent,
                    "log_probability": one.log_probability,
                    "fate": one.fate,
                }
                for one in step
            ]
            for step in searched.steps
        ],
        "outcome": hypothesis_data(searched.outcome, trail),
        "greedy": {**hypothesis_data(searched.greedy, trail), "lost_at": lost(searched)},
        "exact": [
            {
                "length": row.length,
                "text": row.best,
                "log_probability": row.log_probability,
                "beam": row.found,
                "beam_log_probability": row.found_log_probability,
            }
            for row in exact(trail)
        ],
    }


def hypothesis_data(hypothesis: Hypothesis, trail: BeamTrail) -> dict[str, Any]:
    return {
        "tokens": [token_data(token, trail) for token in hypothesis.ids],
        "log_probability": hypothesis.log_probability,
        "score": hypothesis.score(trail.task.alpha),
    }


def draw(value: tuple[BeamTrail, int]) -> list[object]:
    """A note, and the tree with its texts."""
    trail, opened = value
    return [str(note(trail.tokens.note)), str(search_tree(trail, opened))]


def inputs(catalog: Catalog) -> Inputs:
    return {
        "prompt": gr.Textbox("A man", label="Prompt", lines=1, max_lines=5),
        "model": model_choice(catalog),
        "beams": dial("Beams", *BEAMS, 2, 1),
        "steps": dial("Steps", *STEPS, 8, 1),
        "penalty": dial("Length penalty", *ALPHA, 0.0, 0.1),
        "stopping": gr.Dropdown(
            list(STOPPING), value="never", label="Stop early", filterable=False
        ),
        "opened": gr.Number(STEPS[1], label="Steps open", precision=0, visible="hidden"),
    }


def stage() -> list[Component]:
    return remark_and_picture(520, LEGEND)


VIEW = View(
    key="generation-beam",
    text=read_text(__file__),
    ask=ask,
    data=data,
    draw=lambda: draw,
    inputs=inputs,
    stage=stage,
    button="Search",
    examples=EXAMPLES,
    runs_on=("model", "beams", "steps", "stopping"),
    folded=("steps", "stopping"),
    stopped="Stopped; what was shown before stays.",
    python=python,
)
