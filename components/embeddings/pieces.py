"""embeddings-pieces: a word that nobody has seen as the mean of its n-grams, piece by piece."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import gradio as gr
import numpy as np
from gradio.components import Component
from numpy.typing import NDArray

from analysis.embeddings import Ranked, neighbours
from analysis.words.shares import shares
from components.embeddings.drawing.word_pieces import CHIPS, LISTS, chips, moved, nearest
from components.embeddings.near.among import LEAST, frequent, least_count
from components.shared.drawing.remark import remark
from components.shared.drawing.spelling import WAITING, note
from components.shared.view import Inputs, View, read_text
from inference.catalog import Catalog
from inference.errors import EmptyText, ModelUnavailable, OrreryError, TooLong
from inference.words import Word, WordVectors
from inference.words import plain as read_plainly

if TYPE_CHECKING:
    from inference.service import Service

MODEL = "fasttext"
NEAR = 7  # neighbours
CHARACTERS = 1_000  # of the list of pieces that are off
OPENING = ("kingdomless", "les less ess ess> ss>")
EXAMPLES = {
    "without less": OPENING,
    "kingdomless": ("kingdomless", ""),
    "definately": ("definately", ""),
    "snowdragon": ("snowdragon", ""),
    "sleepingly": ("sleepingly", ""),
    "teh": ("teh", ""),
}


@dataclass(frozen=True)
class Pieces:
    """A word made of its n-grams."""

    vectors: WordVectors
    word: str
    pieces: tuple[str, ...]
    """At every place from left to right."""
    starts: tuple[int, ...]
    """Where each begins in the word between < and >."""
    kept: NDArray[np.bool_]
    """(pieces,) which are switched on."""
    shares: NDArray[np.float64]
    """(pieces,) of the vector that those switched on make."""
    whole: tuple[Ranked, ...]
    """The neighbours with all pieces."""
    left: tuple[Ranked, ...]
    """And with those that are on; () where all are."""
    likeness: float
    """The cosine of both."""
    learned: float | None
    """The cosine of all pieces with the vector that the word has learned; None of an unseen one."""
    least: int
    note: str


def ask(
    service: Service, session: str | None, word: str, off: str | None, least: int = LEAST
) -> Pieces:
    """A word as the mean of its pieces; `off` lists pieces that are left out.

    Raises EmptyText, TooLong, or OrreryError where nothing is left.
    """
    typed = off or ""
    if len(typed) > CHARACTERS:
        raise TooLong("list of pieces", CHARACTERS, len(typed), "characters")
    asked = service.word(word or "")
    vectors = service.word_vectors(MODEL)
    known = vectors.look_up(asked)
    text = known.text if known else read_plainly(asked)
    if not text:
        raise EmptyText("word")
    return made(vectors, text, [one for one in re.split(r"[\s,;]+", typed) if one], least, known)


def made(
    vectors: WordVectors,
    word: str,
    off: list[str],
    least: int = LEAST,
    known: Word | None = None,
) -> Pieces:
    """The vector with all pieces and with some left out, and what stands near each."""
    if vectors.ngrams is None:
        raise ModelUnavailable(MODEL, "it has no vectors of pieces.")
    starts, pieces = zip(*vectors.ngrams.places(word), strict=True)
    rows = vectors.ngrams.vectors(pieces)
    kept = np.array([piece not in off for piece in pieces], dtype=bool)
    if not kept.any():
        raise OrreryError("All pieces are switched off. Leave at least one.")
    whole, left = _unit(rows.mean(axis=0)), _unit(rows[kept].mean(axis=0))
    among = frequent(vectors, least)

    def near(vector: NDArray[np.float32]) -> tuple[Ranked, ...]:
        return neighbours(vectors.unit, Word(word, None, vector), NEAR, among)

    strange = [piece for piece in off if piece not in pieces]
    notes = [known.note if known else "", _strange(strange)]
    learned = known.vector if known is not None and known.row is not None else None
    return Pieces(
        vectors,
        word,
        pieces,
        starts,
        kept,
        shares(rows, kept),
        near(whole),
        () if kept.all() else near(left),
        float(whole @ left),
        None if learned is None else float(learned @ whole),
        least,
        " ".join(filter(None, notes)),
    )


def _unit(vector: NDArray[np.floating]) -> NDArray[np.float32]:
    found: NDArray[np.float32] = (vector / max(float(np.linalg.norm(vector)), 1e-12)).astype(
        np.float32
    )
    return found


def _strange(pieces: list[str]) -> str:
    if not pieces:
        return ""
    return f"No piece of this word, and ignored: {', '.join(dict.fromkeys(pieces))}."


def data(value: Pieces) -> dict[str, Any]:
    """Every piece with its share, and the neighbours with all of them and with those left."""
    return {
        "note": value.note,
        "word": value.word,
        "pieces": [
            {"text": text, "start": start, "on": on, "share": share}
            for text, start, on, share in zip(
                value.pieces,
                value.starts,
                value.kept.tolist(),
                value.shares.tolist(),
                strict=True,
            )
        ],
        "whole": [_named(value, one) for one in value.whole],
        "left": [_named(value, one) for one in value.left],
        "likeness": value.likeness,
        "learned": value.learned,
    }


def _named(value: Pieces, one: Ranked) -> dict[str, Any]:
    return {"word": value.vectors.words[one.row or 0], "cosine": one.cosine}


def draw(value: Pieces) -> list[object]:
    """A note, the word in its pieces, and the neighbours before and after."""
    off = list(dict.fromkeys(p for p, on in zip(value.pieces, value.kept, strict=True) if not on))
    shown = chips(value.word, value.pieces, value.starts, value.shares, off)
    whole, left = (
        [(value.vectors.words[one.row or 0], one.cosine) for one in some]
        for some in (value.whole, value.left)
    )
    first = nearest(value.word, whole, value.learned)
    return [str(note(value.note)), str(shown), str(first), str(moved(whole, left, value.likeness))]


def inputs(catalog: Catalog) -> Inputs:
    return {
        "word": gr.Textbox(OPENING[0], label="Word", max_lines=1),
        "off": gr.Textbox(OPENING[1], label="Pieces switched off", lines=2, max_lines=3),
        "least": least_count(),
    }


def stage() -> list[Component]:
    noted, word = remark(), gr.HTML(WAITING, min_height=CHIPS, js_on_load=None)
    with gr.Row(elem_classes="pair"):
        lists = [gr.HTML(min_height=LISTS, js_on_load=None) for _ in range(2)]
    return [noted, word, *lists]


VIEW = View(
    key="embeddings-pieces",
    text=read_text(__file__),
    ask=ask,
    data=data,
    draw=lambda: draw,
    inputs=inputs,
    stage=stage,
    button="Take it apart",
    examples=EXAMPLES,
    runs_on=("least",),
)
