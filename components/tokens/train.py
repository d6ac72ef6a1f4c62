"""tokens-train: a tokenizer learned from somebody's own text, step by step."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import gradio as gr
from gradio.components import Component
from markupsafe import Markup

from components.shared.dials import dial
from components.shared.drawing.lane_data import name, named
from components.shared.drawing.remark import remark_and_picture
from components.shared.drawing.spelling import note
from components.shared.view import Inputs, View, read_text
from components.tokens import thinned
from components.tokens.measures import figures, unseen
from inference.catalog import Catalog
from inference.tasks.vocabulary.cutting import Regrown, Word
from inference.tasks.vocabulary.learn_merges import LearnedMerges, LearnMerges
from inference.tasks.vocabulary.learn_pieces import LearnedPieces, LearnPieces
from inference.tasks.vocabulary.measured import MERGES
from inference.types.options import in_range
from inference.types.waiting import Waiting

if TYPE_CHECKING:
    from inference.service import Service

OURS = {"bytes": "byte-bpe", "characters": "bpe", "wordpiece": "wordpiece", "unigram": "unigram"}
"""What each kind is compared with: it cuts by the same rules and was trained on stories."""
GOATS = (
    "The goatherd and her mother gather the other goats. The goats gather at the gate, and the "
    "oats that the goats ate the goatherd's father had gathered. There are more oats in the other "
    "goat's boat, but that goat is rather bothered: neither the mother nor the father goat bathes."
)
ENDS = (
    "Playing, singing, jumping and running: the singers sang, the jumpers jumped, the runners ran, "
    "and the players played. The slower singer was singing slowly, the slowest jumper jumping low."
)
SENTENCE = "Both mothers bother the brother who bathes the goats at the other gate."
DIGITS = "10 + 10 = 20, 100 + 100 = 200, 1000 + 1000 = 2000, and 2010 + 2010 = 4020."
EXAMPLES = {
    "Goats": (GOATS, "bytes", 60, 12),
    "Before the first": (GOATS, "bytes", 60, 0),
    "Endings": (ENDS, "characters", 60, 12),
    "WordPiece": (ENDS, "wordpiece", 60, 21),
    "Unigram": (GOATS, "unigram", 20, 5),
    "Numbers": (DIGITS, "bytes", 30, 8),
}
KINDS = (
    ("BPE of bytes (GPT-2)", "bytes"),
    ("BPE of characters", "characters"),
    ("WordPiece (BERT)", "wordpiece"),
    ("Unigram (T5)", "unigram"),
)


@dataclass(frozen=True)
class Learning:
    """A tokenizer with all its steps, of which the first are applied."""

    found: LearnedMerges | LearnedPieces
    shown: int


def ask(
    service: Service,
    session: str | None,
    text: str,
    kind: str,
    merges: int,
    shown: int,
    other: str = SENTENCE,
) -> Iterator[Waiting | Learning]:
    """A tokenizer of so many merges, or a Unigram model of so many pieces beside the letters.

    shown: merges, or prunings, that the page applies; all are returned. other: a text that it has
    not learned from, to be compared on; none where it is empty. Raises OrreryError.
    """
    in_range("The number of merges shown", shown, (0, MERGES[1]), whole=True)
    ours = OURS.get(kind, "byte-bpe")
    if kind == "unigram":
        pieces = LearnPieces(text, ours, longer=merges, other=other)
        yield from learning(service.run(pieces, session), shown)
    else:
        task = LearnMerges(text, ours, kind=kind, merges=merges, other=other)  # type: ignore[arg-type]
        yield from learning(service.run(task, session), shown)


def learning(
    news: Iterator[Waiting | LearnedMerges] | Iterator[Waiting | LearnedPieces], shown: int
) -> Iterator[Waiting | Learning]:
    """How far it is, and last what is drawn."""
    for one in news:
        yield one if isinstance(one, Waiting) else Learning(one, shown)


def data(learning: Learning) -> dict[str, Any]:
    """Every merge with the pairs that it was chosen from, and the whole as a tokenizer.json.

    In WordPiece a pair has a `score`: its count over the product of those of its `parts`. Of
    Unigram, every round.
    """
    found = learning.found
    if isinstance(found, LearnedPieces):
        return thinned.data(found)
    return {
        "note": found.note,
        "kind": found.kind,
        "tokens": found.tokens,
        **figures(found.measured),
        "unseen": unseen(found.unseen),
        "merges": [
            {
                "text": name(one.token, found),
                "pairs": [pair(*candidate, found=found) for candidate in one.ahead],
                "tokens": one.tokens,
            }
            for one in found.steps
        ],
        "tokenizer": found.file,
        "name": found.name,
    }


def pair(left: int, right: int, count: int, *parts: int, found: LearnedMerges) -> dict[str, Any]:
    """One that could be merged."""
    told = {"left": name(left, found), "right": name(right, found), "count": count}
    if not parts:
        return told
    return told | {"parts": parts, "score": count / (parts[0] * parts[1])}


def drawn_word(word: Word) -> list[Any]:
    """What train.js cuts it by: letters and merges, or whole cuts with their first steps."""
    if isinstance(word, Regrown):
        return [[*one] for one in word.cuts]
    return [word.letters, word.merges]


def draw(learning: Learning) -> list[object]:
    """A note, and what train.js draws."""
    found = learning.found
    shown = learning.shown
    drawn = Markup('<section class="replay" data-widget="learned" data-value="{}"></section>')
    told = thinned.value(found, shown) if isinstance(found, LearnedPieces) else value(found, shown)
    return [str(note(found.note)), str(drawn.format(json.dumps(told)))]


def value(found: LearnedMerges, shown: int) -> dict[str, Any]:
    """What train.js draws of merges."""
    return {
        "labels": {
            token: [[span.text, span.symbol] for span in named(token, found)]
            for token in found.pieces
        },
        "inside": [token for token in found.pieces if found.inside(token)],
        "words": [drawn_word(one) for one in found.words],
        "steps": [[one.token, one.ahead, one.tokens] for one in found.steps],
        "shown": min(shown, len(found.steps)),
        "alphabet": found.alphabet,
        "tokens": found.tokens,
        **thinned.drawn_result(found),
    }


def inputs(catalog: Catalog) -> Inputs:
    return {
        "text": gr.Textbox(GOATS, label="Text", lines=5, max_lines=6),
        "kind": gr.Dropdown(KINDS, value="bytes", label="Algorithm", filterable=False),
        "merges": dial("Merges or pieces", *MERGES, 60, 1),
        "shown": gr.Number(
            12,
            label="Shown",
            minimum=0,
            maximum=MERGES[1],
            step=1,
            precision=0,
            visible="hidden",
        ),
        "other": gr.Textbox(SENTENCE, label="Tried on another text", lines=2, max_lines=3),
    }


def stage() -> list[Component]:
    return remark_and_picture(560)


VIEW = View(
    key="tokens-train",
    text=read_text(__file__),
    ask=ask,
    data=data,
    draw=lambda: draw,
    inputs=inputs,
    stage=stage,
    button="Learn",
    examples=EXAMPLES,
    runs_on=("kind", "merges"),
    dials=("kind", "merges"),
    stopped="Stopped; what was learned before stays.",
)
