"""embeddings-map: thousands of words at once, and where such a map lies."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import gradio as gr
import numpy as np
from gradio.components import Component
from gradio.components.plot import PlotData
from markupsafe import Markup

from analysis.projection import ranks_from
from components.embeddings.drawing.cloud import (
    FLAT_TOOLS,
    LASSOED,
    SIDE,
    SPACE_TOOLS,
    Colours,
    cloud,
    told_apart,
)
from components.embeddings.lists.categories import CATEGORIES, category_of
from components.embeddings.models import looked_up, notes, remarks
from components.shared.drawing.bars import bar, bars
from components.shared.drawing.figure_template import SERIES
from components.shared.drawing.figures import placeholder, plot_data
from components.shared.drawing.numbers import percent, signed
from components.shared.drawing.remark import remark
from components.shared.drawing.spelling import WAITING, note
from components.shared.view import Inputs, View, read_text
from inference.catalog import Catalog
from inference.errors import OrreryError
from inference.types.options import in_range
from inference.words import NEIGHBOURS, Map, Maps, Word, WordVectors

if TYPE_CHECKING:
    from inference.service import Service

WORDS = ("king", "dog", "happy", "red", "running", "london")
METHODS = (("t-SNE", "t-sne"), ("UMAP", "umap"), ("PCA", "pca"))
GROUPS, LISTS, SEEN, KEPT = "groups", "lists", "seen", "kept"
COLOURS = (
    ("Groups of likeness", GROUPS),
    ("Our own lists", LISTS),
    ("How often seen", SEEN),
    ("Neighbours kept", KEPT),
)
SEEDS = (1, 3)
TYPICAL = 3  # words that stand for a group
NAMES, NAMES_IN_SPACE = 400, 40  # words that may be written on the map; map.js hides overlaps


@dataclass(frozen=True)
class Found:
    """A map, and one word of it with its true neighbours among the words on the map."""

    vectors: WordVectors
    maps: Maps
    drawn: Map
    colour: str
    word: Word
    place: int | None
    """Of the word among those of the map; None for one that is not on it."""
    near: tuple[int, ...]
    """Likewise of its true neighbours, the nearest first."""
    cosines: tuple[float, ...]
    ranks: tuple[int, ...]
    """Of each neighbour by its distance on the map, 1 for the nearest point; () without a place."""

    @cached_property
    def words(self) -> list[str]:
        """All on the map."""
        return [self.vectors.words[row] for row in self.maps.rows]

    @property
    def kept(self) -> float:
        """Share of all words' true neighbours that the map keeps near."""
        return float(self.drawn.kept.mean())

    @property
    def note(self) -> str:
        missing = (
            "" if self.place is not None
            else f"{self.word.text} is none of the {len(self.maps.rows):,} commonest words that "
            "say something, so it is not on the map, but its nearest words are."
        )  # fmt: skip
        return " ".join(filter(None, (notes([self.word]), missing)))


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


def located(vectors: WordVectors, maps: Maps, drawn: Map, word: Word, colour: str) -> Found:
    """The true neighbours of a word among those on a map, and how near they stand there."""
    cosines = vectors.unit[maps.rows] @ word.vector
    (places,) = np.nonzero(maps.rows == (-1 if word.row is None else word.row))
    place = int(places[0]) if len(places) else None
    if place is not None:
        cosines[place] = -np.inf
    near = np.argsort(-cosines, kind="stable")[:NEIGHBOURS]
    ranks: tuple[int, ...] = ()
    if place is not None:
        points = np.delete(drawn.points, place, axis=0)
        ranked = ranks_from(points, drawn.points[place])
        ranks = tuple(int(ranked[one - (one > place)]) for one in near)
    found = tuple(float(one) for one in cosines[near])
    return Found(vectors, maps, drawn, colour, word, place, tuple(map(int, near)), found, ranks)


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


def ranks_of(found: Found) -> list[int | None]:
    """Of every neighbour, None where the word has no place."""
    return list(found.ranks) or [None] * len(found.near)


def draw(found: Found) -> list[object]:
    """A note, the map, and the true neighbours."""
    return [str(note(found.note)), picture(found), str(neighbours(found))]


def picture(found: Found) -> PlotData:
    words, drawn = found.words, found.drawn
    flat = drawn.dimensions == 2
    first = [found.place] if found.place is not None else []
    shown = coloured(found)
    rest = np.argsort(shown.values < 0, kind="stable").tolist()  # those of a list first
    order = list(dict.fromkeys([*first, *found.near, *rest]))
    figure = cloud(
        drawn.points,
        words,
        found.vectors.counts[found.maps.rows],
        shown,
        order[: NAMES if flat else NAMES_IN_SPACE],
        found.place,
        list(found.near),
    )
    return plot_data(figure, "word-map", FLAT_TOOLS if flat else SPACE_TOOLS)


def coloured(found: Found) -> Colours:
    """What the colours say."""
    if found.colour == GROUPS:
        return told_apart(found.maps.groups)
    if found.colour == LISTS:
        known = category_of()
        return told_apart(np.array([known.get(word, -1) for word in found.words]))
    if found.colour == KEPT:
        ticks = tuple((share, percent(share, 0)) for share in (0.0, 0.5, 1.0))
        return Colours(found.drawn.kept, (0.0, 1.0), ticks)
    counts = np.log10(np.maximum(1, found.vectors.counts[found.maps.rows]))
    powers = range(int(counts.min()), int(np.ceil(counts.max())) + 1)
    ticks = tuple((float(power), f"{10**power:,}") for power in powers)
    return Colours(counts, (float(counts.min()), float(counts.max())), ticks)


def neighbours(found: Found) -> Markup:
    """The true neighbours, with where the map has them, and how far to trust it (truth: R9)."""
    words = found.words
    rows = (
        bar(words[one], cosine, signed(cosine), "" if rank is None else f"{rank:,}.")
        for one, cosine, rank in zip(found.near, found.cosines, ranks_of(found), strict=True)
    )
    listed = bars(
        f"Truly nearest to {found.word.text}",
        "Cosine in all dimensions; then its rank among the nearest points of the map. A long red "
        "line is a lie of the map.",
        rows,
    )
    return remarks(found.word) + listed + trust(found) + legend(found) + LASSOED


def trust(found: Found) -> Markup:
    """The share of true neighbours that are near on the map, for all words and for this one."""
    own = Markup()
    if found.place is not None:
        share = found.drawn.kept[found.place]
        own = Markup(" Of {}: {} of {}.").format(
            found.word.text, round(share * NEIGHBOURS), NEIGHBOURS
        )
    return Markup(
        '<p class="trust">Of the {} true neighbours of every word, {} are among the {} nearest '
        "points of this map.{}</p>"
    ).format(NEIGHBOURS, percent(found.kept, 0), NEIGHBOURS, own)


def legend(found: Found) -> Markup:
    """The lists by their colours, or what stands for the group of the word."""
    if found.colour == LISTS:
        spans = Markup(" ").join(
            Markup(
                '<span class="range"><i class="swatch" style="background: {}"></i>{}</span>'
            ).format(*one)
            for one in zip(SERIES, CATEGORIES, strict=True)
        )
        return Markup('<p class="legend">{}</p>').format(spans)
    if found.colour == GROUPS and found.place is not None:
        rows = found.maps.typical[found.maps.groups[found.place]][:TYPICAL]
        typical = ", ".join(found.vectors.words[row] for row in rows)
        return Markup('<p class="trust">{} is in the group of {}.</p>').format(
            found.word.text, typical
        )
    return Markup()


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
