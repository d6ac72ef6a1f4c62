"""embeddings-classifier: two classifiers of sentences, trained on a few labelled lines."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import gradio as gr
import numpy as np
from gradio.components import Component
from markupsafe import Markup
from numpy.typing import NDArray

from analysis.words import bags
from analysis.words.classifiers import Averaging, Linear, fit_averaging, fit_linear
from components.embeddings.sentences.labelled import Line, parsed
from components.embeddings.sentences.left_out import LeftOut, most
from components.embeddings.sentences.verdicts import HEIGHT, Verdict, verdicts
from components.shared.drawing.bars import bar, bars
from components.shared.drawing.remark import remark
from components.shared.drawing.spelling import WAITING, note
from components.shared.view import Inputs, View, read_text
from inference.catalog import Catalog
from inference.errors import OrreryError
from inference.words import WordVectors

if TYPE_CHECKING:
    from inference.service import Service

VECTORS = "skip-gram-1"
TRAINED, JUDGED, CLASSES = 60, 12, 4  # at most
LISTED = 12  # words with the largest weights
EXAMPLES = {
    "Happy or sad": (
        "happy: I love this sunny day\n"
        "happy: we laughed and danced all evening\n"
        "happy: what a wonderful surprise\n"
        "happy: the children played with joy\n"
        "happy: her smile was warm and kind\n"
        "happy: he won a prize and cheered\n"
        "sad: I hate this cold rain\n"
        "sad: we cried and went home alone\n"
        "sad: what a terrible mistake\n"
        "sad: the old man wept with grief\n"
        "sad: her face was pale and tired\n"
        "sad: he lost his money and sighed",
        "happy: a delightful party\n"
        "happy: they were joyful and glad\n"
        "happy: an excellent gift\n"
        "sad: a dreadful storm\n"
        "sad: they were miserable and lonely\n"
        "sad: an awful accident\n"
        "happy: it was not terrible\n"
        "sad: she did not smile",
    ),
    "Land or sea": (
        "land: the farmer ploughed his field\n"
        "land: a horse ran along the road\n"
        "land: they climbed the mountain\n"
        "land: sheep grazed on the hill\n"
        "sea: the ship sailed at dawn\n"
        "sea: a whale swam past\n"
        "sea: the waves were high\n"
        "sea: fishermen threw their nets",
        "land: cows stood in a meadow\n"
        "land: we hiked through a valley\n"
        "sea: dolphins followed our boat\n"
        "sea: an island in the ocean",
    ),
}


@dataclass(frozen=True)
class Classified:
    """Two classifiers, and what they say of some lines."""

    names: tuple[str, ...]
    """Of the classes, in the order in which they first come."""
    vocabulary: tuple[str, ...]
    """All words of the lines that were trained on."""
    linear: Linear
    averaging: Averaging
    judged: tuple[Line, ...]
    by_linear: NDArray[np.float64]
    """(lines, classes)"""
    by_averaging: NDArray[np.float64]
    hangs_on: tuple[tuple[LeftOut | None, LeftOut | None], ...]
    """Of every line the word that moves each verdict most when it is left out."""
    missing: tuple[str, ...]
    """Words without a vector."""

    @property
    def note(self) -> str:
        if not self.missing:
            return ""
        return f"Without a vector, and left out of the averages: {', '.join(self.missing)}."

    def right(self, found: NDArray[np.float64]) -> tuple[int, int]:
        """How many of the lines that say their class are given it, and how many say one."""
        said = [(one.label, row) for one, row in zip(self.judged, found, strict=True) if one.label]
        return sum(self.names[int(row.argmax())] == label for label, row in said), len(said)


def ask(service: Service, session: str | None, lines: str, judged: str) -> Classified:
    """Train on lines such as `happy: we laughed`, and judge others, which may go without a label.

    Raises OrreryError for a line without a label or words, fewer than two classes, or more than
    `CLASSES`; TooLong.
    """
    learned = parsed(lines, TRAINED, "lines to learn from")
    names = tuple(dict.fromkeys(one.label for one in learned))
    if "" in names:
        bare = next(one for one in learned if not one.label)
        raise OrreryError(f"'{bare.text[:40]}' has no label. Begin it as in happy: we laughed.")
    if not 2 <= len(names) <= CLASSES:
        raise OrreryError(f"There must be 2 to {CLASSES} labels; yours are {', '.join(names[:9])}.")
    vectors = service.word_vectors(VECTORS)
    return classified(vectors, learned, parsed(judged, JUDGED, "lines to judge"), names)


def classified(
    vectors: WordVectors,
    learned: tuple[Line, ...],
    judged: tuple[Line, ...],
    names: tuple[str, ...],
) -> Classified:
    """Train both."""
    vocabulary, counts = bags.counts([one.words for one in learned])
    column = {word: i for i, word in enumerate(vocabulary)}
    labels = np.array([names.index(one.label) for one in learned])
    linear = fit_linear(counts, labels, len(names))
    every = sorted({word for one in (*learned, *judged) for word in one.words})
    known = {word: found.vector for word in every if (found := vectors.look_up(word)) is not None}
    means = [_mean(vectors, known, one) for one in learned]
    averaging = fit_averaging(np.stack(means), labels, len(names))
    features = np.zeros((len(judged), len(vocabulary)))
    for row, one in enumerate(judged):
        for word in one.words:
            if word in column:
                features[row, column[word]] += 1
    units = dict(zip(vocabulary, np.eye(len(vocabulary)), strict=True))
    by_linear = linear.probabilities(features)
    by_averaging = averaging.probabilities(np.stack([_mean(vectors, known, one) for one in judged]))
    hangs_on = tuple(
        (
            most(one.words, units, linear.probabilities, by_linear[i]),
            most(one.words, known, averaging.probabilities, by_averaging[i], average=True),
        )
        for i, one in enumerate(judged)
    )
    missing = tuple(word for word in every if word not in known)
    return Classified(
        names, vocabulary, linear, averaging, judged, by_linear, by_averaging, hangs_on, missing
    )


def _mean(
    vectors: WordVectors, known: dict[str, NDArray[np.float32]], line: Line
) -> NDArray[np.float64]:
    """The mean of the vectors of a line; zeros where none of its words has one."""
    rows = [known[word] for word in line.words if word in known]
    return bags.mean(np.stack(rows) if rows else np.zeros((0, vectors.unit[[0]].shape[1])))


def data(value: Classified) -> dict[str, Any]:
    """The weight of every word, and both classifiers' probabilities of every line.

    `hangs_on` is the word that moves the verdict of the linear one most when it is left out, and of
    the averaging one, with the probability of the same verdict then; None where no word does.
    """
    return {
        "note": value.note,
        "labels": list(value.names),
        "weights": {
            word: value.linear.weights[:, i].tolist() for i, word in enumerate(value.vocabulary)
        },
        "bias": value.linear.bias.tolist(),
        "lines": [
            {
                "text": one.text,
                "label": one.label,
                "linear": value.by_linear[i].tolist(),
                "averaging": value.by_averaging[i].tolist(),
                "hangs_on": [
                    None if word is None else word._asdict() for word in value.hangs_on[i]
                ],
            }
            for i, one in enumerate(value.judged)
        ],
    }


def draw(value: Classified) -> list[object]:
    """A note, what both say of every line, and the words that count most."""
    seen = frozenset(value.vocabulary)
    rows = [
        Verdict(one, [word in seen for word in one.words], linear, averaging, hangs_on)
        for one, linear, averaging, hangs_on in zip(
            value.judged, value.by_linear, value.by_averaging, value.hangs_on, strict=True
        )
    ]
    scores = value.right(value.by_linear), value.right(value.by_averaging)
    return [str(note(value.note)), str(verdicts(rows, value.names, scores)), str(weights(value))]


def weights(value: Classified) -> Markup:
    """The words that count most in the linear classifier, each with the class it speaks for."""
    largest = value.linear.weights.max(axis=0)
    order = np.argsort(-largest, kind="stable")[:LISTED].tolist()
    most = float(largest[order[0]]) if order else 1.0
    rows = (
        bar(
            value.vocabulary[i],
            float(largest[i]) / max(most, 1e-12),
            f"{largest[i]:.2f}",
            value.names[int(value.linear.weights[:, i].argmax())],
        )
        for i in order
    )
    caption = f"Weights in the linear classifier, which knows {len(value.vocabulary)} words."
    return bars("What a word counts", caption, rows)


def inputs(catalog: Catalog) -> Inputs:
    lines, judged = EXAMPLES["Happy or sad"]
    return {
        "lines": gr.Textbox(lines, label="Learn from", lines=6, max_lines=8),
        "judged": gr.Textbox(judged, label="Judge", lines=4, max_lines=5),
    }


def stage() -> list[Component]:
    noted = remark()
    with gr.Row(elem_classes="pair"):
        with gr.Column(scale=5, min_width=320):
            table = gr.HTML(WAITING, min_height=HEIGHT, js_on_load=None)
        with gr.Column(scale=2, min_width=240):
            listed = gr.HTML(min_height=HEIGHT, js_on_load=None)
    return [noted, table, listed]


VIEW = View(
    key="embeddings-classifier",
    text=read_text(__file__),
    ask=ask,
    data=data,
    draw=lambda: draw,
    inputs=inputs,
    stage=stage,
    button="Train and judge",
    examples=EXAMPLES,
)
