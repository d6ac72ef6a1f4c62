"""embeddings-neighbours: the nearest words to one, and what stands behind nearness."""

from __future__ import annotations

from collections.abc import Sequence

import gradio as gr
import numpy as np
from gradio.components import Component
from gradio.components.plot import PlotData
from markupsafe import Markup

from analysis import embeddings, projection
from components.embeddings.evidence import agreement, shared_contexts, unavailable
from components.embeddings.models import (
    LEAST,
    MODELS,
    frequent,
    least_count,
    list_and_map,
    looked_up,
    model_choice,
    ranked,
    remarks,
    words_at,
)
from components.embeddings.word_map import trust, word_map
from components.shared.bars import bars
from components.shared.view import Inputs, View, read_text
from inference.catalog import Catalog
from inference.errors import ModelUnavailable
from inference.service import Service
from inference.types import NEAREST, Word, WordVectors

TRAININGS = ("skip-gram-1", "skip-gram-2", "skip-gram-3")
COUNTS = "ppmi"
WORDS = ("king", "forest", "monday", "blue", "whispered", "ship", "seven")


def ask(
    service: Service,
    session: str | None,
    word: str,
    other: str | None,
    model: str,
    least: int = LEAST,
) -> tuple[str, PlotData, str, str]:
    """The neighbours with their map, other models, and shared contexts; `other` may be empty."""
    vectors = service.word_vectors(model)
    asked = looked_up(vectors, service.word(word))
    second = service.word(other) if other and other.strip() else ""
    return *neighbours(vectors, asked, least), *evidence(service, model, asked, second, least)


def neighbours(vectors: WordVectors, word: Word, least: int = 0) -> tuple[str, PlotData]:
    """The neighbours of a word as a list, and the words in play as a map."""
    among = frequent(vectors, least)
    found = embeddings.neighbours(vectors.unit, word, NEAREST, among)
    listed = bars(
        f"Nearest to {word.text}, of {among.sum():,} words",
        f"Cosine in the full space to the words seen at least {least:,} times in training, then "
        "how often the word was seen.",
        (ranked(vectors, one) for one in found),
    )
    rows = [one.row for one in found if one.row is not None]
    flat = projection.project(np.stack([word.vector, *(vectors.unit[row] for row in rows)]))
    shown = remarks(word) + listed + hubs(vectors, word, rows) + trust(flat)
    return str(shown), word_map(flat, [word.text, *words_at(vectors, rows)], accented=(0,))


def hubs(vectors: WordVectors, word: Word, rows: Sequence[int]) -> Markup:
    """Whose neighbour the word itself is, and the greatest hub beside it (truth: R10)."""
    if vectors.hubness is None or not rows:
        return Markup()
    hubness = vectors.hubness
    counted = [word.row] if word.row is not None else []
    told = [*counted, max(rows, key=lambda row: hubness[row])]
    said = ", and ".join(
        f"{vectors.words[one]} is one of the {NEAREST} nearest neighbours of {hubness[one]:,} words"
        for one in told
    )
    return Markup(
        '<p class="trust">Near is not mutual: of all {:,} words, rare ones too, {}. The average is '
        "{}; a word far above it is a hub, near to much that it has little to do with.</p>"
    ).format(len(vectors.words), said, NEAREST)


def evidence(service: Service, model: str, word: Word, other: str, least: int) -> tuple[str, str]:
    """Would other models agree, and which contexts bring two words close."""
    vectors = service.word_vectors(model)
    among = frequent(vectors, least)
    found = embeddings.neighbours(vectors.unit, word, NEAREST, among)
    first = next((vectors.words[one.row] for one in found if one.row is not None), word.text)
    try:
        judges, same = others(service, model, word)
        again = agreement(vectors, word, found, judges, among, same)
        close = shared_contexts(service.word_vectors(COUNTS), word.text, other or first, NEAREST)
    except ModelUnavailable as error:
        return (unavailable(error),) * 2
    return again, close


def others(service: Service, model: str, word: Word) -> tuple[list[WordVectors], bool]:
    """Models to compare a list with that hold the word, and whether only their seed differs."""
    if word.row is None:
        return [], False
    same = [service.word_vectors(name) for name in TRAININGS if name != model]
    if model in TRAININGS and all(word.row < len(one.words) for one in same):
        return same, True
    whole = [name for _, name in MODELS if name not in TRAININGS[1:] and name != model]
    return [service.word_vectors(name) for name in whole], False


def inputs(catalog: Catalog) -> Inputs:
    return {
        "word": gr.Textbox(WORDS[0], label="Word", max_lines=1),
        "other": gr.Textbox("", label="Compared with", placeholder="its nearest", max_lines=1),
        "model": model_choice(),
        "least": least_count(),
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
    runs_on=("model", "least"),
)
