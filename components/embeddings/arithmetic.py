"""embeddings-arithmetic: a sum of any words, and how much of it each of them is."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import gradio as gr
import numpy as np
from gradio.components import Component
from gradio.components.plot import PlotData
from markupsafe import Markup

from analysis import projection
from analysis.embeddings import cosines_to
from analysis.projection import Projection
from analysis.words import analogies
from analysis.words.analogies import Sum
from analysis.words.formulas import Term, parsed
from components.embeddings.drawing.word_map import map_data, trust, word_map
from components.embeddings.models import (
    looked_up,
    model_choice,
    notes,
    ranked,
    ranked_data,
    remarks,
    word_of,
)
from components.embeddings.near.among import LEAST, Among, beside, least_count, names_choice
from components.shared.drawing.bars import bar, bars
from components.shared.drawing.figures import MAP_HEIGHT, placeholder
from components.shared.drawing.numbers import signed
from components.shared.drawing.spelling import WAITING
from components.shared.view import Inputs, View, read_text
from inference.catalog import Catalog
from inference.errors import OrreryError, TooLong
from inference.words import NEAREST, Word, WordVectors

if TYPE_CHECKING:
    from inference.service import Service

MOST = 12  # words of a sum
CHARACTERS = 400
NOTHING = (
    "Its words cancel. What is left has no length, so it points nowhere, and no word is near it."
)
ON_MAP = 5  # of the best words
SUMS = (
    "king - man + woman",
    "london - england + france",
    "brother - boy + girl",
    "water + frozen",
    "hand + leg",
    "summer - winter",
)


@dataclass(frozen=True)
class Summed:
    """What a sum comes near to (truth: R6), and a map of its words and the best others."""

    vectors: WordVectors
    terms: tuple[Term, ...]
    asked: tuple[Word, ...]
    among: Among
    found: Sum
    shares: tuple[float, ...]
    """The cosine of every signed word with the sum."""
    points: tuple[str, ...]
    """The words on the map, each once."""
    flat: Projection

    @property
    def text(self) -> str:
        """The sum as it was understood."""
        first, *others = zip(self.terms, self.asked, strict=True)
        lead = "\N{MINUS SIGN}" if first[0].sign < 0 else ""
        rest = "".join(
            f" {'+' if term.sign > 0 else chr(0x2212)} {word.text}" for term, word in others
        )
        return f"{lead}{first[1].text}{rest}"


def ask(
    service: Service,
    session: str | None,
    words: str,
    model: str,
    least: int = LEAST,
    names: int = 0,
) -> Summed:
    """The words nearest to a sum such as `king - man + woman`.

    names: 1 to list those of persons, places and months too, 0 to leave them out unless the sum
    has one.

    Raises OrreryError for what is no sum, TooLong beyond `MOST` words, and UnknownWord.
    """
    typed = words if isinstance(words, str) else ""
    if len(typed) > CHARACTERS:
        raise TooLong("sum", CHARACTERS, len(typed), "characters")
    try:
        terms = parsed(typed)
    except ValueError as error:
        raise OrreryError(f"This is no sum of words. {error}") from error
    if len(terms) > MOST:
        raise TooLong("sum", MOST, len(terms), "words")
    vectors = service.word_vectors(model)
    asked = tuple(looked_up(vectors, service.word(term.word)) for term in terms)
    return summed(vectors, terms, asked, least, bool(names))


def summed(
    vectors: WordVectors,
    terms: tuple[Term, ...],
    asked: tuple[Word, ...],
    least: int = 0,
    names: bool = True,
) -> Summed:
    """The ranking, the share of each word, and the map."""
    among, signs = beside(vectors, asked, least, names), [term.sign for term in terms]
    found = analogies.nearest_to_sum(vectors.unit, asked, signs, NEAREST, among.mask)
    target = analogies.total(asked, signs)
    signed = np.stack([term.sign * word.vector for term, word in zip(terms, asked, strict=True)])
    shares = tuple(cosines_to(signed, target).tolist())
    points = {word.text: word.vector for word in asked}
    best = [one.row for one in found.ranking if one.query is None and one.row is not None]
    best = best if any(shares) else []  # nothing is near to nothing
    points |= {vectors.words[row]: vectors.unit[row] for row in best[:ON_MAP]}
    flat = projection.project(np.stack(list(points.values())))
    return Summed(vectors, terms, asked, among, found, shares, tuple(points), flat)


def data(value: Summed) -> dict[str, Any]:
    """The sum as it was read, each word's share, the ranking, and the map."""
    vectors, asked = value.vectors, value.asked
    answer = value.found.answer if any(value.shares) else None
    return {
        "note": notes(asked),
        "sum": value.text,
        "terms": [
            {"word": word.text, "sign": term.sign, "cosine": share}
            for term, word, share in zip(value.terms, asked, value.shares, strict=True)
        ],
        "among": value.among.count,
        "answer": None if answer is None else word_of(vectors, answer, asked),
        "ranking": [
            ranked_data(vectors, one, asked) for one in value.found.listed if any(value.shares)
        ],
        "map": map_data(value.flat, value.points),
    }


def draw(value: Summed) -> list[object]:
    """The ranking, the map, and what the sum is made of."""
    if not any(value.shares):
        shown = remarks(*value.asked) + bars(value.text, NOTHING)
        return [str(shown), picture(value), str(shares(value) + trust(value.flat))]
    listed = bars(
        value.text,
        "Cosine with the sum of unit vectors, over "
        f"{value.among.told}. The words of the sum are struck through, wherever they rank.",
        (ranked(value.vectors, one, value.found.answer, value.asked) for one in value.found.listed),
    )
    shown = remarks(*value.asked) + listed
    return [str(shown), picture(value), str(shares(value) + trust(value.flat))]


def shares(value: Summed) -> Markup:
    """How much of the sum each of its words is."""
    signs = {1: "+", -1: "\N{MINUS SIGN}"}
    return bars(
        "What the sum is made of",
        "Cosine of each word, with its sign, with the whole sum: what pulls it most.",
        (
            bar(f"{signs[term.sign]} {word.text}", max(0.0, share), signed(share))
            for term, word, share in zip(value.terms, value.asked, value.shares, strict=True)
        ),
    )


def picture(value: Summed) -> PlotData:
    """The words of the sum and the best others; those of the sum in the accent colour."""
    own = {word.text for word in value.asked}
    accented = [i for i, text in enumerate(value.points) if text in own]
    return word_map(value.flat, value.points, accented=accented)


def inputs(catalog: Catalog) -> Inputs:
    return {
        "words": gr.Textbox(SUMS[0], label="Sum of words", max_lines=1),
        "model": model_choice(catalog),
        "least": least_count(),
        "names": names_choice(),
    }


def stage() -> list[Component]:
    with gr.Row(elem_classes="pair"):
        listed = gr.HTML(WAITING, min_height=420, js_on_load=None)
        with gr.Column():
            plot = gr.Plot(placeholder(MAP_HEIGHT), show_label=False, container=False)
            made = gr.HTML(min_height=150, js_on_load=None)
    return [listed, plot, made]


VIEW = View(
    key="embeddings-arithmetic",
    text=read_text(__file__),
    ask=ask,
    data=data,
    draw=lambda: draw,
    inputs=inputs,
    stage=stage,
    button="Add up",
    examples={one: (one,) for one in SUMS},
    runs_on=("model", "least", "names"),
    folded=("names",),
)
