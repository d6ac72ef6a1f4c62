"""embeddings-analogies: a is to b as c is to what, with nothing left out."""

from __future__ import annotations

from collections.abc import Sequence

import gradio as gr
import numpy as np
from gradio.components.plot import PlotData
from markupsafe import Markup
from numpy.typing import NDArray

from analysis import embeddings, projection
from analysis.embeddings import Analogy
from analysis.projection import Projection
from components.embeddings.models import (
    LEAST,
    frequent,
    least_count,
    list_and_map,
    looked_up,
    model_choice,
    ranked,
    remarks,
)
from components.embeddings.word_map import trust, word_map
from components.shared.bars import bars
from components.shared.view import Inputs, View, read_text
from inference.catalog import Catalog
from inference.service import Service
from inference.types import NEAREST, Word, WordVectors

ANALOGIES = (
    ("man", "king", "woman"),
    ("walking", "walked", "swimming"),
    ("man", "woman", "uncle"),
    ("hot", "cold", "summer"),
    ("good", "better", "bad"),
    ("king", "kingdom", "emperor"),
)


def ask(
    service: Service, session: str | None, a: str, b: str, c: str, model: str, least: int = LEAST
) -> tuple[str, PlotData]:
    """The ranking and its map. Raises UnknownWord with close spellings."""
    a, b, c = map(service.word, (a, b, c))
    return analogy(service.word_vectors(model), a, b, c, least)


def analogy(vectors: WordVectors, a: str, b: str, c: str, least: int = 0) -> tuple[str, PlotData]:
    """The ranking of an analogy with nothing hidden (truth: R6), and its parallelogram."""
    asked = [looked_up(vectors, word) for word in (a, b, c)]
    among = frequent(vectors, least)
    solved = embeddings.analogy(vectors.unit, asked[0], asked[1], asked[2], NEAREST, among)
    below = {query.query: query for query in solved.queries if query.rank > NEAREST}
    listed = bars(
        f"{asked[0].text} is to {asked[1].text} as {asked[2].text} is to ...",
        f"Cosine with b - a + c on unit vectors, over the {among.sum():,} words seen at least "
        f"{least:,} times; then how often the word was seen. The words asked with are struck "
        "through, wherever they rank.",
        (ranked(vectors, one, solved.answer, asked) for one in (*solved.ranking, *below.values())),
    )
    points = [(word.text, word.vector) for word in asked]
    if solved.answer is not None and solved.answer.row is not None:
        points.append((vectors.words[solved.answer.row], vectors.unit[solved.answer.row]))
    flat, figure = parallelogram(points)
    shown = verdict(vectors, asked, solved) + remarks(*asked) + listed + trust(flat)
    return str(shown), figure


def parallelogram(
    points: Sequence[tuple[str, NDArray[np.float32]]],
) -> tuple[Projection, PlotData]:
    """The map of a, b, c and the answer, with arrows from a to b and from c to the answer."""
    different = dict(points)  # each word once
    places = [list(different).index(text) for text, _ in points]
    flat = projection.project(np.stack(list(different.values())))
    pairs = zip(places[::2], places[1::2])  # noqa: B905
    arrows = [(start, end) for start, end in pairs if start != end]
    return flat, word_map(flat, list(different), accented=places[3:], arrows=arrows)


def verdict(vectors: WordVectors, asked: Sequence[Word], solved: Analogy) -> Markup:
    """The answer, and what it would have been had the query words been allowed to win."""
    first, answer = solved.unrestricted, solved.answer
    if answer is None or answer.row is None:
        return Markup('<p class="verdict">No other word is left.</p>')
    winner = vectors.words[answer.row] if first.query is None else asked[first.query].text
    honest = (
        "It wins here even when the three query words are not left out."
        if first.query is None
        else f"Had the three not been left out, the answer would have been {winner}."
    )
    return Markup(
        '<p class="verdict"><b>{}</b> <span>is the nearest word but the three. {}</span></p>'
    ).format(vectors.words[answer.row], honest)


def inputs(catalog: Catalog) -> Inputs:
    labelled = zip("abc", ("a is", "to b as", "c is to ..."), ANALOGIES[0], strict=True)
    boxes = {name: gr.Textbox(word, label=label, max_lines=1) for name, label, word in labelled}
    return boxes | {"model": model_choice(), "least": least_count()}


VIEW = View(
    key="embeddings-analogies",
    text=read_text(__file__),
    ask=ask,
    inputs=inputs,
    stage=list_and_map,
    button="Solve the analogy",
    examples={f"{a} : {b} = {c} : ?": (a, b, c) for a, b, c in ANALOGIES},
    runs_on=("model", "least"),
)
