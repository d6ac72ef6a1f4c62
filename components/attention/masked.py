"""attention-masked: a token hidden, what fill-in puts there, and where it looks for that."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import gradio as gr
import numpy as np
from gradio.components import Component

from components.attention.hidden.left import FromTheLeft, from_the_left
from components.attention.hidden.picture import picture
from components.shared.asking import result
from components.shared.drawing.remark import remark_and_picture
from components.shared.drawing.spelling import note
from components.shared.view import Inputs, View, read_text
from inference.errors import OrreryError
from inference.types.waiting import Waiting

if TYPE_CHECKING:
    from inference.catalog import Catalog
    from inference.service import Service
    from inference.tasks.fill_in import FilledGaps

FILLS, READS_ON = "fill-in", "storyteller"
SHOWN = 6  # tokens of each model
PLACE = re.compile(r"\s*([0-9]{1,4})\s*", re.ASCII)
NEAR = 2  # tokens
HEIGHT = 500  # px
EXAMPLES = {
    "The key tells": ("She opened the door with a small key.", "2"),
    "The light tells": ("It was dark, so she turned on the light.", "3"),
    "The song tells": ("The birds were singing in the tree.", "2"),
    "The left tells": ("The little girls were happy because it was their birthday.", "4"),
    "Neither tells": ("The children were cold, so they made a fire.", "4"),
}


@dataclass(frozen=True)
class Hidden:
    """A text with a gap, and what two models say of it."""

    filled: FilledGaps
    gap: int
    """The one that is looked at, among all gaps."""
    left: FromTheLeft | None
    known: bool
    """Whether a token is hidden there; a gap that was typed hides none."""

    @property
    def place(self) -> int:
        return self.filled.gaps[self.gap]

    @property
    def opened(self) -> tuple[int, int]:
        """The layer and head that put most weight on one token of the sentence more than `NEAR`
        away: within that, layer 1 looks by place alone."""
        far = [
            at
            for at, piece in enumerate(self.filled.tokens.pieces)
            if piece and abs(at - self.place) > NEAR
        ]
        rows = self.filled.weights[:, :, self.gap][:, :, far or [self.place]].max(axis=2)
        layer, head = np.unravel_index(int(rows.argmax()), rows.shape)
        return int(layer), int(head)


def ask(
    service: Service, session: str | None, text: str, hidden: str | None
) -> Iterator[Waiting | Hidden]:
    """Hide one token and fill the gap.

    hidden: its place among the tokens of the sentence, from 1; empty for the gap that is typed, or
    the token in the middle. Raises OrreryError where there is no such token.
    """
    from inference.tasks.fill_in import FillIn  # noqa: PLC0415  # a long chain of imports

    place = place_of(service, text, hidden or "")
    task = FillIn(text, FILLS, () if place is None else (place,), SHOWN, looks=True)
    filled = yield from result(service, task, session)
    gap = 0 if place is None else filled.gaps.index(place)
    left = None
    if place is not None:
        left = yield from from_the_left(service, session, filled, place, READS_ON)
    yield Hidden(filled, gap, left, place is not None)


def place_of(service: Service, text: str, hidden: str) -> int | None:
    """Where the token to hide stands; None where a gap is typed and no token named.

    Raises OrreryError.
    """
    from inference.tasks.fill_in import FillIn  # noqa: PLC0415  # a long chain of imports

    model = service.preprocessor(FILLS, "fill in")
    tokens = model.cut(text, FillIn.what, model.bounds.prompt, specials=True)
    typed = [at for at, piece in enumerate(tokens.pieces) if piece]
    if not hidden.strip():
        masked = any(tokens.ids[at] == model.tokenizer.mask for at in typed)
        return None if masked else typed[len(typed) // 2]
    found = PLACE.fullmatch(hidden)
    if found is None or not 1 <= int(found[1]) <= len(typed):
        raise OrreryError(
            f"The sentence has {len(typed)} tokens. Click one to hide it, or give its number."
        )
    return typed[int(found[1]) - 1]


def data(value: Hidden) -> dict[str, Any]:
    """What both models expect in the gap, and where fill-in looks.

    `attention[layer][head]` is the row of the gap over `tokens`, which sums to 1. `left` is of the
    next token after what stands before the gap, by a model that reads no further; null where its
    tokens do not fit. `hidden` is null of a gap that was typed.
    """
    filled, left = value.filled, value.left
    token = filled.tokens.ids[value.place]
    chances = filled.probabilities[value.gap]
    return {
        "note": filled.tokens.note,
        "tokens": [
            {"id": one, "text": piece.decode("utf-8", "replace")}
            for one, piece in zip(filled.tokens.ids, filled.tokens.pieces, strict=True)
        ],
        "at": value.place,
        "hidden": {
            "id": token,
            "text": text_of(filled.pieces[token]),
            "probability": float(chances[token]),
            "rank": filled.rank(value.gap, token),
        }
        if value.known
        else None,
        "filled": [
            {"id": one, "text": text_of(filled.pieces[one]), "probability": float(chances[one])}
            for one in filled.likeliest[value.gap]
        ],
        "left": None
        if left is None
        else {
            "expected": [
                {"id": one, "text": text_of(left.score.pieces[one]), "probability": chance}
                for one, chance in left.expected
            ],
            "hidden_is_one_token": left.whole,
            "probability": left.chance,
            "rank": left.rank,
        },
        "attention": filled.weights[:, :, value.gap].tolist(),
    }


def text_of(piece: bytes) -> str:
    return piece.decode("utf-8", errors="replace")


def draw(value: Hidden) -> list[object]:
    """A note, and the sentence with its gap, the bars of both models, and the heads."""
    return [str(note(value.filled.tokens.note)), str(picture(value, data(value)))]


def inputs(catalog: Catalog) -> Inputs:
    text, hidden = next(iter(EXAMPLES.values()))
    return {
        "text": gr.Textbox(text, label="Sentence", lines=3, max_lines=6),
        "hidden": gr.Textbox(
            hidden, label="Hidden token, by its number", placeholder="the middle", max_lines=1
        ),
    }


def stage() -> list[Component]:
    return remark_and_picture(HEIGHT)


VIEW = View(
    key="attention-masked",
    text=read_text(__file__),
    ask=ask,
    data=data,
    draw=lambda: draw,
    inputs=inputs,
    stage=stage,
    button="Hide and fill",
    examples=EXAMPLES,
    stopped="Stopped; what was shown before stays.",
)
