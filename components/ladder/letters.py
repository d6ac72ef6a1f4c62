"""ladder-letters: the vectors of letters, and the sliding window that they are learned with."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import gradio as gr
import numpy as np
from gradio.components import Component
from numpy.typing import NDArray

from components.ladder.networks.letter_map import Letters, letter_map, trust
from components.ladder.networks.window_strip import slider, spelled
from components.shared.dials import dial, model_choice
from components.shared.drawing.figures import MAP_HEIGHT, placeholder, plot_data
from components.shared.drawing.remark import remark
from components.shared.drawing.spelling import WAITING, note
from components.shared.view import Inputs, View, read_text
from inference.tasks.ladder.pairs import Pairs
from inference.tasks.ladder.sliding_window import SlidingWindow, SlidWindow
from inference.types.options import in_range
from inference.types.waiting import Waiting

if TYPE_CHECKING:
    from inference.catalog import Catalog
    from inference.service import Service

MLP = "mlp"
PAIR = (1, 63)
SEEN = 100  # times that a character must have been read to be on the map
OPENING = "Once upon a time there was a little girl"
EXAMPLES = {
    "Inside a word": (OPENING, 32),
    "The first pairs": (OPENING, 1),
    "End of a sentence": ("The cat sat down. ", 17),
}


@dataclass(frozen=True)
class Slide:
    """A text under the window at one pair, and the letters of the network."""

    found: SlidWindow
    pair: int
    """Counted from 1."""
    letters: Letters
    tokens: tuple[int, ...]
    """Of the letters, in their order."""
    note: str

    @property
    def chosen(self) -> int | None:
        """The last letter of the context among the letters; None where it is not on the map."""
        last = self.found.tokens.ids[self.pair - 1]
        return self.tokens.index(last) if last in self.tokens else None


def ask(
    service: Service, session: str | None, text: str, pair: int, model: str
) -> Iterator[Waiting | Slide]:
    """All pairs of a text in the window network; one of them is shown.

    A pair beyond the last is the last, and the note says so. Raises OrreryError.
    """
    in_range("The pair", pair, PAIR, whole=True)
    counts = service.answer(Pairs(), session).counts.sum(axis=1) if model == MLP else None
    for news in service.run(SlidingWindow(text, model), session):
        yield news if isinstance(news, Waiting) else slide(news, pair, counts)


def slide(found: SlidWindow, pair: int, counts: NDArray[np.int64] | None) -> Slide:
    """counts: how often every token was read; None where nobody has counted, as of a model that
    was trained here: all its characters are on the map then."""
    last = len(found.chances)
    said = f"This text has {last} pairs; the last is shown." if pair > last else ""
    tokens = tuple(
        token
        for token, piece in enumerate(found.pieces)
        if len(piece.decode("utf-8", errors="replace")) == 1
        and (counts is None or counts[token] >= SEEN)
    )
    characters = tuple(found.pieces[token].decode("utf-8") for token in tokens)
    labels = tuple(spelled(found.pieces[token]) for token in tokens)
    letters = Letters(characters, labels, found.vectors[list(tokens)])
    noted = " ".join(filter(None, (said, found.tokens.note)))
    return Slide(found, min(pair, last), letters, tokens, noted)


def data(value: Slide) -> dict[str, Any]:
    """Every pair with the probability of its next character, and the letters on the map."""
    found, letters = value.found, value.letters
    pieces = [piece.decode("utf-8", errors="replace") for piece in found.tokens.pieces]
    return {
        "note": value.note,
        "window": found.size,
        "pairs": [
            {
                "context": "".join(pieces[max(0, k - found.size) : k]),
                "next": pieces[k],
                "probability": float(found.chances[k - 1, found.tokens.ids[k]]),
            }
            for k in range(1, len(pieces))
        ],
        "letters": list(letters.characters),
        "vectors": letters.vectors.tolist(),
        "points": letters.flat.points.tolist(),
        "variance_shown": letters.flat.variance_shown,
        "overlap": letters.flat.overlap,
    }


def draw(value: Slide) -> list[object]:
    """A note, the map with what it keeps, and the window."""
    return [
        str(note(value.note)),
        plot_data(letter_map(value.letters, value.chosen), "letters"),
        str(trust(value.letters, value.chosen)),
        str(slider(value.found, value.pair)),
    ]


def inputs(catalog: Catalog) -> Inputs:
    return {
        "text": gr.Textbox(OPENING, label="Text", lines=2, max_lines=4),
        "pair": dial("Pair", *PAIR, 32, 1),
        "model": model_choice(catalog, "slide a window"),
    }


def stage() -> list[Component]:
    noted = remark()
    with gr.Row(elem_classes="pair"):
        with gr.Column():
            plot = gr.Plot(placeholder(MAP_HEIGHT), show_label=False, container=False)
            told = gr.HTML(min_height=60, js_on_load=None)
        window = gr.HTML(WAITING, min_height=MAP_HEIGHT, js_on_load=None)
    return [noted, plot, told, window]


VIEW = View(
    key="ladder-letters",
    text=read_text(__file__),
    ask=ask,
    data=data,
    draw=lambda: draw,
    inputs=inputs,
    stage=stage,
    button="Slide",
    examples=EXAMPLES,
    runs_on=("pair", "model"),
)
