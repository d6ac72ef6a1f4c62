"""attention-translation: one sentence by three translators, and where each looks in it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import gradio as gr
from gradio.components import Component

from components.attention.alignments import picture
from components.shared.asking import result
from components.shared.dials import dial
from components.shared.drawing.lane_data import lane_data, token_data
from components.shared.drawing.remark import remark_and_picture
from components.shared.drawing.spelling import note
from components.shared.view import Inputs, View, read_text
from inference.tasks.attention.alignment import LONGEST, Align, Aligned
from inference.text.notes import joined
from inference.types import BEAMS, Generation, GenerationOptions, LaneOptions, Waiting

if TYPE_CHECKING:
    from inference.catalog import Catalog
    from inference.service import Service

MODELS = ("translator", "translator-rnn", "translator-rnn-bottleneck")
EXAMPLES = {
    "Black cat, white dog": ("She bought a black cat and a white dog.",),
    "Old house": ("I saw a black cat in the old house.",),
    "Red car": ("The red car is in front of the old house.",),
    "Long": ("My brother bought a red car last week because his old one was broken.",),
}
LENGTH = 64  # tokens of a translation
HEIGHT = 560  # px


@dataclass(frozen=True)
class Translated:
    """A sentence by one translator, greedy and by beam search."""

    model: str
    title: str
    written: Generation
    aligned: Aligned


@dataclass(frozen=True)
class Translations:
    """By all translators that have written so far."""

    found: tuple[Translated, ...]

    @property
    def note(self) -> str:
        notes = (said for one in self.found for said in (one.written.note, one.aligned.tokens.note))
        return joined(*dict.fromkeys(notes))


def ask(
    service: Service, session: str | None, text: str, beams: int
) -> Iterator[Waiting | Translations]:
    """One translator after another. Raises OrreryError where the sentence cannot be used."""
    from inference.tasks.translate import Translate  # noqa: PLC0415  # a long chain of imports

    options = GenerationOptions((LaneOptions("Greedy"), LaneOptions("Beam", beams=beams)), LENGTH)
    service.preprocessor(MODELS[0], "translate").cut(text, Align.what, LONGEST)
    found: tuple[Translated, ...] = ()
    for model in MODELS:
        written = yield from result(service, Translate(text, model, options), session)
        targets = tuple(tuple(step.token for step in lane.steps) for lane in written.lanes)
        aligned = service.answer(Align(text, model, targets), session)
        title = service.catalog.entry(model, "translate").title
        found = (*found, Translated(model, title, written, aligned))
        yield Translations(found)


def data(value: Translations) -> dict[str, Any]:
    """The sentence's tokens, and by translator both translations with their alignments.

    `alignment[layer][head][target token][source token]` sums to 1 over the source; a translator
    without attention has none, and `vector` instead.
    """
    source = value.found[0].aligned.tokens
    return {
        "note": value.note,
        "source": [
            {"id": token, "text": piece.decode("utf-8", errors="replace")}
            for token, piece in zip(source.ids, source.pieces, strict=True)
        ],
        "translators": [
            {
                "model": one.model,
                "vector": one.aligned.looks.vector.tolist(),
                "ways": [
                    {
                        "strategy": lane.options.name,
                        **{
                            key: lane_data(lane, one.written)[key]
                            for key in ("text", "end", "bits")
                        },
                        "tokens": [token_data(step.token, one.written) for step in lane.steps],
                        "alignment": weights.tolist(),
                    }
                    for lane, weights in zip(one.written.lanes, one.aligned.looks.maps, strict=True)
                ],
            }
            for one in value.found
        ],
    }


def draw(value: Translations) -> list[object]:
    """A note, and the translations side by side."""
    return [str(note(value.note)), str(picture(value))]


def inputs(catalog: Catalog) -> Inputs:
    first = next(iter(EXAMPLES.values()))[0]
    return {
        "text": gr.Textbox(first, label="English sentence", lines=3, max_lines=6),
        "beams": dial("Beams of the beam search", *BEAMS, 4, 1),
    }


def stage() -> list[Component]:
    return remark_and_picture(HEIGHT)


VIEW = View(
    key="attention-translation",
    text=read_text(__file__),
    ask=ask,
    data=data,
    draw=lambda: draw,
    inputs=inputs,
    stage=stage,
    button="Translate",
    examples=EXAMPLES,
    stopped="Stopped; what was written before stays.",
)
