"""ladder-table: which letter follows which, and the dice that write a text in that table."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

import gradio as gr
import numpy as np
from gradio.components import Component
from markupsafe import Markup

from analysis.characters import visible
from analysis.pairs import Roll, distances, rolled, shares
from components.ladder.counts.pair_map import HEIGHT, pair_map
from components.ladder.counts.pair_tables import (
    NAMES,
    READ,
    STORIES,
    PairTable,
    of_names,
    of_stories,
)
from components.ladder.counts.rolls import stepper
from components.shared.dials import dial, dice_seed
from components.shared.drawing.figures import placeholder, plot_data
from components.shared.drawing.remark import remark
from components.shared.drawing.spelling import WAITING, note
from components.shared.view import Inputs, View, read_text
from inference.catalog import Catalog
from inference.errors import TooLong
from inference.tasks.ladder.pairs import Pairs
from inference.types.options import SEED, in_range
from inference.types.waiting import Waiting

if TYPE_CHECKING:
    from inference.service import Service

ROLLS = (0, 120)
EXAMPLES = {
    "Names": (NAMES, ".", 24),
    "After q": (NAMES, "q", 1),
    "Stories": (STORIES, "t", 60),
}


@dataclass(frozen=True)
class Rolled:
    """A table, and a text that the dice wrote in it."""

    table: PairTable
    start: int
    """The letter that the text begins with."""
    rolls: tuple[Roll, ...]
    note: str = ""

    @property
    def row(self) -> int:
        """The row of the next roll: that of the last letter."""
        return self.rolls[-1].column if self.rolls else self.start

    @property
    def letters(self) -> list[int]:
        """All letters of the text."""
        return [self.start, *(roll.column for roll in self.rolls)]

    @property
    def text(self) -> str:
        return "".join(self.table.letters[letter] for letter in self.letters)


def ask(
    service: Service, session: str | None, source: str, start: str, rolls: int, seed: int
) -> Iterator[Waiting | Rolled]:
    """The table, and so many rolls from a letter on. The k-th roll takes the k-th number of a
    seed, whatever the table.

    start: one letter; where the table has no row for it, the note says so and the text begins at
    the first row. Raises TooLong beyond one letter, and OutOfRange.
    """
    in_range("The number of rolls", rolls, ROLLS, whole=True)
    in_range("The seed", seed, SEED, whole=True)
    if len(start or "") > 1:
        raise TooLong("letter to begin with", 1, len(start), "characters")
    if source == NAMES:
        table = of_names(service.names())
    else:
        for news in service.run(Pairs(), session):
            if isinstance(news, Waiting):
                yield news
            else:
                table = of_stories(news)
    letter, said = begun(table, start)
    numbers = np.random.default_rng(seed).random(rolls).tolist()
    yield Rolled(table, letter, rolled(table.counts, letter, numbers), said)


def begun(table: PairTable, start: str | None) -> tuple[int, str]:
    """The letter that a text begins with, and why it is not the one that was asked for."""
    first = table.letters.index(table.first)
    if not start:
        return first, ""
    if start in table.letters and table.counts[table.letters.index(start)].any():
        return table.letters.index(start), ""
    asked = "".join(span.text for span in visible(start))
    return first, f"This table has no row for {asked}; the text begins in its first row."


def data(found: Rolled) -> dict[str, Any]:
    """The whole table, the text, every roll, and how far each row is from that of the last."""
    table = found.table
    apart = distances(shares(table.counts), found.row)
    return {
        "note": found.note,
        "letters": list(table.letters),
        "counts": table.counts.tolist(),
        "text": found.text,
        "rolls": [asdict(roll) for roll in found.rolls],
        "distances": apart.tolist(),
    }


def draw(found: Rolled) -> list[object]:
    """A note, the map, and the text with its rolls."""
    last = found.rolls[-1] if found.rolls else None
    row, column = (last.row, last.column) if last else (found.row, None)
    return [
        str(note(found.note)),
        plot_data(pair_map(found.table, row, column), "pairs"),
        str(caption(READ[found.table.source])),
        str(stepper(found.table, found.letters, found.rolls, ROLLS[1])),
    ]


def caption(read: str) -> Markup:
    """What the map shows, and what was counted."""
    said = "Rows are followed by columns; blank is never."
    return Markup('<p class="trust">{} {}</p>').format(said, read)


def inputs(catalog: Catalog) -> Inputs:
    source = [("Names", NAMES), ("Old stories", STORIES)]
    return {
        "source": gr.Radio(source, value=NAMES, label="Counted in"),
        "start": gr.Textbox(".", label="Begin with", max_lines=1),
        "rolls": dial("Rolls", *ROLLS, 24, 1),
        "seed": dice_seed(),
    }


def stage() -> list[Component]:
    noted = remark()
    with gr.Row(elem_classes="pair"):
        with gr.Column(elem_id="ladder-table-map", elem_classes="table-map"):
            plot = gr.Plot(placeholder(HEIGHT), show_label=False, container=False)
            told = gr.HTML(str(caption(READ[NAMES])), js_on_load=None)
        rolls = gr.HTML(WAITING, min_height=HEIGHT, js_on_load=None)
    return [noted, plot, told, rolls]


VIEW = View(
    key="ladder-table",
    text=read_text(__file__),
    ask=ask,
    data=data,
    draw=lambda: draw,
    inputs=inputs,
    stage=stage,
    button="Write",
    examples=EXAMPLES,
    runs_on=("source", "rolls", "seed"),
)
