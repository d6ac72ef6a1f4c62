"""generation-text: a text as two models read it, and a phrase that is said again and again."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import gradio as gr
from gradio.components import Component

from components.generation.reading import LEGEND, Reader, reading
from components.generation.titles import short
from components.shared.asking import result
from components.shared.dials import takes_trained
from components.shared.drawing.lane_data import token_data
from components.shared.drawing.remark import remark_and_picture
from components.shared.drawing.spelling import note
from components.shared.view import Inputs, View, read_text
from inference.errors import TooLong
from inference.tasks.score import Score
from inference.text.notes import joined
from inference.text.opened import TOKENS
from inference.types.waiting import Waiting

if TYPE_CHECKING:
    from inference.catalog import Catalog
    from inference.service import Service

EXAMPLES = {
    "Two voices": (
        "Lily was very sad. Her mom helped her find the red ball. "
        '"Alas," quoth the king, "I have neither wife nor child."',
    ),
    "A wrong word": (
        "Once upon a time there was a little girl named Lily. She loved to play in the park with "
        "her refrigerator.",
    ),
    "An old tale": (
        "There was once a poor woodcutter who lived with his wife in a hut at the edge of a great "
        "forest. One evening, as they sat by the fire, he sighed.",
    ),
    "No story": (
        "The committee approved the budget on Tuesday after a short debate about parking fees.",
    ),
}
PHRASE = "I do not know."
LONGEST = 100  # characters of a phrase
TIMES = 8  # that it is said, where so many fit
MODELS = ("storyteller", "storyteller-books")


def ask(
    service: Service, session: str | None, text: str, model: str, below: str, phrase: str | None
) -> Iterator[Waiting | tuple[Reader, ...]]:
    """The text as one model reads it, and as another one does, which may be the same.

    phrase: what is said again and again; empty for nothing. Raises OrreryError.
    """
    repeated, times = again(phrase)
    found = []
    for name in dict.fromkeys((model, below)):
        title = short(service.catalog.entry(name, "write").title)
        score = yield from result(service, Score(text, name), session)
        if repeated:
            told = yield from result(service, Score(repeated, name), session)
            found.append(Reader(name, title, score, told, times))
        else:
            found.append(Reader(name, title, score))
    yield tuple(found)


def again(phrase: object) -> tuple[str, int]:
    """A phrase as often as it fits with a space in between, and how often. Raises TooLong."""
    said = phrase.strip() if isinstance(phrase, str) else ""
    if len(said) > LONGEST:
        raise TooLong("phrase", LONGEST, len(said), "characters")
    times = min(TIMES, TOKENS // (len(said.encode("utf-8", "replace")) + 1))
    return " ".join([said] * times) if said else "", times


def data(readers: tuple[Reader, ...]) -> dict[str, Any]:
    """For each model the totals, every token, the words by their surprisal, the repetitions."""
    return {"note": said(readers), "models": [reader_data(one) for one in readers]}


def reader_data(reader: Reader) -> dict[str, Any]:
    score, scored = reader.score, reader.score.scored
    came = zip(score.tokens.ids[1:], score.tokens.pieces[1:], strict=True)
    return {
        "model": reader.model,
        "bits_per_byte": score.per_byte,
        "perplexity": score.perplexity,
        "tokens": [
            {
                "id": token,
                "text": piece.decode("utf-8", errors="replace"),
                "bits": float(scored.bits[place]),
                "rank": int(scored.ranks[place]),
                "entropy": float(scored.entropy[place]),
                "expected": [
                    {**token_data(int(one), score), "probability": float(chance)}
                    for one, chance in zip(
                        scored.expected[place], scored.chances[place], strict=True
                    )
                ],
            }
            for place, (token, piece) in enumerate(came)
        ],
        "words": [{"text": one.text, "bits": one.bits} for one in reader.words],
        "repetitions": [
            {"probability": one.probability, "greedy": one.greedy, "tokens": one.tokens}
            for one in reader.repetitions
        ],
    }


def said(readers: tuple[Reader, ...]) -> str:
    """What was changed or is special about the text, once."""
    return joined(*dict.fromkeys(one.score.tokens.note for one in readers))


def draw(readers: tuple[Reader, ...]) -> list[object]:
    """A note, and everything else."""
    return [str(note(said(readers))), str(reading(readers))]


def inputs(catalog: Catalog) -> Inputs:
    writers = [(short(one.title), one.name) for one in catalog.entries("write")]
    return {
        "text": gr.Textbox(EXAMPLES["Two voices"][0], label="Text", lines=5, max_lines=8),
        **{
            name: takes_trained(
                gr.Dropdown(writers, value=value, label=label, filterable=False), "write"
            )
            for name, value, label in zip(
                ("model", "below"), MODELS, ("Model", "Below it"), strict=True
            )
        },
        "phrase": gr.Textbox(PHRASE, label="Phrase, said again and again", max_lines=1),
    }


def stage() -> list[Component]:
    return remark_and_picture(560, LEGEND)


VIEW = View(
    key="generation-text",
    text=read_text(__file__),
    ask=ask,
    data=data,
    draw=lambda: draw,
    inputs=inputs,
    stage=stage,
    button="Read the text",
    examples=EXAMPLES,
    runs_on=("model", "below"),
    stopped="Stopped; what was shown before stays.",
)
