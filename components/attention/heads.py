"""attention-heads: where every head of every layer mixes its values from."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from gradio.components import Component

from analysis.attention.maps import farthest_reading, is_causal
from components.attention.maps import heads, token_labels
from components.attention.sentences import EXAMPLES, sentence_box
from components.shared.dials import model_choice
from components.shared.drawing.remark import remark_and_picture
from components.shared.drawing.spelling import note
from components.shared.view import Inputs, View, read_text
from inference.catalog import Catalog
from inference.tasks.attention.maps import Attention
from inference.types import AttentionMaps, Waiting

if TYPE_CHECKING:
    from inference.service import Service


def ask(
    service: Service, session: str | None, text: str, model: str
) -> Iterator[Waiting | AttentionMaps]:
    """All maps of a sentence."""
    yield from service.run(Attention(text, model), session)


def data(maps: AttentionMaps) -> dict[str, Any]:
    """The tokens, and the weights by layer, head, query and the keys that the query sees."""
    count = len(maps.tokens.ids)
    seen = range(1, count + 1) if is_causal(maps.weights) else [count] * count
    return {
        "note": maps.tokens.note,
        "tokens": [
            {"id": token, "text": piece.decode("utf-8", errors="replace")}
            for token, piece in zip(maps.tokens.ids, maps.tokens.pieces, strict=True)
        ],
        "weights": [
            [[row[:keys] for keys, row in zip(seen, head, strict=True)] for head in layer]
            for layer in maps.weights.tolist()
        ],
    }


def draw(maps: AttentionMaps) -> list[object]:
    """A note, and all maps in one widget."""
    labels = token_labels(maps.tokens)
    shown = heads(maps.weights, labels, farthest_reading(maps.weights))
    return [str(note(maps.tokens.note)), str(shown)]


def inputs(catalog: Catalog) -> Inputs:
    return {"text": sentence_box(), "model": model_choice(catalog, "attend")}


def stage() -> list[Component]:
    return remark_and_picture(620)


VIEW = View(
    key="attention-heads",
    text=read_text(__file__),
    ask=ask,
    data=data,
    draw=lambda: draw,
    inputs=inputs,
    stage=stage,
    button="Show attention",
    examples=EXAMPLES,
    runs_on=("model",),
    stopped="Stopped; what was shown before stays.",
)
