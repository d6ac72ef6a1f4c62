"""embeddings-analogies: a is to b as c is to what, with nothing left out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import gradio as gr
import numpy as np
from gradio.components.plot import PlotData
from markupsafe import Markup

from analysis import projection
from analysis.projection import Projection
from analysis.words import analogies as solving
from analysis.words.analogies import Method, Sum
from components.embeddings.drawing.word_map import map_data, trust, word_map
from components.embeddings.models import (
    list_and_map,
    looked_up,
    model_choice,
    notes,
    ranked,
    ranked_data,
    remarks,
    word_of,
)
from components.embeddings.near.among import LEAST, Among, beside, least_count, names_choice
from components.embeddings.relations.parallel import Parallel, parallel, told
from components.shared.drawing.bars import bars
from components.shared.view import Inputs, View, read_text
from inference.catalog import Catalog
from inference.errors import OrreryError
from inference.words import NEAREST, Word, WordVectors

if TYPE_CHECKING:
    from inference.service import Service

ANALOGIES = (
    ("man", "king", "woman"),
    ("france", "paris", "austria"),
    ("walking", "walked", "swimming"),
    ("man", "woman", "uncle"),
    ("hot", "cold", "summer"),
    ("good", "better", "bad"),
    ("king", "kingdom", "emperor"),
)


UNIT, LEARNED = "unit", "learned"
METHODS: dict[Method, tuple[str, str]] = {
    "add": ("b \N{MINUS SIGN} a + c", "Cosine with b \N{MINUS SIGN} a + c on unit vectors"),
    "multiply": (
        "3CosMul",
        "Likeness to b times likeness to c over likeness to a, each a cosine moved to 0 to 1",
    ),
    "direct": ("Pair direction", "Cosine of the way from c with the way from a to b"),
}
"""What each method is called, and what its scores are."""


@dataclass(frozen=True)
class Solved:
    """An analogy with nothing hidden (truth: R6), and its map."""

    vectors: WordVectors
    asked: tuple[Word, ...]
    method: Method
    among: Among
    analogy: Sum
    points: tuple[str, ...]
    """The words on the map, each once."""
    flat: Projection
    parallel: Parallel
    """Other pairs of the relation, drawn too."""
    learned: bool
    """Whether a, b and c kept the lengths that they have learned."""

    @property
    def answer(self) -> str | None:
        """The best word that is none of the three."""
        found = self.analogy.answer
        return None if found is None or found.row is None else self.vectors.words[found.row]


def ask(
    service: Service,
    session: str | None,
    a: str,
    b: str,
    c: str,
    model: str,
    least: int = LEAST,
    method: str = "add",
    lengths: str = UNIT,
    pairs: str | None = "",
    names: int = 0,
) -> Solved:
    """The ranking and its map. Raises UnknownWord with close spellings.

    lengths: of a, b and c in the sum, `unit` or `learned`. pairs: others to draw in the same plane,
    as `he - she, man - woman`; where it is empty those of our own relation that holds a and b.
    names: 1 to list those of persons, places and months too, 0 to leave them out unless one of the
    three is one.
    """
    a, b, c = map(service.word, (a, b, c))
    if lengths not in (UNIT, LEARNED):
        raise OrreryError(f"The lengths are {UNIT} or {LEARNED}.")
    for known in METHODS:
        if known == method:
            vectors = service.word_vectors(model)
            learned = lengths == LEARNED
            return analogy(vectors, a, b, c, least, known, learned, pairs or "", bool(names))
    raise OrreryError(f"The method is one of {', '.join(METHODS)}.")


def analogy(
    vectors: WordVectors,
    a: str,
    b: str,
    c: str,
    least: int = 0,
    method: Method = "add",
    learned: bool = False,
    pairs: str = "",
    names: bool = True,
) -> Solved:
    """The ranking of an analogy, and a map of a, b, c, the answer, and other pairs."""
    one, two, three = asked = tuple(looked_up(vectors, word) for word in (a, b, c))
    among = beside(vectors, asked, least, names)
    lengths = [word.length if learned else 1.0 for word in asked]
    solved = solving.analogy(vectors.unit, one, two, three, NEAREST, among.mask, method, lengths)
    others = parallel(vectors, one, two, pairs)
    points = {word.text: word.vector for word in asked}
    if solved.answer is not None and solved.answer.row is not None:
        points[vectors.words[solved.answer.row]] = vectors.unit[solved.answer.row]
    points = {word.text: word.vector for pair in others.pairs for word in pair} | points
    flat = projection.project(np.stack(list(points.values())))
    return Solved(vectors, asked, method, among, solved, tuple(points), flat, others, learned)


def data(solved: Solved) -> dict[str, Any]:
    """The answer, the ranking with the words asked with, and the map."""
    vectors, asked = solved.vectors, solved.asked
    return {
        "note": notes(asked),
        "method": solved.method,
        "among": solved.among.count,
        "answer": solved.answer,
        "unrestricted": word_of(vectors, solved.analogy.unrestricted, asked),
        "ranking": [ranked_data(vectors, one, asked) for one in solved.analogy.listed],
        "lengths": LEARNED if solved.learned else UNIT,
        "map": map_data(solved.flat, solved.points),
        "pairs": [[one.text, two.text] for one, two in solved.parallel.pairs],
        "agreement": list(solved.parallel.agreement),
    }


def draw(solved: Solved) -> list[object]:
    """The ranking and its map."""
    vectors, (a, b, c), found = solved.vectors, solved.asked, solved.analogy
    listed = bars(
        f"{a.text} is to {b.text} as {c.text} is to ...",
        f"{formula(solved)}, over {solved.among.told}. "
        "The words asked with are struck through, wherever they rank.",
        (ranked(vectors, one, found.answer, solved.asked) for one in found.listed),
    )
    asked = [word.text for word in solved.asked]
    beside = told(solved.parallel, [*asked, solved.answer or ""])
    shown = verdict(solved) + remarks(*solved.asked) + listed + beside + trust(solved.flat)
    return [str(shown), parallelogram(solved)]


def formula(solved: Solved) -> str:
    """What words are ranked by."""
    if solved.learned and solved.method == "add":
        return "Cosine with b \N{MINUS SIGN} a + c, each as long as it has been learned"
    return METHODS[solved.method][1]


def parallelogram(solved: Solved) -> PlotData:
    """The map, with arrows from a to b and from c to the answer, and faint ones of other pairs."""
    corners = [*(word.text for word in solved.asked), *([solved.answer] * bool(solved.answer))]
    places = [solved.points.index(text) for text in corners if text]
    pairs = zip(places[::2], places[1::2])  # noqa: B905
    arrows = [(start, end) for start, end in pairs if start != end]
    ways = [
        (solved.points.index(one.text), solved.points.index(two.text))
        for one, two in solved.parallel.pairs
    ]
    faint = [way for way in ways if way not in arrows and way[0] != way[1]]
    return word_map(solved.flat, solved.points, accented=places[3:], arrows=arrows, faint=faint)


def verdict(solved: Solved) -> Markup:
    """The answer, and what it would have been had the query words been allowed to win."""
    if solved.answer is None:
        return Markup('<p class="verdict">No other word is left.</p>')
    first = solved.analogy.unrestricted
    winner = word_of(solved.vectors, first, solved.asked)
    honest = (
        "It wins here even when the three query words are not left out."
        if first.query is None
        else f"Had the three not been left out, the answer would have been {winner}."
    )
    return Markup(
        '<p class="verdict"><b>{}</b> <span>is the nearest word but the three. {}</span></p>'
    ).format(solved.answer, honest)


def inputs(catalog: Catalog) -> Inputs:
    labelled = zip("abc", ("a is", "to b as", "c is to ..."), ANALOGIES[0], strict=True)
    boxes = {name: gr.Textbox(word, label=label, max_lines=1) for name, label, word in labelled}
    methods = [(title, name) for name, (title, _) in METHODS.items()]
    return boxes | {
        "model": model_choice(catalog),
        "least": least_count(),
        "method": gr.Radio(methods, value="add", label="Ranked by"),
        "lengths": gr.Radio(
            [("of length 1", UNIT), ("as learned", LEARNED)], value=UNIT, label="a, b and c are"
        ),
        "pairs": gr.Textbox(
            "", label="Other pairs on the map", placeholder="he - she, man - woman"
        ),
        "names": names_choice(),
    }


VIEW = View(
    key="embeddings-analogies",
    text=read_text(__file__),
    ask=ask,
    data=data,
    draw=lambda: draw,
    inputs=inputs,
    stage=list_and_map,
    button="Solve the analogy",
    examples={f"{a} : {b} = {c} : ?": (a, b, c) for a, b, c in ANALOGIES},
    runs_on=("model", "least", "method", "lengths", "names"),
    folded=("method", "lengths", "pairs", "names"),
)
