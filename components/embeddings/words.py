"""embeddings-words: up to 500 words of one's own laid out at once (truth: R9)."""

from __future__ import annotations

import hashlib
from collections.abc import Generator, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import gradio as gr
import numpy as np
from gradio.components import Component
from gradio.components.plot import PlotData
from markupsafe import Markup
from numpy.typing import NDArray

from analysis.projection import principal_plane
from analysis.words.kept import kept, nearest
from analysis.words.tsne import slices
from components.embeddings.drawing.cloud import FLAT_TOOLS, LASSOED, SIDE, cloud, told_apart
from components.embeddings.lists.categories import CATEGORIES
from components.embeddings.lists.typed import absent, known_by_line
from components.embeddings.models import model_choice, notes
from components.shared.drawing.bars import bar, bars
from components.shared.drawing.figures import placeholder, plot_data
from components.shared.drawing.numbers import percent, signed
from components.shared.drawing.remark import remark
from components.shared.drawing.spelling import WAITING, note
from components.shared.view import Inputs, View, read_text
from inference.catalog import Catalog
from inference.errors import OrreryError, TooLong
from inference.types.waiting import Waiting
from inference.words import NEIGHBOURS, Word, WordVectors

if TYPE_CHECKING:
    from inference.service import Service

WORDS, LEAST, CHARACTERS = 500, 3, 12_000
FAR = 0.92  # of the way to the edge, so that words at it are not cut
DOT = 9  # px
METHODS = (("t-SNE", "t-sne"), ("PCA", "pca"))


EIGHT = "\n".join(" ".join(words) for words in CATEGORIES.values())
EXAMPLES = {
    "Eight lists": (EIGHT, "dog"),
    "Verbs": (
        "walk walked walking run ran running swim swam swimming\n"
        "eat ate eating drink drank drinking cook cooked cooking\n"
        "say said saying speak spoke speaking tell told telling",
        "ran",
    ),
    "Orange": (
        "red green blue yellow pink orange white black\napple pear plum banana cherry lemon melon",
        "orange",
    ),
}


@dataclass(frozen=True)
class Laid:
    """Words of one's own in a plane."""

    vectors: WordVectors
    words: tuple[Word, ...]
    lines: tuple[int, ...]
    """Of every word, the line on which it was typed first."""
    missing: tuple[str, ...]
    method: str
    points: NDArray[np.float64]
    """(words, 2)"""
    near: NDArray[np.int64]
    """(words, neighbours) among these words, in the full space."""
    kept: NDArray[np.float64]
    """(words,) share of them that the plane keeps near."""
    found: int
    """The word whose neighbours are shown."""
    strange: str = ""
    """What was to be found and is none of the words."""

    @property
    def own(self) -> int:
        """Of how many words the nearest stands on their own line."""
        lines = np.array(self.lines)
        return int((lines[self.near[:, 0]] == lines).sum())

    @property
    def note(self) -> str:
        lost = f"{self.strange} is none of your words." if self.strange else ""
        return " ".join(filter(None, (notes(self.words), absent(self.missing), lost)))


def ask(
    service: Service, session: str | None, words: str, word: str | None, model: str, method: str
) -> Iterator[Waiting | Laid]:
    """Lay words out; those of one line share a colour. `word` is one whose neighbours are shown.

    Raises TooLong, UnknownWord where none is known, or OrreryError for fewer than three.
    """
    typed = words or ""
    if len(typed) > CHARACTERS:
        raise TooLong("list of words", CHARACTERS, len(typed), "characters")
    if method not in dict(METHODS).values():
        raise OrreryError(f"Words are laid out by {' or '.join(dict(METHODS).values())}.")
    vectors = service.word_vectors(model)
    listed, lines = known_by_line(service, vectors, typed, WORDS, LEAST)
    unit = np.stack([one.vector for one in listed.words])
    points = yield from flattened(service, unit, method)
    near = nearest(unit, min(NEIGHBOURS, (len(unit) - 1) // 2))
    asked = service.word(word) if word else ""
    sought = vectors.look_up(asked) if asked else None
    names = [one.text for one in listed.words]
    there = sought is not None and sought.text in names
    yield Laid(
        vectors, listed.words, lines, listed.missing, method, points, near, kept(near, points),
        names.index(sought.text) if sought is not None and there else 0,
        "" if there or not asked else asked,
    )  # fmt: skip


def flattened(
    service: Service, unit: NDArray[np.float32], method: str
) -> Generator[Waiting, None, NDArray[np.float64]]:
    """(words, 2) points, remembered; on the way how far they are. Others go on between two slices.

    Whoever leaves stops the work at the end of its slice.
    """
    key = ("words", method, hashlib.sha256(unit.tobytes()).hexdigest())
    points: NDArray[np.float64] | None = service.remembered.known(key)
    if points is not None:
        return points
    under_way = slices(unit) if method == "t-sne" else iter([(1.0, principal_plane(unit))])
    share = 0.0
    while share < 1:
        if share:
            yield Waiting(doing=f"Laying out {len(unit)} words by t-SNE: {percent(share, 0)} done.")
        with service.turn:
            share, found = next(under_way)
    made = middled(found)
    return service.remembered.get(key, lambda: made)


def middled(points: NDArray[np.floating]) -> NDArray[np.float64]:
    """Points around zero, none farther than `FAR` in a direction."""
    centred = points - (points.max(axis=0) + points.min(axis=0)) / 2
    found: NDArray[np.float64] = FAR * centred / max(float(np.abs(centred).max()), 1e-12)
    return found


def data(value: Laid) -> dict[str, Any]:
    """Every word with its point, its neighbours among the others, and the share kept."""
    names = [one.text for one in value.words]
    return {
        "note": value.note,
        "method": value.method,
        "kept": float(value.kept.mean()),
        "missing": list(value.missing),
        "words": [
            {
                "text": name,
                "line": line,
                "point": point,
                "kept": share,
                "neighbours": [names[i] for i in near],
            }
            for name, line, point, share, near in zip(
                names,
                value.lines,
                value.points.tolist(),
                value.kept.tolist(),
                value.near.tolist(),
                strict=True,
            )
        ],
    }


def draw(value: Laid) -> list[object]:
    """A note, the plane, and the neighbours of one word."""
    return [str(note(value.note)), picture(value), str(neighbours(value))]


def picture(value: Laid) -> PlotData:
    names = [one.text for one in value.words]
    seen = np.array(
        [0 if one.row is None else int(value.vectors.counts[one.row]) for one in value.words]
    )
    near = value.near[value.found].tolist()
    order = list(dict.fromkeys([value.found, *near, *range(len(names))]))
    colours = told_apart(np.array(value.lines))
    figure = cloud(value.points, names, seen, colours, order, value.found, near, DOT)
    return plot_data(figure, "my-words", FLAT_TOOLS)


def neighbours(value: Laid) -> Markup:
    """The true neighbours of one word among these, and how far to trust the plane."""
    word = value.words[value.found]
    near = value.near[value.found].tolist()
    count = value.near.shape[1]
    rows = (
        bar(
            value.words[i].text,
            max(0.0, float(value.words[i].vector @ word.vector)),
            signed(float(value.words[i].vector @ word.vector)),
        )
        for i in near
    )
    own = Markup()
    if len(set(value.lines)) > 1:
        own = Markup(" The nearest of {} of the {} stands on their own line.").format(
            value.own, len(value.words)
        )
    listed = bars(
        f"Truly nearest to {word.text}",
        f"Cosine in all dimensions, among your {len(value.words)} words.",
        rows,
    )
    held = round(float(value.kept[value.found]) * count)
    told = Markup(
        '<p class="trust">Of the {} true neighbours of every word, {} are among its {} nearest '
        "points. Of {}: {} of {}.{}</p>"
    ).format(count, percent(float(value.kept.mean()), 0), count, word.text, held, count, own)
    return listed + told + LASSOED


def inputs(catalog: Catalog) -> Inputs:
    words, word = EXAMPLES["Eight lists"]
    return {
        "words": gr.Textbox(words, label="Words, a colour a line", lines=7, max_lines=9),
        "word": gr.Textbox(word, label="Find", max_lines=1),
        "model": model_choice(catalog),
        "method": gr.Radio(list(METHODS), value="t-sne", label="Flattened by"),
    }


def stage() -> list[Component]:
    noted = remark()
    with gr.Row(elem_classes="pair"):
        with gr.Column(scale=2, min_width=320, elem_classes="cloud"):
            plot = gr.Plot(placeholder(SIDE), show_label=False, container=False)
        with gr.Column(scale=1, min_width=240):
            listed = gr.HTML(WAITING, min_height=SIDE, js_on_load=None)
    return [noted, plot, listed]


VIEW = View(
    key="embeddings-words",
    text=read_text(__file__),
    ask=ask,
    data=data,
    draw=lambda: draw,
    inputs=inputs,
    stage=stage,
    button="Lay them out",
    examples=EXAMPLES,
    runs_on=("model", "method"),
    stopped="Stopped; what was laid out before stays.",
)
