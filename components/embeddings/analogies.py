"""embeddings-analogies: a is to b as c is to what, with nothing left out."""

from __future__ import annotations

from collections.abc import Sequence

import gradio as gr
from gradio.components.plot import PlotData
from markupsafe import Markup

from analysis import embeddings, projection
from analysis.embeddings import Analogy
from analysis.projection import Projection
from components.embeddings.models import (
    list_and_map,
    made_from,
    model_choice,
    ranked,
    row_of,
    with_typed,
    words_at,
)
from components.embeddings.word_map import trust, word_map
from components.shared.bars import bars
from components.shared.view import Inputs, View, read_text
from inference.service import Service
from inference.types import NEAREST, WordVectors

ANALOGIES = (
    ("man", "king", "woman"),
    ("walking", "walked", "swimming"),
    ("man", "woman", "uncle"),
    ("hot", "cold", "summer"),
    ("good", "better", "bad"),
    ("king", "kingdom", "emperor"),
)


def ask(
    service: Service, session: str | None, a: str, b: str, c: str, model: str
) -> tuple[str, PlotData]:
    """The ranking and its map. Raises UnknownWord with close spellings."""
    return analogy(service.word_vectors(model), *map(service.word, (a, b, c)))


def analogy(vectors: WordVectors, a: str, b: str, c: str) -> tuple[str, PlotData]:
    """The ranking of an analogy with nothing hidden (truth: R6), and its parallelogram."""
    vectors = with_typed(vectors, (a, b, c))
    rows = [row_of(vectors, word) for word in (a, b, c)]
    solved = embeddings.analogy(vectors.unit, rows[0], rows[1], rows[2], count=NEAREST)
    named = words_at(vectors, rows)
    below = {query.row: query for query in solved.queries if query.rank > NEAREST}
    listed = bars(
        f"{named[0]} is to {named[1]} as {named[2]} is to ...",
        "Cosine with b - a + c on unit vectors, then how often the word was seen. The words asked "
        "with are struck through, wherever they rank.",
        (ranked(vectors, one, solved.answer) for one in (*solved.ranking, *below.values())),
    )
    made = made_from(vectors, rows)
    if solved.answer is not None:
        rows.append(solved.answer.row)
    flat, figure = parallelogram(vectors, rows)
    return str(verdict(vectors, solved) + made + listed + trust(flat)), figure


def parallelogram(vectors: WordVectors, rows: Sequence[int]) -> tuple[Projection, PlotData]:
    """The map of a, b, c and the answer, with arrows from a to b and from c to the answer."""
    places = {row: place for place, row in enumerate(dict.fromkeys(rows))}  # each word once
    flat = projection.project(vectors.unit[list(places)])
    pairs = [(places[start], places[end]) for start, end in zip(rows[::2], rows[1::2])]  # noqa: B905
    arrows = [(start, end) for start, end in pairs if start != end]
    answer = [places[row] for row in rows[3:]]
    return flat, word_map(flat, words_at(vectors, list(places)), accented=answer, arrows=arrows)


def verdict(vectors: WordVectors, solved: Analogy) -> Markup:
    """The answer, and what it would have been had the query words been allowed to win."""
    if solved.answer is None:
        return Markup('<p class="verdict">No other word is left.</p>')
    answer, first = vectors.words[solved.answer.row], vectors.words[solved.unrestricted.row]
    honest = (
        "It wins here even when the three query words are not left out."
        if solved.answer.row == solved.unrestricted.row
        else f"Had the three not been left out, the answer would have been {first}."
    )
    return Markup(
        '<p class="verdict"><b>{}</b> <span>is the nearest word but the three. {}</span></p>'
    ).format(answer, honest)


def inputs() -> Inputs:
    labelled = zip("abc", ("a is", "to b as", "c is to ..."), ANALOGIES[0], strict=True)
    boxes = {name: gr.Textbox(word, label=label, max_lines=1) for name, label, word in labelled}
    return boxes | {"model": model_choice()}


VIEW = View(
    key="embeddings-analogies",
    text=read_text(__file__),
    ask=ask,
    inputs=inputs,
    stage=list_and_map,
    button="Solve the analogy",
    examples={f"{a} : {b} = {c} : ?": (a, b, c) for a, b, c in ANALOGIES},
    runs_on=("model",),
)
