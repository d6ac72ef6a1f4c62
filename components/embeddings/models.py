"""The trained vectors as the page names them, and what both views on them share."""

from __future__ import annotations

from collections.abc import Sequence

import gradio as gr
import numpy as np
from gradio.components import Component
from markupsafe import Markup

from analysis import embeddings
from analysis.embeddings import Ranked
from analysis.spelling import near_spellings
from components.shared.bars import bar
from components.shared.figures import MAP_HEIGHT, placeholder
from components.shared.frame import WAITING
from inference.errors import UnknownWord
from inference.types import NEAREST, WordVectors

MODELS = (
    ("Skip-gram", "skip-gram-1"),
    ("Skip-gram, trained again (seed 2)", "skip-gram-2"),
    ("Skip-gram, trained again (seed 3)", "skip-gram-3"),
    ("CBOW", "cbow"),
    ("fastText", "fasttext"),
    ("Counts (PPMI)", "ppmi"),
    ("Counts, reduced (PPMI, SVD)", "ppmi-svd"),
)


def model_choice() -> gr.Dropdown:
    """Which training of which model the words are looked up in."""
    return gr.Dropdown(list(MODELS), value=MODELS[0][1], label="Model")


def list_and_map() -> list[Component]:
    """A list beside its map, with their room reserved."""
    with gr.Row(elem_classes="pair"):
        listed = gr.HTML(WAITING, min_height=420, js_on_load=None)
        plot = gr.Plot(placeholder(MAP_HEIGHT), show_label=False, container=False)
    return [listed, plot]


def with_typed(vectors: WordVectors, words: Sequence[str]) -> WordVectors:
    """Vectors that hold the typed words too, where the model can make them from n-grams."""
    unknown = [word for word in words if embeddings.find(word, vectors.index) is None]
    return vectors.with_words([embeddings.plain(word) for word in unknown])


def row_of(vectors: WordVectors, word: str) -> int:
    """The row of a word. Raises UnknownWord with close spellings."""
    row = embeddings.find(word, vectors.index)
    if row is None:
        raise UnknownWord(word, near_spellings(word, vectors.words))
    return row


def made_from(vectors: WordVectors, rows: Sequence[int]) -> Markup:
    """Which n-grams the vectors of unknown words come from; nothing for known words."""
    made = [vectors.words[row] for row in dict.fromkeys(rows) if vectors.counts[row] == 0]
    sentence = Markup(
        '<p class="verdict"><b>{}</b> <span>was never seen. Its vector is the mean of what these '
        "pieces of seen words have learned; &lt; and &gt; mark the ends: {}.</span></p>"
    )
    return Markup("").join(
        sentence.format(word, Markup(" · ").join(vectors.ngrams.of(word)))
        for word in made
        if vectors.ngrams
    )


def ranked(vectors: WordVectors, one: Ranked, answer: Ranked | None = None) -> Markup:
    """One row of a ranking; query words are struck through, the answer is marked."""
    word = vectors.words[one.row]
    label = Markup("<s>{}</s>").format(word) if one.query else word
    kind = "query" if one.query else "hit" if answer is not None and one == answer else ""
    seen = f"{vectors.counts[one.row]:,} \N{MULTIPLICATION SIGN}"
    remark = f"rank {one.rank:,}" if one.rank > NEAREST else seen
    return bar(label, one.cosine, f"{one.cosine:.2f}", remark, kind)


def words_at(vectors: WordVectors, rows: Sequence[int] | np.ndarray) -> list[str]:
    """The words of some rows."""
    return [vectors.words[row] for row in rows]
