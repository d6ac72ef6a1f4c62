"""embeddings-context: one word in several sentences, a point each in models that read them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import gradio as gr
import numpy as np
from gradio.components import Component

from analysis import embeddings
from components.embeddings.near.among import LEAST, beside
from components.embeddings.sentences.likeness import (
    Grid,
    Likeness,
    likeness,
    likeness_data,
    picture,
)
from components.embeddings.sentences.lines import parsed
from components.shared.asking import result
from components.shared.drawing.remark import remark_and_picture
from components.shared.drawing.spelling import note
from components.shared.view import Inputs, View, read_text
from inference.catalog import Catalog
from inference.errors import EmptyText
from inference.tasks.words.mean_states import MeanStates, SentenceStates
from inference.types.waiting import Waiting
from inference.words import Word, WordVectors

if TYPE_CHECKING:
    from inference.service import Service

MOST = 12  # sentences
READERS = {"fill-in": "Fill-in", "storyteller": "Storyteller"}
STATIC, STATIC_TITLE, NEAR = "skip-gram-1", "Skip-gram", 6
HEIGHT = 520  # px
EXAMPLES = {
    "bank": (
        "bank",
        "They sat on the bank of the river and fished.\n"
        "The boat was tied to the bank of the stream.\n"
        "A frog jumped from the bank into the water.\n"
        "Flowers grew along the bank of the lake.\n\n"
        "He put all his money in the bank.\n"
        "She works at the bank in the town.\n"
        "The bank was closed, so he could not pay.\n"
        "My father asked the bank for a loan.",
    ),
    "spring": (
        "spring",
        "The birds come back in spring.\n"
        "In spring the flowers begin to grow.\n"
        "It was a warm day in spring.\n\n"
        "They drank cold water from the spring.\n"
        "The spring in the forest never ran dry.\n"
        "A small spring came out of the rock.",
    ),
    "light": (
        "light",
        "She turned on the light in the room.\n"
        "The light was so bright that he closed his eyes.\n"
        "There was a light in the window.\n\n"
        "The box was light, so she could carry it.\n"
        "The feather is very light.\n"
        "My bag is light and yours is heavy.",
    ),
    "bat": (
        "bat",
        "A bat flew out of the dark cave.\n"
        "The bat sleeps in the day and flies at night.\n"
        "The bat hung from the roof.\n\n"
        "He hit the ball with his bat.\n"
        "She picked up the bat to play baseball.\n"
        "The boy swung the bat and missed the ball.",
    ),
    "apple": (
        "apple",
        "She ate a red apple from the tree.\n"
        "He gave the apple to his mother.\n"
        "The apple was sweet.\n\n"
        "Apple makes computers and phones.\n"
        "He works at Apple in an office.\n"
        "Apple sold many phones this year.",
    ),
}


@dataclass(frozen=True)
class InContext:
    """One word in several sentences."""

    word: str
    read: tuple[SentenceStates, ...]
    """Of every reader; the first one's sentences are shown."""
    groups: tuple[int, ...]
    """Of every sentence, the number of its kind."""
    grid: Grid
    """A column a model, the first the static one; a row a layer."""
    near: tuple[str, ...]
    """The nearest words of the one static point; () where there is no such word."""

    @property
    def note(self) -> str:
        return self.read[0].note


def ask(
    service: Service, session: str | None, word: str, sentences: str
) -> Iterator[Waiting | InContext]:
    """The word in each of the sentences, one a line; an empty line parts two meanings.

    Raises EmptyText, TooLong, or OrreryError where a sentence does not hold the word.
    """
    texts, groups = parsed(sentences, MOST)
    asked = service.word(word or "")
    if not asked:
        raise EmptyText("word")
    read = []
    for model in READERS:
        read.append((yield from result(service, MeanStates(texts, model, asked), session)))
    yield compared(asked, service.word_vectors(STATIC), tuple(read), groups)


def compared(
    word: str, vectors: WordVectors, read: tuple[SentenceStates, ...], groups: tuple[int, ...]
) -> InContext:
    """A matrix for every model and layer."""
    static = vectors.look_up(word)
    deepest = max(len(one.states) for one in read)
    columns = [[_static(static, groups)]]
    for title, one in zip(READERS.values(), read, strict=True):
        columns.append(
            [
                likeness(f"{title}, {_depth(layer).lower()}", states, groups)
                for layer, states in enumerate(one.states)
            ]
        )
    cells = tuple(
        tuple(column[row] if row < len(column) else None for column in columns)
        for row in range(deepest)
    )
    grid = Grid((STATIC_TITLE, *READERS.values()), tuple(map(_depth, range(deepest))), cells)
    return InContext(word, read, groups, grid, _near(vectors, static))


def _depth(layer: int) -> str:
    return f"Layer {layer}" if layer else "Embedding"


def _static(word: Word | None, groups: tuple[int, ...]) -> Likeness | None:
    """The one vector of the word, once for every sentence."""
    if word is None:
        return None
    return likeness(
        f"{STATIC_TITLE}, one vector a word", np.tile(word.vector, (len(groups), 1)), groups
    )


def _near(vectors: WordVectors, word: Word | None) -> tuple[str, ...]:
    if word is None:
        return ()
    found = embeddings.neighbours(
        vectors.unit, word, NEAR, beside(vectors, [word], LEAST, False).mask
    )
    return tuple(vectors.words[one.row] for one in found if one.row is not None)


def data(value: InContext) -> dict[str, Any]:
    """Every sentence with the tokens of its word; every model and layer with its cosines."""
    first = value.read[0]
    return {
        "note": value.note,
        "word": value.word,
        "static_neighbours": list(value.near),
        "sentences": [
            {"text": one.text, "span": list(span), "group": group}
            for one, span, group in zip(first.sentences, first.spans, value.groups, strict=True)
        ],
        "models": [
            {
                "model": name,
                "tokens": [len(places) for places in one.places],
                "layers": [
                    likeness_data(found)
                    for found in (row[column] for row in value.grid.cells)
                    if found is not None
                ],
            }
            for column, (name, one) in enumerate(zip(READERS, value.read, strict=True), start=1)
        ],
    }  # fmt: skip


def draw(value: InContext) -> list[object]:
    """A note, and the matrices; fill-in's last layer is open."""
    first = value.read[0]
    labels = [
        (one.text[:start], one.text[start:end], one.text[end:])
        for one, (start, end) in zip(first.sentences, first.spans, strict=True)
    ]
    layers = len(first.states) - 1
    shown = picture(value.grid, labels, value.groups, (layers, 1), about(value))
    return [str(note(value.note)), str(shown)]


def about(value: InContext) -> str:
    """What the static point is near to, and how a word of several tokens becomes one vector."""
    several = [
        f"{title}: {max(map(len, one.places))}"
        for title, one in zip(READERS.values(), value.read, strict=True)
        if max(map(len, one.places)) > 1
    ]
    sentences = []
    if value.near:
        sentences.append(
            f"The one point of {value.word} in skip-gram is near {', '.join(value.near)}."
        )
    else:
        sentences.append(f"Skip-gram has no point of {value.word}.")
    if several:
        sentences.append(
            f"The word is several tokens ({', '.join(several)}); its point is their mean."
        )
    return " ".join(sentences)


def inputs(catalog: Catalog) -> Inputs:
    word, sentences = EXAMPLES["bank"]
    return {
        "word": gr.Textbox(word, label="Word", max_lines=1),
        "sentences": gr.Textbox(
            sentences, label="Sentences, an empty line between meanings", lines=7, max_lines=9
        ),
    }


def stage() -> list[Component]:
    return remark_and_picture(HEIGHT)


VIEW = View(
    key="embeddings-context",
    text=read_text(__file__),
    ask=ask,
    data=data,
    draw=lambda: draw,
    inputs=inputs,
    stage=stage,
    button="Compare",
    examples=EXAMPLES,
)
