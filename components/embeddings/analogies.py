"""embeddings-analogies: a is to b as c is to what, with nothing left out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import gradio as gr
import numpy as np
from gradio.components.plot import PlotData

from analysis import projection
from analysis.embeddings import Ranked
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
from components.embeddings.relations.verdict import verdict
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
    ("man", "doctor", "woman"),
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
    may_win: bool
    """Whether a, b and c may be the answer."""

    @property
    def nowhere(self) -> bool:
        """Whether a and b give no direction, so that no word is better than another."""
        return self.method == "direct" and not any(one.cosine for one in self.analogy.ranking)

    @property
    def listed(self) -> list[Ranked]:
        """What is shown of the ranking."""
        return [] if self.nowhere else self.analogy.listed

    @property
    def best(self) -> Ranked | None:
        """The best word, of those that may win; None where none is better than another."""
        if self.nowhere:
            return None
        return self.analogy.unrestricted if self.may_win else self.analogy.answer

    @property
    def answer(self) -> str | None:
        """It as text; None where no word is left."""
        return None if self.best is None else word_of(self.vectors, self.best, self.asked)

    @property
    def otherwise(self) -> str | None:
        """What it were if those may win that may not, or the other way; None for the same."""
        first, left = self.analogy.unrestricted, self.analogy.answer
        if first == left:
            return None
        other = left if self.may_win else first
        return "no word" if other is None else word_of(self.vectors, other, self.asked)


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
    may_win: int = 0,
) -> Solved:
    """The ranking and its map. Raises UnknownWord with close spellings.

    lengths: of a, b and c in the sum, `unit` or `learned`. pairs: others to draw in the same plane,
    as `he - she, man - woman`; where it is empty those of our own relation that holds a and b.
    names: 1 to list those of persons, places and months too, 0 to leave them out unless one of the
    three is one. may_win: 1 for an answer that may be a, b or c, 0 to leave them out.
    """
    a, b, c = map(service.word, (a, b, c))
    if lengths not in (UNIT, LEARNED):
        raise OrreryError(f"The lengths are {UNIT} or {LEARNED}.")
    for known in METHODS:
        if known == method:
            vectors = service.word_vectors(model)
            learned = lengths == LEARNED
            named, own = bool(names), bool(may_win)
            return analogy(vectors, a, b, c, least, known, learned, pairs or "", named, own)
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
    may_win: bool = False,
) -> Solved:
    """The ranking of an analogy, and a map of a, b, c, the answer, and other pairs."""
    one, two, three = asked = tuple(looked_up(vectors, word) for word in (a, b, c))
    among = beside(vectors, asked, least, names)
    lengths = [word.length if learned else 1.0 for word in asked]
    solved = solving.analogy(vectors.unit, one, two, three, NEAREST, among.mask, method, lengths)
    others = parallel(vectors, one, two, pairs)
    points = {word.text: word.vector for word in asked}
    best = solved.unrestricted if may_win else solved.answer
    if best and best.cosine and best.query is None and best.row is not None:  # else no way
        points[vectors.words[best.row]] = vectors.unit[best.row]
    for pair in others.pairs:
        points = points | {word.text: word.vector for word in pair}
    flat = projection.project(np.stack(list(points.values())))
    return Solved(
        vectors, asked, method, among, solved, tuple(points), flat, others, learned, may_win
    )


def data(solved: Solved) -> dict[str, Any]:
    """The answer, the ranking with the words asked with, and the map."""
    vectors, asked = solved.vectors, solved.asked
    return {
        "note": notes(asked),
        "method": solved.method,
        "among": solved.among.count,
        "answer": solved.answer,
        "may_win": solved.may_win,
        "unrestricted": word_of(vectors, solved.analogy.unrestricted, asked),
        "ranking": [ranked_data(vectors, one, asked) for one in solved.listed],
        "lengths": LEARNED if solved.learned else UNIT,
        "map": map_data(solved.flat, solved.points),
        "pairs": [[one.text, two.text] for one, two in solved.parallel.pairs],
        "agreement": list(solved.parallel.agreement),
    }


def draw(solved: Solved) -> list[object]:
    """The ranking and its map."""
    vectors, (a, b, c) = solved.vectors, solved.asked
    struck = (
        "The words asked with may win."
        if solved.may_win
        else "The words asked with are struck through, wherever they rank."
    )
    listed = bars(
        f"{a.text} is to {b.text} as {c.text} is to ...",
        f"{formula(solved)}, over {solved.among.told}. {struck}",
        (ranked(vectors, one, solved.best, solved.asked, solved.may_win) for one in solved.listed),
    )
    asked = [word.text for word in solved.asked]
    beside = told(solved.parallel, [*asked, solved.answer or ""])
    own = list(dict.fromkeys(filter(None, [*asked, solved.answer])))
    shown = (
        verdict(solved.answer, solved.otherwise, solved.may_win, solved.nowhere)
        + remarks(*solved.asked)
        + listed
        + beside
        + trust(solved.flat, own)
    )
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
        "may_win": gr.Radio(
            [("left out", 0), ("may win", 1)], value=0, label="a, b and c as answers"
        ),
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
    runs_on=("model", "least", "method", "lengths", "names", "may_win"),
    folded=("method", "lengths", "pairs", "names", "may_win"),
)
