"""embeddings-neighbours: the nearest words to one, and what stands behind nearness."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import gradio as gr
import numpy as np
from gradio.components import Component
from markupsafe import Markup

from analysis import embeddings, projection
from analysis.embeddings import Ranked
from analysis.projection import Projection
from components.embeddings.drawing.word_map import map_data, trust, word_map
from components.embeddings.models import (
    COUNTS,
    OURS,
    kinds,
    looked_up,
    model_choice,
    ranked_data,
    remarks,
    trainings,
    words_at,
)
from components.embeddings.near.among import LEAST, Among, beside, least_count, names_choice
from components.embeddings.near.columns import (
    Listed,
    columns,
    columns_data,
    legend,
    likeness,
    listed,
)
from components.embeddings.near.evidence import (
    Close,
    Judged,
    agreement,
    agreement_bars,
    agreement_data,
    contexts_bars,
    contexts_data,
    shared_contexts,
)
from components.shared.drawing.figures import placeholder
from components.shared.drawing.spelling import WAITING
from components.shared.view import Inputs, View, read_text
from inference.catalog import Catalog
from inference.errors import ModelUnavailable
from inference.words import NEAREST, Word, WordVectors

if TYPE_CHECKING:
    from inference.service import Service

BESIDE = ("glove", "fasttext")
"""The models beside the first when the view opens."""
SMALL = 250  # px: a map with the panels beside it
FOREIGN = "These vectors are from elsewhere, and no other training of them is here."
WORDS = ("king", "forest", "monday", "blue", "whispered", "ship", "seven")


@dataclass(frozen=True)
class Near:
    """The neighbours of a word, a map of them, and what stands behind nearness."""

    vectors: WordVectors
    word: Word
    among: Among
    found: tuple[Ranked, ...]
    flat: Projection
    judged: Judged | str
    close: Close | str
    lists: tuple[Listed, ...] = ()
    """In every model that is shown, this one first."""
    models: tuple[str, ...] = ("",)
    """Their names."""
    other: str = ""
    """The word that it is compared with."""
    missing: str = ""
    """What is said of a model beside the first that is not here."""

    @property
    def words(self) -> list[str]:
        """The word and its neighbours."""
        return [self.word.text, *words_at(self.vectors, self.rows)]

    @property
    def rows(self) -> list[int]:
        """Of the neighbours."""
        return [one.row for one in self.found if one.row is not None]


def ask(
    service: Service,
    session: str | None,
    word: str,
    other: str | None,
    model: str,
    least: int = LEAST,
    second: str | None = None,
    third: str | None = None,
    names: int = 0,
) -> Near:
    """The neighbours with their map, other models, and shared contexts; `other` may be empty.

    second, third: models beside the first, or nothing. names: 1 to list those of persons,
    places and months too, 0 to leave them out.
    """
    vectors = service.word_vectors(model)
    asked = looked_up(vectors, service.word(word))
    compared = service.word(other) if other and other.strip() else ""
    near = neighbours(vectors, asked, least, bool(names))
    compared = compared or next(iter(near.words[1:]), asked.text)
    lists: dict[str, Listed] = {}
    missing = ""
    for name in dict.fromkeys(filter(None, (model, second, third))):
        try:
            lists[name] = in_model(service, name, asked.text, compared, least, bool(names))
        except ModelUnavailable as error:  # the others are listed all the same
            missing = f"{missing} {error}"
    listed = tuple(lists.values())
    near = replace(near, lists=listed, models=tuple(lists), other=compared, missing=missing)
    try:
        judges, same = others(service, model, asked)
        if asked.row is not None and not judges:
            judged: Judged | str = FOREIGN
        else:
            judged = agreement(asked, near.found, judges, near.among.mask, same)
        close = shared_contexts(service.word_vectors(COUNTS), asked.text, compared)
    except ModelUnavailable as error:  # the rest of the view goes on
        return replace(near, judged=str(error), close=str(error))
    return replace(near, judged=judged, close=close)


def in_model(service: Service, name: str, word: str, other: str, least: int, names: bool) -> Listed:
    """The neighbours in one of the models shown. Raises ModelUnavailable."""
    title = service.catalog.entry(name, "embed").title.partition(" (")[0]
    return listed(service.word_vectors(name), title, word, other, least, names)


def neighbours(vectors: WordVectors, word: Word, least: int = 0, names: bool = True) -> Near:
    """The neighbours of a word, and the words in play as a map."""
    among = beside(vectors, [word], least, names)
    found = embeddings.neighbours(vectors.unit, word, NEAREST, among.mask)
    units = [vectors.unit[one.row] for one in found if one.row is not None]
    flat = projection.project(np.stack([word.vector, *units]))
    lists = (Listed("", vectors, word, found, None),)
    return Near(vectors, word, among, found, flat, "", "", lists)


def data(near: Near) -> dict[str, Any]:
    """The neighbours and their map, the same neighbours in other models, and shared contexts."""
    vectors = near.vectors
    return {
        "note": near.word.note,
        "word": near.word.text,
        "pieces": list(near.word.ngrams),
        "among": near.among.count,
        "neighbours": [ranked_data(vectors, one) for one in near.found],
        "map": map_data(near.flat, near.words),
        "other": near.other,
        "columns": columns_data(near.lists, near.models),
        "agreement": agreement_data(near.judged, vectors),
        "contexts": contexts_data(near.close),
    }


def draw(near: Near) -> list[object]:
    """The lists, the map, and both panels."""
    compared = likeness(near.lists, near.word.text, near.other)
    return [
        str(shown(near)),
        word_map(near.flat, near.words, accented=(0,), height=SMALL),
        str(panel("Other trainings", agreement_bars(near.judged, near.word, near.vectors))),
        str(panel("Shared contexts", compared + contexts_bars(near.close))),
        str(hubs(near.vectors, near.word, near.rows) + trust(near.flat)),
    ]


def shown(near: Near) -> Markup:
    """The neighbours in every model."""
    title = f"Nearest to {near.word.text}, of {near.among.count:,} words"
    known = near.vectors.counted
    often = f"at least {near.among.least:,} times" if known else "where that is known"
    said = "; ".join(filter(None, (often, near.among.without)))
    caption = (
        f"Cosine in the full space; how often the word was seen, {said}. "
        f"{legend(near.lists)}.{near.missing}"
    )
    head = Markup('<div class="near-head"><h2>{}</h2><p>{}</p></div>').format(title, caption)
    return remarks(near.word) + head + columns(near.lists)


def panel(name: str, drawn: Markup) -> Markup:
    """A panel that scrolls in itself where the screen is low."""
    return Markup('<div class="panel" tabindex="0" role="region" aria-label="{}">{}</div>').format(
        name, drawn
    )


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


def others(service: Service, model: str, word: Word) -> tuple[list[WordVectors], bool]:
    """Models to compare a list with that hold the word, and whether only their seed differs."""
    if word.row is None or service.catalog.entry(model).kind != OURS:
        return [], False
    again = [service.word_vectors(name) for name in trainings(service.catalog, model)]
    if again and all(word.row < len(one.words) for one in again):
        return again, True
    names = [one.name for one in kinds(service.catalog) if one.kind == OURS and one.name != model]
    return [service.word_vectors(name) for name in names], False


def inputs(catalog: Catalog) -> Inputs:
    more = [("none", ""), *((one.title, one.name) for one in catalog.entries("embed"))]
    known = [name for _, name in more]
    others_opened = [name if name in known else "" for name in BESIDE]
    return {
        "word": gr.Textbox(WORDS[0], label="Word", max_lines=1),
        "other": gr.Textbox("", label="Compared with", placeholder="its nearest", max_lines=1),
        "model": model_choice(catalog),
        "least": least_count(),
        "second": gr.Dropdown(more, value=others_opened[0], label="Beside it"),
        "third": gr.Dropdown(more, value=others_opened[1], label="And beside that"),
        "names": names_choice(),
    }


def stage() -> list[Component]:
    lists = gr.HTML(WAITING, min_height=300, js_on_load=None)
    with gr.Row(elem_classes="pair three"):
        plot = gr.Plot(placeholder(SMALL), show_label=False, container=False)
        panels = [gr.HTML(min_height=SMALL, js_on_load=None) for _ in range(2)]
    return [lists, plot, *panels, gr.HTML(min_height=80, js_on_load=None)]


VIEW = View(
    key="embeddings-neighbours",
    text=read_text(__file__),
    ask=ask,
    data=data,
    draw=lambda: draw,
    inputs=inputs,
    stage=stage,
    button="Show neighbours",
    examples={word: (word,) for word in WORDS},
    runs_on=("model", "least", "second", "third", "names"),
    folded=("other", "least", "names"),
)
