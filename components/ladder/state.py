"""ladder-state: what a cell of a recurrent network holds under every character."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import gradio as gr
from gradio.components import Component

from components.ladder.inside import state_panel
from components.shared.dials import dice_seed, takes_trained
from components.shared.drawing.remark import remark_and_picture
from components.shared.drawing.spelling import note
from components.shared.view import Inputs, View, read_text
from inference.tasks.ladder.cell_state import CELLS, CellState, CellStates, Held
from inference.types.waiting import Waiting

if TYPE_CHECKING:
    from inference.catalog import Catalog
    from inference.service import Service

EXAMPLES = {
    "Speech": (
        'The cat sat on the wall. "Come down," said the dog, "and play with me." The cat did not '
        'move. "Are you not afraid of me?',
    ),
    "No speech": (
        "The little house stood at the end of the road, and nobody had lived in it for many years.",
    ),
    "Long words": ("He was an extraordinarily disagreeable, uncomfortable and unreasonable man.",),
    "Two lines": ('"Who is there?" asked the king.\n"It is only the wind," said the old woman.\n',),
}


def ask(
    service: Service,
    session: str | None,
    text: str,
    model: str,
    follows: str,
    held: Held,
    cell: int,
    seed: int,
) -> Iterator[Waiting | Shown]:
    """The text in one recurrent network, untouched and with one cell held.

    follows: what the cell follows. cell: another one, counted from 1 through the layers; 0 for the
    one that was found.
    """
    for news in service.run(CellState(text, model, follows, int(cell), held, int(seed)), session):
        yield news if isinstance(news, Waiting) else Shown(held, news)


@dataclass(frozen=True)
class Shown:
    """What was found, and at what the cell was held."""

    held: Held
    states: CellStates


def data(shown: Shown) -> dict[str, Any]:
    return state_panel.data(shown.states)


def draw(shown: Shown) -> list[object]:
    """A note, and everything else."""
    drawn = state_panel.panel(shown.states, shown.held)
    return [str(note(shown.states.tokens.note)), str(drawn)]


def inputs(catalog: Catalog) -> Inputs:
    models = [
        (one.title.removesuffix(", over characters"), one.name)
        for one in catalog.entries("keep a state")
    ]
    follows = [(said, name) for name, said in state_panel.PROPERTIES.items()]
    return {
        "text": gr.Textbox(EXAMPLES["Speech"][0], label="Text", lines=4, max_lines=6),
        "model": takes_trained(
            gr.Dropdown(models, value="lstm", label="Network", filterable=False), "keep a state"
        ),
        "follows": gr.Dropdown(
            follows, value="quotes", label="The cell that follows", filterable=False
        ),
        "held": gr.Radio(
            [("zero", "zero"), ("its average", "mean")], value="zero", label="Hold it at"
        ),
        "cell": gr.Number(
            0,
            label="Another cell (0: the one found)",
            precision=0,
            minimum=0,
            maximum=CELLS,
            step=1,
            elem_classes="dial",
        ),
        "seed": dice_seed(),
    }


def stage() -> list[Component]:
    return remark_and_picture(560)


VIEW = View(
    key="ladder-state",
    text=read_text(__file__),
    ask=ask,
    data=data,
    draw=lambda: draw,
    inputs=inputs,
    stage=stage,
    button="Read the text",
    examples=EXAMPLES,
    runs_on=("model", "follows", "held", "cell"),
    stopped="Stopped; what was shown before stays.",
)
