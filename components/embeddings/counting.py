"""embeddings-counting: sentences as vectors, from counted words to a model that reads them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import gradio as gr
import numpy as np
from gradio.components import Component
from numpy.typing import NDArray

from analysis.words import bags
from components.embeddings.sentences.likeness import Grid, likeness, likeness_data, picture
from components.embeddings.sentences.lines import parsed
from components.shared.asking import result
from components.shared.drawing.remark import remark_and_picture
from components.shared.drawing.spelling import note
from components.shared.view import Inputs, View, read_text
from inference.catalog import Catalog
from inference.tasks.words.mean_states import MeanStates, SentenceStates
from inference.types.waiting import Waiting
from inference.words import Word, WordVectors

if TYPE_CHECKING:
    from inference.service import Service

MOST = 12  # sentences
VECTORS, READER = "skip-gram-1", "fill-in"
HEIGHT = 520  # px
KINDS = ("Words, yes or no", "Words, counted", "TF-IDF", "Averaged", "Weighted", "SIF", "Fill-in")
OPENED = 4
EXAMPLES = {
    "Other words": (
        "The cat drank the milk.\n"
        "A kitten sipped some cream.\n\n"
        "The king lives in a castle.\n"
        "A queen dwelt at her palace.\n\n"
        "It rained all night long.\n"
        "There were heavy showers until morning.\n\n"
        "The dog bit the man.\n\n"
        "The man bit the dog.",
    ),
    "Everyday": (
        "The physician healed the sick child.\n"
        "A doctor cured an ill boy.\n\n"
        "The ship sailed across the ocean.\n"
        "A boat crossed a wide sea.\n\n"
        "My father bakes bread every morning.\n"
        "Her dad makes cakes each day.",
    ),
    "Not": (
        "The food was good, not bad at all.\n"
        "This meal tasted excellent.\n\n"
        "The food was bad, not good at all.\n"
        "That supper was awful.",
    ),
}


@dataclass(frozen=True)
class Counted:
    """Some sentences in several kinds of vectors."""

    sentences: tuple[str, ...]
    groups: tuple[int, ...]
    """Of every sentence, the number of its kind."""
    vocabulary: tuple[str, ...]
    """All words of the sentences."""
    counts: NDArray[np.float64]
    """(sentences, vocabulary)"""
    weights: tuple[tuple[str, float], ...]
    """Every word that has a vector, with what SIF makes it count, the least first."""
    missing: tuple[str, ...]
    """Words without a vector."""
    grid: Grid
    """One column; a row a kind."""
    remark: str = ""

    @property
    def note(self) -> str:
        if not self.missing:
            return self.remark
        lost = f"Without a vector, and left out of the averages: {', '.join(self.missing)}."
        return f"{self.remark} {lost}".strip()


def ask(service: Service, session: str | None, sentences: str) -> Iterator[Waiting | Counted]:
    """Sentences, one a line; an empty line parts two meanings.

    Raises EmptyText, TooLong, or OrreryError for a single sentence or one without a word.
    """
    texts, groups = parsed(sentences, MOST)
    found = yield from result(service, MeanStates(texts, READER), session)
    yield counted(service.word_vectors(VECTORS), found, groups)


def counted(vectors: WordVectors, read: SentenceStates, groups: tuple[int, ...]) -> Counted:
    """Every kind of vector, and how alike the sentences are in it."""
    texts = tuple(one.text for one in read.sentences)
    bag = [bags.words_of(text) for text in texts]
    vocabulary, found = bags.counts(bag)
    known = {word: one for word in vocabulary if (one := vectors.look_up(word)) is not None}
    total = int(vectors.counts.sum())
    weight = {
        word: float(bags.sif_weights(np.array([_seen(vectors, one) / max(total, 1)]))[0])
        for word, one in known.items()
    }
    width = vectors.unit[[0]].shape[1]
    plain, weighted = np.zeros((2, len(texts), width))
    for row, words in enumerate(bag):
        own = [word for word in words if word in known]
        if own:
            rows = np.stack([known[word].vector for word in own])
            plain[row] = bags.mean(rows)
            weighted[row] = bags.mean(rows, np.array([weight[word] for word in own]))
    kinds = (
        (found > 0).astype(np.float64),
        found,
        bags.tf_idf(found),
        plain,
        weighted,
        bags.without_first(weighted),
        read.states[-1],
    )
    cells = tuple(
        (likeness(title, vector, groups),) for title, vector in zip(KINDS, kinds, strict=True)
    )
    return Counted(
        texts,
        groups,
        vocabulary,
        found,
        tuple(sorted(weight.items(), key=lambda one: (one[1], one[0]))),
        tuple(word for word in vocabulary if word not in known),
        Grid((READER,), KINDS, cells),
        read.note,
    )


def _seen(vectors: WordVectors, word: Word) -> int:
    return 0 if word.row is None else int(vectors.counts[word.row])


def data(value: Counted) -> dict[str, Any]:
    """The counts of all words with their weights, and the cosines of every kind of vector."""
    return {
        "note": value.note,
        "sentences": [
            {"text": text, "group": group}
            for text, group in zip(value.sentences, value.groups, strict=True)
        ],
        "vocabulary": list(value.vocabulary),
        "counts": value.counts.astype(int).tolist(),
        "inverse_frequency": bags.inverse_frequency(value.counts).tolist(),
        "sif_weights": dict(value.weights),
        "kinds": [likeness_data(one) for row in value.grid.cells for one in row if one is not None],
    }


def draw(value: Counted) -> list[object]:
    """A note, and the matrices."""
    labels = [("", "", text) for text in value.sentences]
    grid, about = value.grid, weighed(value)
    shown = picture(grid, labels, value.groups, (OPENED, 0), about, one_scale=False)
    return [str(note(value.note)), str(shown)]


def weighed(value: Counted) -> str:
    """Which word counts least and which most, in TF-IDF and in SIF."""
    if not value.weights:
        return "No word of these sentences has a vector."
    idf = dict(zip(value.vocabulary, bags.inverse_frequency(value.counts).tolist(), strict=True))
    (common, least), (rare, most) = value.weights[0], value.weights[-1]
    return (
        f"{len(value.vocabulary)} different words. Weight of {common}: {idf[common]:.2f} in "
        f"TF-IDF, {least:.2f} in SIF; of {rare}: {idf[rare]:.2f} and {most:.2f}."
    )


def inputs(catalog: Catalog) -> Inputs:
    (sentences,) = EXAMPLES["Other words"]
    label = "Sentences, an empty line between meanings"
    return {"sentences": gr.Textbox(sentences, label=label, lines=9, max_lines=12)}


def stage() -> list[Component]:
    return remark_and_picture(HEIGHT)


VIEW = View(
    key="embeddings-counting",
    text=read_text(__file__),
    ask=ask,
    data=data,
    draw=lambda: draw,
    inputs=inputs,
    stage=stage,
    button="Compare",
    examples=EXAMPLES,
)
