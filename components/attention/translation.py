"""attention-translation: one sentence by three translators, and where each looks in it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

import gradio as gr
from gradio.components import Component

from analysis.texts.bleu import SIGNATURE, sentence_bleu
from components.attention.translated import aligning, by_length
from components.attention.translated.cards import picture
from components.attention.translated.scored import Scores, scored
from components.shared.asking import result
from components.shared.dials import dial
from components.shared.drawing.figures import placeholder
from components.shared.drawing.lane_data import lane_data, token_data
from components.shared.drawing.remark import remark
from components.shared.drawing.spelling import WAITING, note
from components.shared.view import Inputs, View, read_text
from inference.errors import ModelUnavailable, TooLong
from inference.loading.measured import bleu_by_length
from inference.tasks.attention.alignment import LONGEST, Align, Aligned
from inference.text.notes import joined
from inference.types.generation import Generation
from inference.types.options import BEAMS, GenerationOptions, LaneOptions
from inference.types.waiting import Waiting

if TYPE_CHECKING:
    from inference.catalog import Catalog
    from inference.service import Service

MODELS = ("translator", "translator-rnn", "translator-rnn-bottleneck")
EXAMPLES = {
    "Black cat, white dog": (
        "She bought a black cat and a white dog.",
        4,
        "Elle a acheté un chat noir et un chien blanc.",
    ),
    "Old house": (
        "I saw a black cat in the old house.",
        4,
        "J'ai vu un chat noir dans la vieille maison.",
    ),
    "Red car": (
        "The red car is in front of the old house.",
        4,
        "La voiture rouge est devant la vieille maison.",
    ),
    "Long": (
        "My brother bought a red car last week because his old one was broken.",
        4,
        "Mon frère a acheté une voiture rouge la semaine dernière car l'ancienne était en panne.",
    ),
}
LENGTH = 64  # tokens of a translation
HEIGHT = 560  # px
REFERENCE = 1_000  # characters
OTHERS = "The reference belongs to another sentence: no BLEU. Write yours, or none."


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
    reference: str = ""
    """What somebody else wrote for the sentence; empty for none."""
    scores: Scores = field(default_factory=dict)
    lengths: by_length.Lengths = field(default_factory=dict)
    said: str = ""

    @property
    def note(self) -> str:
        notes = (said for one in self.found for said in (one.written.note, one.aligned.tokens.note))
        return joined(self.said, *dict.fromkeys(notes))

    @property
    def titles(self) -> dict[str, str]:
        """The short ones."""
        return {one.model: one.title.partition(",")[0] for one in self.found}

    def bleu(self, text: str) -> float | None:
        """Of a translation against the reference, if there is one."""
        return sentence_bleu(text, self.reference) if self.reference else None


def ask(
    service: Service, session: str | None, text: str, beams: int, reference: str | None
) -> Iterator[Waiting | Translations]:
    """One translator after another.

    reference: a translation that theirs are measured against; that of an example counts for its
    own sentence alone. Raises OrreryError where the sentence cannot be used, TooLong beyond
    `REFERENCE`.
    """
    from inference.tasks.translate import Translate  # noqa: PLC0415  # a long chain of imports

    options = GenerationOptions((LaneOptions("Greedy"), LaneOptions("Beam", beams=beams)), LENGTH)
    service.preprocessor(MODELS[0], "translate").cut(text, Align.what, LONGEST)
    kept, said = own_reference(text, (reference or "").strip())
    value = Translations((), kept, said=said)
    for model in MODELS:
        written = yield from result(service, Translate(text, model, options), session)
        targets = tuple(tuple(step.token for step in lane.steps) for lane in written.lanes)
        aligned = service.answer(Align(text, model, targets), session)
        title = service.catalog.entry(model, "translate").title
        value = replace(value, found=(*value.found, Translated(model, title, written, aligned)))
        yield value
    yield replace(value, scores=scored(service, MODELS), lengths=lengths(service, value.titles))


def own_reference(text: str, reference: str) -> tuple[str, str]:
    """The reference, unless it is an example's and the sentence is another; and what is said."""
    if len(reference) > REFERENCE:
        raise TooLong("reference", REFERENCE, len(reference), "characters")
    belongs = {french: english for english, _, french in EXAMPLES.values()}
    if belongs.get(reference, text).strip() != text.strip():
        return "", OTHERS
    return reference, ""


def lengths(service: Service, titles: dict[str, str]) -> by_length.Lengths:
    """By title; nothing where one of the translators was not measured."""
    try:
        return {title: bleu_by_length(service.catalog, model) for model, title in titles.items()}
    except ModelUnavailable:
        return {}


def data(value: Translations) -> dict[str, Any]:
    """The sentence's tokens, and by translator both translations with their alignments.

    `alignment[layer][head][target token][source token]` sums to 1 over the source; a translator
    without attention has none, and `vector` instead. `bleu` is null without a reference; the last
    of a layer in `alignment_error` is of the mean of its heads.
    """
    source = value.found[0].aligned.tokens
    return {
        "note": value.note,
        "bleu_signature": SIGNATURE,
        "source": [
            {"id": token, "text": piece.decode("utf-8", errors="replace")}
            for token, piece in zip(source.ids, source.pieces, strict=True)
        ],
        "translators": [
            {
                "model": one.model,
                "vector": one.aligned.looks.vector.tolist(),
                "alignment_error": value.scores[one.model].tolist()
                if one.model in value.scores
                else [],
                "bleu_by_length": [
                    {"words": [row.low, row.high], "bleu": row.bleu, "sentences": row.sentences}
                    for row in value.lengths.get(value.titles[one.model], ())
                ],
                "ways": [
                    {
                        "strategy": lane.options.name,
                        **{
                            key: lane_data(lane, one.written)[key]
                            for key in ("text", "end", "bits")
                        },
                        "bleu": value.bleu(lane_data(lane, one.written)["text"]),
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
    """A note, the translations side by side, the table of heads, and the figure by length."""
    shown: list[object] = [str(note(value.note)), str(picture(value))]
    if not value.scores:
        return [*shown, gr.skip(), gr.skip(), gr.skip()]
    table = str(aligning.table(value.scores, value.titles, MODELS))
    if not value.lengths:
        return [*shown, table, gr.skip(), gr.skip()]
    return [
        *shown,
        table,
        str(by_length.heading(value.lengths)),
        by_length.figure(value.lengths),
    ]


def inputs(catalog: Catalog) -> Inputs:
    text, beams, reference = next(iter(EXAMPLES.values()))
    return {
        "text": gr.Textbox(text, label="English sentence", lines=3, max_lines=6),
        "beams": dial("Beams of the beam search", *BEAMS, beams, 1),
        "reference": gr.Textbox(
            reference,
            label="Your translation, for BLEU (rough for one sentence)",
            placeholder="none",
            lines=2,
            max_lines=4,
        ),
    }


def stage() -> list[Component]:
    noted = remark()
    cards = gr.HTML(WAITING, min_height=HEIGHT, js_on_load=None)
    with gr.Row(elem_classes="pair"):
        table = gr.HTML("", min_height=by_length.HEIGHT, js_on_load=None)
        with gr.Column():
            named = gr.HTML("", js_on_load=None)
            plot = gr.Plot(placeholder(by_length.HEIGHT), show_label=False, container=False)
    return [noted, cards, table, named, plot]


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
