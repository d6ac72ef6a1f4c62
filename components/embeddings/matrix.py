"""embeddings-matrix: every chosen word with every other, and which of them is the odd one out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import gradio as gr
import numpy as np
from gradio.components import Component
from markupsafe import Markup
from numpy.typing import NDArray

from analysis.words.clusters import fits, order
from analysis.words.likeness import cosines
from components.embeddings.drawing.heat import SIDE, heat
from components.embeddings.lists.typed import Listed, known
from components.embeddings.models import model_choice
from components.shared.drawing.bars import bar, bars
from components.shared.drawing.figures import placeholder, plot_data
from components.shared.drawing.numbers import signed
from components.shared.drawing.remark import remark
from components.shared.drawing.spelling import WAITING, note
from components.shared.view import Inputs, View, read_text
from inference.catalog import Catalog
from inference.errors import OrreryError, TooLong
from inference.words import Word, WordVectors

if TYPE_CHECKING:
    from inference.service import Service

WORDS, CHARACTERS = 200, 5_000  # at most
ODD, PAIRS = 10, 3  # listed
CLUSTERED, TYPED = "clustered", "typed"
EXAMPLES = {
    "Subjects": (
        "red soup winter uncle bread yellow mother spring cheese green brother summer tea blue "
        "autumn sister",
    ),
    "Fruit": ("apple pear hammer plum cherry",),
    "Days": ("monday tuesday friday january sunday",),
    "In the sea": ("whale shark salmon trout herring",),
    "Orange": ("red green orange blue apple yellow banana pear",),
}


@dataclass(frozen=True)
class Matrix:
    """Some words against each other."""

    vectors: WordVectors
    listed: Listed
    order: tuple[int, ...]
    """In which the picture has the words."""
    cosines: NDArray[np.float64]
    """(words, words), as they were typed."""
    fits: NDArray[np.float64]
    """(words,) cosine with the mean of all."""

    @property
    def words(self) -> tuple[Word, ...]:
        return self.listed.words


def ask(service: Service, session: str | None, words: str, model: str, arranged: str) -> Matrix:
    """The cosines of all pairs of up to 200 words, in the order of their likeness or as typed.

    Raises TooLong, UnknownWord, or OrreryError for fewer than two words.
    """
    typed = words or ""
    if len(typed) > CHARACTERS:
        raise TooLong("list of words", CHARACTERS, len(typed), "characters")
    if arranged not in (CLUSTERED, TYPED):
        raise OrreryError(f"The order is {CLUSTERED} or {TYPED}.")
    vectors = service.word_vectors(model)
    return compared(vectors, known(service, vectors, typed, WORDS, 2), arranged == CLUSTERED)


def compared(vectors: WordVectors, listed: Listed, clustered: bool = True) -> Matrix:
    """All pairs of some words."""
    unit = np.stack([word.vector for word in listed.words])
    found = cosines(unit)
    along = order(found) if clustered else tuple(range(len(found)))
    return Matrix(vectors, listed, along, found, fits(unit))


def data(value: Matrix) -> dict[str, Any]:
    """The words as typed with their cosines, the order of the picture, and who fits how well."""
    return {
        "note": value.listed.note,
        "words": [word.text for word in value.words],
        "missing": list(value.listed.missing),
        "order": list(value.order),
        "cosines": value.cosines.tolist(),
        "fits": value.fits.tolist(),
        "odd_one_out": value.words[int(value.fits.argmin())].text if len(value.words) > 2 else None,
    }


def draw(value: Matrix) -> list[object]:
    """A note, the matrix, and the odd one out with the closest pairs."""
    along = list(value.order)
    figure = heat(value.cosines[np.ix_(along, along)], [value.words[i].text for i in along])
    return [
        str(note(value.listed.note)),
        plot_data(figure, "matrix"),
        str(odd(value) + pairs(value)),
    ]


def odd(value: Matrix) -> Markup:
    """Every word's cosine with the mean of all, the one that fits least first."""
    if len(value.words) < 3:
        return bars("Odd one out", "Of two words none is odd: type a third one.")
    least = np.argsort(value.fits, kind="stable")
    rows = (
        bar(
            value.words[i].text,
            max(0.0, float(value.fits[i])),
            signed(value.fits[i]),
            "",
            "hit" if place == 0 else "",
        )
        for place, i in enumerate(least[:ODD].tolist())
    )
    what = "Fits least" if len(value.words) > ODD else "Odd one out"
    return bars(
        f"{what}: {value.words[int(least[0])].text}",
        f"Cosine with the mean of all {len(value.words)} words, the lowest first.",
        rows,
    )


def pairs(value: Matrix) -> Markup:
    """The closest pairs, in a sentence."""
    above, below = np.triu_indices(len(value.words), 1)
    found = value.cosines[above, below]
    best = np.argsort(-found, kind="stable")[:PAIRS].tolist()
    named = ", ".join(
        f"{value.words[above[i]].text} and {value.words[below[i]].text} ({signed(found[i])})"
        for i in best
    )
    return Markup('<p class="trust">Closest: {}. Mean over all {:,} pairs: {}.</p>').format(
        named, len(found), signed(float(found.mean()))
    )


def inputs(catalog: Catalog) -> Inputs:
    (words,) = EXAMPLES["Subjects"]
    return {
        "words": gr.Textbox(words, label="Words", lines=4, max_lines=8),
        "model": model_choice(catalog),
        "arranged": gr.Radio(
            [("By likeness", CLUSTERED), ("As typed", TYPED)], value=CLUSTERED, label="Order"
        ),
    }


def stage() -> list[Component]:
    noted = remark()
    with gr.Row(elem_classes="pair"):
        with gr.Column(scale=2, min_width=320):
            plot = gr.Plot(placeholder(SIDE), show_label=False, container=False)
        with gr.Column(scale=1, min_width=240):
            listed = gr.HTML(WAITING, min_height=SIDE, js_on_load=None)
    return [noted, plot, listed]


VIEW = View(
    key="embeddings-matrix",
    text=read_text(__file__),
    ask=ask,
    data=data,
    draw=lambda: draw,
    inputs=inputs,
    stage=stage,
    button="Compare all",
    examples=EXAMPLES,
    runs_on=("model", "arranged"),
)
