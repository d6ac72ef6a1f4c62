"""The trained vectors as the page names them, and what both views on them share."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import gradio as gr
import numpy as np
from gradio.components import Component
from markupsafe import Markup

from analysis.embeddings import Ranked
from analysis.spelling import near_spellings
from components.shared.drawing.bars import Row, bar
from components.shared.drawing.figures import MAP_HEIGHT, placeholder
from components.shared.drawing.numbers import signed
from components.shared.drawing.spelling import WAITING, note
from inference.entry import Entry
from inference.errors import UnknownWord
from inference.words import NEAREST, Word, WordVectors, plain

if TYPE_CHECKING:
    from inference.catalog import Catalog

COUNTS = "ppmi"
"""The table of counts, which knows what every number stands for."""
MOST_PARTS = 5
"""So many words are proposed of several that were typed where one is wanted."""
OURS = "word vectors"
"""The kind of entry that shares one vocabulary with the others."""


def kinds(catalog: Catalog) -> list[Entry]:
    """Of trainings that differ in their seed alone the first; of all others each."""
    firsts: dict[str, Entry] = {}
    for entry in catalog.entries("embed"):
        firsts.setdefault(training_of(entry.name) if entry.kind == OURS else entry.name, entry)
    return list(firsts.values())


def trainings(catalog: Catalog, model: str) -> list[str]:
    """The other trainings of this very model, from other seeds."""
    names = [one.name for one in catalog.entries("embed") if one.kind == OURS]
    again = [one for one in names if training_of(one) == training_of(model) and one != model]
    return again if model in names else []


def training_of(name: str) -> str:
    """What trainings that differ in their seed alone have in common: the name without a number."""
    return re.sub(r"-\d+$", "", name)


def model_choice(catalog: Catalog) -> gr.Dropdown:
    """Which training of which model the words are looked up in."""
    choices = [(one.title, one.name) for one in catalog.entries("embed")]
    return gr.Dropdown(choices, value=choices[0][1], label="Model")


def list_and_map() -> list[Component]:
    """A list beside its map, with their room reserved."""
    with gr.Row(elem_classes="pair"):
        listed = gr.HTML(WAITING, min_height=420, js_on_load=None)
        plot = gr.Plot(placeholder(MAP_HEIGHT), show_label=False, container=False)
    return [listed, plot]


def looked_up(vectors: WordVectors, typed: str) -> Word:
    """The word that somebody typed. Raises UnknownWord with close spellings, or the known words
    of which several were typed in the place of one."""
    word = vectors.look_up(typed)
    if word is not None:
        return word
    several = typed.split() if len(typed.split()) > 1 else []
    parts = [one.text for one in map(vectors.look_up, several[:MOST_PARTS]) if one is not None]
    raise UnknownWord(
        typed, near_spellings(plain(typed), vectors.words), list(dict.fromkeys(parts))
    )


def remarks(*words: Word) -> Markup:
    """What was left out of the words typed, and the n-grams of those that were never seen."""
    sentence = Markup(
        '<p class="verdict"><b>{}</b> <span>was never seen. Its vector is the mean of what these '
        "pieces of seen words have learned; &lt; and &gt; mark the ends: {}.</span></p>"
    )
    made = {word.text: word.ngrams for word in words if word.row is None}
    said = notes(words)
    return (note(said) if said else Markup()) + Markup("").join(
        sentence.format(text, Markup(" · ").join(ngrams)) for text, ngrams in made.items()
    )


def word_of(vectors: WordVectors, one: Ranked, asked: Sequence[Word]) -> str:
    """A word of a ranking; one that was asked with may be none of the vocabulary."""
    return asked[one.query].text if one.query is not None else vectors.words[one.row or 0]


def seen(vectors: WordVectors, one: Ranked) -> int:
    """How often a word of a ranking was seen in training."""
    return 0 if one.row is None else int(vectors.counts[one.row])


def times_seen(vectors: WordVectors, one: Ranked) -> str:
    """How often a word was seen, as a remark; empty where that is not known."""
    return f"{seen(vectors, one):,} \N{MULTIPLICATION SIGN}" if vectors.counted else ""


def ranked(
    vectors: WordVectors,
    one: Ranked,
    answer: Ranked | None = None,
    asked: Sequence[Word] = (),
    may_win: bool = False,
) -> Row:
    """One row of a ranking; the answer is marked, and words asked with that may not win are struck
    through."""
    hit = "hit" if answer is not None and one == answer else ""
    kind = hit if one.query is None or may_win else "query"
    remark = f"rank {one.rank:,}" if one.rank > NEAREST else times_seen(vectors, one)
    return bar(word_of(vectors, one, asked), one.cosine, signed(one.cosine), remark, kind)


def ranked_data(vectors: WordVectors, one: Ranked, asked: Sequence[Word] = ()) -> dict[str, Any]:
    """The same as numbers."""
    return {
        "word": word_of(vectors, one, asked),
        "cosine": one.cosine,
        "rank": one.rank,
        "seen": seen(vectors, one) if vectors.counted else None,
        "asked": one.query is not None,
    }


def notes(words: Sequence[Word]) -> str:
    """What was left out of the words typed."""
    return " ".join(dict.fromkeys(word.note for word in words if word.note))


def words_at(vectors: WordVectors, rows: Sequence[int] | np.ndarray) -> list[str]:
    """The words of some rows."""
    return [vectors.words[row] for row in rows]
