"""embeddings-windows: a sentence as word2vec reads it, window by window."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import gradio as gr
import numpy as np
from gradio.components import Component
from markupsafe import Markup

from analysis.words.bags import words_of
from analysis.words.windows import Trainer, Window, noise, stayed, staying, windows
from components.shared.dials import dice_seed
from components.shared.drawing.remark import remark_and_picture
from components.shared.drawing.spelling import note
from components.shared.view import Inputs, View, read_text
from inference.catalog import Catalog
from inference.errors import EmptyText, TooLong
from inference.text.cleaning import clean
from inference.types.options import SEED, in_range
from inference.words import WordVectors

if TYPE_CHECKING:
    from inference.service import Service

VECTORS = "skip-gram-1"
WORDS, CHARACTERS = 40, 600  # at most
TRAINER = Trainer()
HEIGHT = 520  # px
EXAMPLES = {
    "A king": ("The old king gave the little girl a golden apple and a silver cup.", 47),
    "The next pass": ("The old king gave the little girl a golden apple and a silver cup.", 10),
    "Small words": ("It is what it is, and that is all there is to it.", 7),
    "Rare words": ("Volcanoes erupt; lava, ash and gases escape from magma chambers.", 7),
}


@dataclass(frozen=True)
class Read:
    """A sentence as it is read in one pass."""

    words: tuple[str, ...]
    counts: tuple[int | None, ...]
    """How often each was seen; None for one outside the vocabulary."""
    chances: tuple[float, ...]
    """That it stays; 0 for one outside the vocabulary."""
    windows: tuple[Window, ...]
    wrong: tuple[tuple[tuple[str, ...], ...], ...]
    """Of every window and each of its pairs, the wrong words; of the same length as `near`."""
    wrong_centres: tuple[tuple[str, ...], ...]
    """Of every window, the wrong words of CBOW."""
    commonest: tuple[str, float, float]
    """The commonest word of all, its share of the text and of the wrong words."""
    note: str = ""

    @property
    def pairs(self) -> int:
        return sum(len(window.near) for window in self.windows)


def ask(service: Service, session: str | None, sentence: str, seed: int) -> Read:
    """Read a sentence once, with dice of this seed. Raises EmptyText, TooLong or OutOfRange."""
    in_range("The seed", seed, SEED, whole=True)
    cleaned = clean(sentence, CHARACTERS, "sentence")
    words = words_of(cleaned.text)
    if not words:
        raise EmptyText("sentence")
    if len(words) > WORDS:
        raise TooLong("sentence", WORDS, len(words), "words")
    return read(service.word_vectors(VECTORS), words, seed, cleaned.note)


def read(vectors: WordVectors, words: tuple[str, ...], seed: int, remark: str = "") -> Read:
    """Draw which words stay, how far windows reach, and the wrong words."""
    generator = np.random.default_rng(seed)
    rows = [vectors.index.get(word) for word in words]
    total = int(vectors.counts.sum())
    keep = staying(vectors.counts, total, TRAINER.subsample)
    chances = tuple(0.0 if row is None else float(keep[row]) for row in rows)
    cut = windows(stayed(chances, generator), TRAINER.window, generator)
    drawn = noise(vectors.counts, TRAINER.power)
    edges = np.cumsum(drawn)

    def wrong() -> tuple[str, ...]:
        found = np.searchsorted(edges, generator.random(TRAINER.negatives) * edges[-1], "right")
        return tuple(vectors.words[row] for row in found.tolist())

    missing = dict.fromkeys(word for word, row in zip(words, rows, strict=True) if row is None)
    lost = f"Not in the vocabulary, as if not there: {', '.join(missing)}." if missing else ""
    most = int(vectors.counts.argmax())
    return Read(
        words,
        tuple(None if row is None else int(vectors.counts[row]) for row in rows),
        chances,
        cut,
        tuple(tuple(wrong() for _ in window.near) for window in cut),
        tuple(wrong() for _ in cut),
        (vectors.words[most], float(vectors.counts[most] / max(total, 1)), float(drawn[most])),
        " ".join(filter(None, (remark, lost))),
    )


def data(value: Read) -> dict[str, Any]:
    """Every word with its chance to stay, and every window with its pairs and wrong words."""
    centres = {window.centre for window in value.windows}
    return {
        "note": value.note,
        "words": [
            {"text": text, "seen": seen, "chance": chance, "stays": place in centres}
            for place, (text, seen, chance) in enumerate(
                zip(value.words, value.counts, value.chances, strict=True)
            )
        ],
        "windows": [
            {
                "centre": window.centre,
                "reach": window.reach,
                "near": list(window.near),
                "wrong": [list(each) for each in wrong],
                "wrong_centres": list(centre),
            }
            for window, wrong, centre in zip(
                value.windows, value.wrong, value.wrong_centres, strict=True
            )
        ],
        "pairs": value.pairs,
    }


def draw(value: Read) -> list[object]:
    """A note, and what windows.js draws."""
    shown = data(value) | {"about": about(value), "start": fullest(value)}
    drawn = Markup('<section class="windows" data-widget="windows" data-value="{}"></section>')
    return [str(note(value.note)), str(drawn.format(json.dumps(shown, ensure_ascii=False)))]


def fullest(value: Read) -> int:
    """The window with most words, the first of them."""
    sizes = [len(window.near) for window in value.windows]
    return sizes.index(max(sizes)) if sizes else 0


def about(value: Read) -> str:
    """The numbers of our trainer."""
    word, share, drawn = value.commonest
    return (
        f"So our skip-gram was trained: {TRAINER.epochs} passes over the text, each with new dice; "
        f"a window of up to {TRAINER.window}, drawn for every word; words above "
        f"{100 * TRAINER.subsample:.2f} % of the text thinned out; {TRAINER.negatives} wrong words "
        f"for each right one, drawn by count to the power {TRAINER.power}: '{word}' is "
        f"{100 * share:.1f} % of the text and {100 * drawn:.1f} % of them. A wrong word that "
        "happens to be the right one is skipped."
    )


def inputs(catalog: Catalog) -> Inputs:
    sentence, seed = EXAMPLES["A king"]
    return {
        "sentence": gr.Textbox(str(sentence), label="Sentence", lines=3, max_lines=5),
        "seed": dice_seed(int(seed)),
    }


def stage() -> list[Component]:
    return remark_and_picture(HEIGHT)


VIEW = View(
    key="embeddings-windows",
    text=read_text(__file__),
    ask=ask,
    data=data,
    draw=lambda: draw,
    inputs=inputs,
    stage=stage,
    button="Read",
    examples=EXAMPLES,
    runs_on=("seed",),
)
