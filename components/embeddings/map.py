"""embeddings-map: thousands of words at once, and where such a map lies."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import gradio as gr
from gradio.components import Component

from components.embeddings.drawing.cloud import SIDE
from components.embeddings.drawing.whole_map import COLOURS, GROUPS, draw
from components.embeddings.models import looked_up
from components.embeddings.near.on_map import Found, located, ranks_of
from components.shared.drawing.figures import placeholder
from components.shared.drawing.remark import remark
from components.shared.drawing.spelling import WAITING
from components.shared.view import Inputs, View, read_text
from inference.catalog import Catalog
from inference.errors import OrreryError
from inference.types.options import in_range

if TYPE_CHECKING:
    from inference.service import Service

WORDS = ("king", "dog", "happy", "red", "running", "london")
METHODS = (("t-SNE", "t-sne"), ("UMAP", "umap"), ("PCA", "pca"))
SEEDS = (1, 3)


def ask(
    service: Service,
    session: str | None,
    word: str,
    model: str,
    method: str,
    colour: str,
    dimensions: int | str,
    seed: int,
) -> Found:
    """One of the stored maps, with the true neighbours of a word. PCA has no seed.

    Raises UnknownWord, OutOfRange, ModelUnavailable, or OrreryError for a map that there is not.
    """
    in_range("The seed", seed, SEEDS, whole=True)
    if colour not in dict(COLOURS).values():
        raise OrreryError(f"The colour is one of {', '.join(dict(COLOURS).values())}.")
    vectors, maps = service.word_vectors(model), service.word_maps(model)
    asked = looked_up(vectors, service.word(word))
    try:
        drawn = maps.one(method, int(dimensions), 0 if method == "pca" else seed)
    except ValueError as error:
        raise OrreryError(str(error)) from error
    return located(vectors, maps, drawn, asked, colour)


def data(found: Found) -> dict[str, Any]:
    """Every word with its point, group, and share of neighbours kept; then the word asked for."""
    words, drawn = found.words, found.drawn
    return {
        "note": found.note,
        "method": drawn.method,
        "kept": found.kept,
        "groups": [
            [found.vectors.words[row] for row in rows] for rows in found.maps.typical.tolist()
        ],
        "words": [
            {"text": word, "point": point, "group": group, "kept": kept}
            for word, point, group, kept in zip(
                words,
                drawn.points.tolist(),
                found.maps.groups.tolist(),
                drawn.kept.tolist(),
                strict=True,
            )
        ],
        "word": found.word.text,
        "neighbours": [
            {"text": words[one], "cosine": cosine, "rank_on_map": rank}
            for one, cosine, rank in zip(found.near, found.cosines, ranks_of(found), strict=True)
        ],
    }


def inputs(catalog: Catalog) -> Inputs:
    models = [(one.title, one.name) for one in catalog.entries("embed", "draw a map")]
    return {
        "word": gr.Textbox(WORDS[0], label="Find", max_lines=1),
        "model": gr.Dropdown(models, value=models[0][1], label="Model", filterable=False),
        "method": gr.Radio(list(METHODS), value=METHODS[0][1], label="Flattened by"),
        "colour": gr.Dropdown(list(COLOURS), value=GROUPS, label="Coloured by", filterable=False),
        "dimensions": gr.Radio([("2-D", 2), ("3-D", 3)], value=2, label="Onto"),
        "seed": gr.Radio([1, 2, 3], value=1, label="Random seed"),
    }


def stage() -> list[Component]:
    noted = remark()
    with gr.Row(elem_classes="pair"):
        with gr.Column(scale=2, min_width=320, elem_classes="cloud"):
            plot = gr.Plot(placeholder(SIDE), show_label=False, container=False)
        with gr.Column(scale=1, min_width=260):
            listed = gr.HTML(WAITING, min_height=SIDE, js_on_load=None)
    return [noted, plot, listed]


VIEW = View(
    key="embeddings-map",
    text=read_text(__file__),
    ask=ask,
    data=data,
    draw=lambda: draw,
    inputs=inputs,
    stage=stage,
    button="Find",
    examples={word: (word,) for word in WORDS},
    runs_on=("model", "method", "dimensions", "seed", "colour"),
    folded=("seed",),
)
