"""tokens-merges: a text cut with the first merges alone, and a word put together step by step."""

from __future__ import annotations

import json
import math
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
from components.tokens.tokenizers import EXAMPLES as STORIES
from components.tokens.tokenizers import tokenizer_choice, tokenizers
from inference.catalog import Catalog
from inference.tasks.replay import LONGEST, Lattice, Path, Replay, Replayed, WordCut
from inference.types.options import in_range

if TYPE_CHECKING:
    from inference.service import Service

(OPENING,) = STORIES["A story"]
RAINED = "The other day it rained, and the goats stayed in."
NAME, LONG_WORD = 15, 10  # places of words in it, from 1
MERGES = (0, 3_900)
EXAMPLES = {
    "All merges": (OPENING, "byte-bpe", 3_900, NAME),
    "The first 300": (OPENING, "byte-bpe", 300, NAME),
    "Letters alone": (OPENING, "byte-bpe", 0, NAME),
    "Learned first": (RAINED, "byte-bpe", 3_900, 5),
    "The longest": (RAINED, "wordpiece", 3_900, 5),
    "The most probable": (OPENING, "unigram", 3_900, LONG_WORD),
}
NAMES = ("byte-bpe", "bpe", "multilingual", "wordpiece", "unigram")


@dataclass(frozen=True)
class Recut:
    """A text with all its merges, of which the first are applied."""

    found: Replayed
    limit: int


def ask(
    service: Service, session: str | None, text: str, tokenizer: str, merges: int, word: int
) -> Recut:
    """The text word by word. word: the one that is taken apart, from 1; beyond the last, the last.

    merges: how many of them the page applies; all are returned. Raises OrreryError.
    """
    in_range("The number of merges", merges, MERGES, whole=True)
    return Recut(service.answer(Replay(text, tokenizer, word=word), session), merges)


def data(recut: Recut) -> dict[str, Any]:
    """Every word with its steps; of the chosen one, the cuts that there are."""
    found = recut.found
    return {
        "note": found.tokens.note,
        "learned": found.merges,
        "words": [word_data(one, found) for one in found.words],
        "chosen": found.chosen + 1,
        "cuts": lattice_data(found.lattice, found) if found.lattice else None,
    }


def word_data(word: WordCut, found: Replayed) -> dict[str, Any]:
    """A word with its tokens at first, its merges, and its pieces where nothing is merged."""
    return {
        "text": written(word, found),
        "letters": [name(one, found) for one in word.letters],
        "merges": [
            {
                "rank": one.rank,
                "count": found.counts.get(one.rank),
                "place": one.place,
                "token": one.token,
                "text": name(one.token, found),
            }
            for one in word.merges
        ],
        "pieces": [{"token": one.token, "text": name(one.token, found)} for one in word.pieces],
    }


def written(word: WordCut, found: Replayed) -> str:
    """What a word covers of the text."""
    whole = found.tokens.text.encode()
    return whole[word.word.start : word.word.end].decode("utf-8", errors="replace")


def lattice_data(ways: Lattice, found: Replayed) -> dict[str, Any]:
    """How many cuts, and the best of them with their share of all."""
    return {
        "number": ways.cuts,
        "best": [
            {
                "pieces": [name(ways.arcs[number].token, found) for number in path.arcs],
                "share": math.exp(path.score - ways.total),
            }
            for path in ways.paths
        ],
    }


def draw(recut: Recut) -> list[object]:
    """A note, and what merges.js draws."""
    found = recut.found
    used = {token for one in found.words for token in (*one.letters, *one_by_one(one))}
    used |= {arc.token for arc in found.lattice.arcs} if found.lattice else set()
    value = {
        "labels": {
            token: [[span.text, span.symbol] for span in named(token, found)] for token in used
        },
        "words": [
            [written(one, found), one.letters, one.merges, one.pieces] for one in found.words
        ],
        "counts": {
            one.rank: found.counts.get(one.rank) for one in found.words[found.chosen].merges
        },
        "chosen": found.chosen,
        "size": found.size,
        "learned": found.merges,
        "limit": min(recut.limit, found.merges),
        "bytes": len(found.tokens.text.encode()),
        "ways": ways_value(found.lattice, found.draws) if found.lattice else None,
    }
    drawn = Markup('<section class="replay" data-widget="replay" data-value="{}"></section>')
    return [str(note(found.tokens.note)), str(drawn.format(json.dumps(value)))]


def one_by_one(word: WordCut) -> list[int]:
    """The tokens that a word becomes on its way."""
    return [*(one.token for one in word.merges), *(one.token for one in word.pieces)]


def ways_value(ways: Lattice, draws: tuple[Path, ...]) -> dict[str, Any]:
    """The arcs of a lattice, its best paths and the sampled ones."""
    return {
        "arcs": ways.arcs,
        "paths": [[path.arcs, math.exp(path.score - ways.total)] for path in ways.paths],
        "draws": [[path.arcs, math.exp(path.score - ways.total)] for path in draws],
        "cuts": ways.cuts,
    }


def inputs(catalog: Catalog) -> Inputs:
    offered = {one.name: one for one in tokenizers(catalog)}
    others = [name for name, one in offered.items() if one.kind != "tokenizer"]
    choices = [(offered[one].title, one) for one in (*NAMES, *others) if one in offered]
    return {
        "text": gr.Textbox(OPENING, label="Text", lines=3, max_lines=5),
        "tokenizer": tokenizer_choice(choices),
        "merges": dial("Only the first merges", *MERGES, MERGES[1], 1),
        "word": gr.Number(
            NAME, label="Word", minimum=1, maximum=LONGEST, step=1, precision=0, visible="hidden"
        ),
    }


def stage() -> list[Component]:
    return remark_and_picture(520)


VIEW = View(
    key="tokens-merges",
    text=read_text(__file__),
    ask=ask,
    data=data,
    draw=lambda: draw,
    inputs=inputs,
    stage=stage,
    button="Cut",
    examples=EXAMPLES,
    runs_on=("tokenizer",),
)
