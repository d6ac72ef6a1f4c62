"""embeddings-neighbours: the nearest words to one, and what stands behind nearness."""

from __future__ import annotations

from collections.abc import Sequence

import gradio as gr
from gradio.components import Component
from gradio.components.plot import PlotData
from markupsafe import Markup

from analysis import embeddings, projection
from analysis.embeddings import Ranked
from components.embeddings.evidence import agreement, shared_contexts, unavailable
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
from inference.errors import ModelUnavailable
from inference.service import Service
from inference.types import NEAREST, WordVectors

TRAININGS = ("skip-gram-1", "skip-gram-2", "skip-gram-3")
COUNTS = "ppmi"
WORDS = ("king", "forest", "monday", "blue", "whispered", "ship", "seven")


def ask(
    service: Service, session: str | None, word: str, other: str | None, model: str
) -> tuple[str, PlotData, str, str]:
    """The neighbours with their map, other trainings, and shared contexts; `other` may be empty."""
    vectors, asked = service.word_vectors(model), service.word(word)
    second = service.word(other) if other and other.strip() else ""
    return *neighbours(vectors, asked), *evidence(service, vectors, asked, second)


def neighbours(vectors: WordVectors, word: str) -> tuple[str, PlotData]:
    """The neighbours of a word as a list, and the words in play as a map."""
    known = len(vectors.words)
    vectors = with_typed(vectors, [word])
    row = row_of(vectors, word)
    found = embeddings.neighbours(vectors.unit, row, NEAREST)
    listed = bars(
        f"Nearest to {vectors.words[row]}, of {known:,} words",
        "Cosine in the full space, then how often the word was seen in training.",
        (ranked(vectors, one) for one in found),
    )
    rows = [row, *(one.row for one in found)]
    flat = projection.project(vectors.unit[rows])
    made = made_from(vectors, [row])
    shown = made + listed + hubs(vectors, row, found) + trust(flat)
    return str(shown), word_map(flat, words_at(vectors, rows), accented=(0,))


def hubs(vectors: WordVectors, row: int, found: Sequence[Ranked]) -> Markup:
    """Whose neighbour the word itself is, and the greatest hub beside it (truth: R10)."""
    if vectors.hubness is None or not found:
        return Markup()
    hubness = vectors.hubness
    counted = [row] if vectors.counts[row] else []  # a word that was made just now is not counted
    told = [*counted, max((one.row for one in found), key=lambda one: hubness[one])]
    said = ", and ".join(
        f"{vectors.words[one]} is one of the {NEAREST} nearest neighbours of {hubness[one]:,} words"
        for one in told
    )
    return Markup(
        '<p class="trust">Near is not mutual: {}. The average is {}; a word far above it is a hub, '
        "near to much that it has little to do with.</p>"
    ).format(said, NEAREST)


def evidence(service: Service, vectors: WordVectors, word: str, other: str) -> tuple[str, str]:
    """Would another training agree, and which contexts bring two words close."""
    if not other:
        extended = with_typed(vectors, [word])
        row = row_of(extended, word)
        other = extended.words[embeddings.neighbours(extended.unit, row, 1)[0].row]
    try:
        again = agreement([service.word_vectors(name) for name in TRAININGS], word, NEAREST)
        close = shared_contexts(service.word_vectors(COUNTS), word, other, NEAREST)
    except ModelUnavailable as error:
        return (unavailable(error),) * 2
    return again, close


def inputs() -> Inputs:
    return {
        "word": gr.Textbox(WORDS[0], label="Word", max_lines=1),
        "other": gr.Textbox("", label="Compared with", placeholder="its nearest", max_lines=1),
        "model": model_choice(),
    }


def stage() -> list[Component]:
    parts = list_and_map()
    with gr.Row(elem_classes="pair"):
        return [*parts, *(gr.HTML(min_height=390, js_on_load=None) for _ in range(2))]


VIEW = View(
    key="embeddings-neighbours",
    text=read_text(__file__),
    ask=ask,
    inputs=inputs,
    stage=stage,
    button="Show neighbours",
    examples={word: (word,) for word in WORDS},
    runs_on=("model",),
)
