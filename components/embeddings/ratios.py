"""embeddings-ratios: which words stand near one word rather than near another, by our counts."""

from __future__ import annotations

from dataclasses import dataclass
from math import inf, log
from typing import TYPE_CHECKING, Any

import gradio as gr
import numpy as np
from gradio.components import Component
from markupsafe import Markup

from analysis.words.ratios import Near, ratio
from components.embeddings.drawing.strips import Row, strips
from components.embeddings.lists.typed import Listed, known
from components.embeddings.models import COUNTS, looked_up, notes
from components.shared.drawing.remark import remark_and_picture
from components.shared.drawing.spelling import note
from components.shared.view import Inputs, View, read_text
from inference.catalog import Catalog
from inference.errors import ModelUnavailable, OrreryError, TooLong
from inference.words import Contexts, Word, WordVectors, times_seen

if TYPE_CHECKING:
    from inference.service import Service

WORDS, CHARACTERS = 24, 1_000  # at most
EACH = 6  # words that are found for a side
HEIGHT = 520  # px
EXAMPLES = {
    "Ice, steam": ("ice", "steam", "cream cold snow solid water the hot gas train engine fashion"),
    "Sun, moon": ("sun", "moon", "hot beam warm rise sky shone light stars crescent full"),
    "Cat, dog": ("cat", "dog", "purred whiskers mouse black chased house ran tail bone barked"),
    "Doctor, nurse": ("doctor", "nurse", "medicine he his the patient hospital she sick her"),
    "Find them": ("summer", "winter", ""),
}


@dataclass(frozen=True)
class Told:
    """Some words, and how much more often each stood near one word than near another."""

    words: tuple[Word, Word]
    listed: Listed
    """Those that were typed, none where they were to be found."""
    rows: tuple[Row, ...]
    """Those that lean most to the first word first."""
    totals: tuple[int, int]
    """Words that stood near the two."""
    window: int
    read: int
    """Words of the training text."""

    @property
    def note(self) -> str:
        return " ".join(filter(None, (notes(self.words), self.listed.note)))

    @property
    def sides(self) -> tuple[int, int, int]:
        """How many surely lean to the first word, to the second, and may do either."""
        found = [row.ratio.side for row in self.rows]
        return found.count(1), found.count(-1), found.count(0)


def ask(service: Service, session: str | None, one: str, other: str, words: str | None) -> Told:
    """P(word | one) / P(word | other) of up to 24 words, or of those that tell most where none is.

    Raises TooLong, UnknownWord, ModelUnavailable, or OrreryError where both are the same word.
    """
    typed = words or ""
    if len(typed) > CHARACTERS:
        raise TooLong("list of words", CHARACTERS, len(typed), "characters")
    vectors = service.word_vectors(COUNTS)
    pair = looked_up(vectors, service.word(one)), looked_up(vectors, service.word(other))
    if pair[0].row == pair[1].row:
        raise OrreryError(f"Both words are {pair[0].text}. Type another one beside it.")
    listed = known(service, vectors, typed, WORDS) if typed.strip() else Listed((), ())
    return told(vectors, (pair[0], pair[1]), listed)


def told(vectors: WordVectors, pair: tuple[Word, Word], listed: Listed) -> Told:
    """Raises ModelUnavailable for vectors that do not come from counts."""
    contexts = vectors.contexts
    if contexts is None:
        raise ModelUnavailable(COUNTS, "it holds no counts.")
    rows = [_row(vectors, contexts, pair, word.row or 0) for word in listed.words]
    if not rows:
        rows = telling(vectors, contexts, pair)
    totals = [int(contexts.totals[word.row or 0]) for word in pair]
    return Told(
        pair,
        listed,
        tuple(sorted(rows, key=_leaning, reverse=True)),
        (totals[0], totals[1]),
        contexts.window,
        int(vectors.counts.sum()),
    )


def _row(vectors: WordVectors, contexts: Contexts, pair: tuple[Word, Word], row: int) -> Row:
    one, other = (
        Near(*times_seen(contexts, word.row or 0, row), int(contexts.totals[word.row or 0]))
        for word in pair
    )
    return Row(vectors.words[row], one, other, ratio(one, other))


def telling(vectors: WordVectors, contexts: Contexts, pair: tuple[Word, Word]) -> list[Row]:
    """Of all words that the table has near either, those that surely lean most to one of them."""
    places = [contexts.ppmi.row(word.row or 0) for word in pair]
    near = np.union1d(*(contexts.ppmi.columns[place] for place in places)).tolist()
    rows = [_row(vectors, contexts, pair, row) for row in near]
    first = sorted(rows, key=lambda row: -row.ratio.low)[:EACH]
    last = sorted(rows, key=lambda row: row.ratio.high)[:EACH]
    return [
        *(row for row in first if row.ratio.side > 0),
        *(row for row in last if row.ratio.side < 0),
    ]


def _leaning(row: Row) -> float:
    """The logarithm of the ratio, or of the middle of its interval."""
    value = row.ratio.value
    if value is not None and 0 < value < inf:
        return log(value)
    low, high = log(max(row.ratio.low, 1e-4)), log(min(row.ratio.high, 1e4))
    return (low + high) / 2


def data(value: Told) -> dict[str, Any]:
    """Counts from least to most, shares and ratios; null for what is not known or has no end."""
    return {
        "note": value.note,
        "words": [word.text for word in value.words],
        "totals": list(value.totals),
        "window": value.window,
        "rows": [
            {
                "word": row.word,
                "seen": [[near.least, near.most] for near in (row.one, row.other)],
                "shares": [row.one.share, row.other.share],
                "ratio": _finite(row.ratio.value),
                "interval": [row.ratio.low, _finite(row.ratio.high)],
            }
            for row in value.rows
        ],
    }


def _finite(value: float | None) -> float | None:
    return None if value == inf else value


def draw(value: Told) -> list[object]:
    """A note, and the table with its strips."""
    return [str(note(value.note)), str(picture(value))]


def picture(value: Told) -> Markup:
    one, other = (word.text for word in value.words)
    if not value.rows:
        none = Markup('<p class="trust">No word surely leans to {} or to {}.</p>')
        return none.format(one, other)
    to_one, to_other, either = value.sides
    unclear = f"; of {either} nobody can tell" if either else ""
    return Markup('<div class="ratios"><h2>{}</h2>{}<p class="trust">{}</p></div>').format(
        f"{to_one} lean to {one}, {to_other} to {other}{unclear}",
        strips(value.rows, (one, other)),
        f"Counted within {value.window} words on either side, in {value.read / 1e6:.0f} million "
        f"words: {value.totals[0]:,} stood near {one}, {value.totals[1]:,} near {other}. "
        "Percent: P(word | column). Strips: 95 % (Wilson), as if every time were independent of "
        "the others; a story that goes on about a thing makes them too short. "
        "\N{LESS-THAN OR EQUAL TO}: not in the table, which leaves out what is rare or no more "
        "than chance, so at most so often.",
    )


def inputs(catalog: Catalog) -> Inputs:
    one, other, words = EXAMPLES["Ice, steam"]
    return {
        "one": gr.Textbox(one, label="Near", max_lines=1),
        "other": gr.Textbox(other, label="Rather than near", max_lines=1),
        "words": gr.Textbox(
            words, label="These words", placeholder="empty: those that tell most", lines=3
        ),
    }


def stage() -> list[Component]:
    return remark_and_picture(HEIGHT)


VIEW = View(
    key="embeddings-ratios",
    text=read_text(__file__),
    ask=ask,
    data=data,
    draw=lambda: draw,
    inputs=inputs,
    stage=stage,
    button="Compare",
    examples=EXAMPLES,
)
