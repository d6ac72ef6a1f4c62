"""The Attention tab: where every head mixes its values from, and what its removal changes."""

from __future__ import annotations

from collections.abc import Iterator

import gradio as gr
from gradio.events import Dependency
from markupsafe import Markup

from analysis.tokens import spelled
from components import view
from components.action import Action, buttons, examples, plain_errors, session, stops, wire
from components.links import take_away
from components.parts.heads import heads
from components.parts.removal import most_moving
from components.parts.removal import removal as removal_panel
from components.parts.spelling import note
from components.waiting import awaited
from inference.service import Service
from inference.types import AttentionMaps, HeadRemovals

VIEW = view.View(
    key="attention",
    title="Attention",
    lead=(
        "Every head of every layer reads the sentence in its own way: a row shows from which "
        "earlier tokens one token mixes in values. That says where values come from, not whether "
        "they matter; below the maps, a head is removed to see what changes."
    ),
    look_for=(
        (
            "Why is half of every map empty?",
            "The model writes from left to right, so a token may read only itself and what came "
            "before: the causal mask. Each row still sums to 1.",
        ),
        (
            "Is a bright first column important?",
            "Not by itself. A row must sum to 1 even where a head finds nothing to read, and many "
            "models park the weight on the first token then: a sink. On a short text the first "
            "column is bright anyway, so the line above the map compares with an even spread.",
        ),
        (
            "Which head looks at the token just before?",
            "Look for a bright line right below the diagonal among the small maps. A head that "
            "also skips articles and looks at the last word with a meaning shows it with gaps.",
        ),
        (
            "Does a bright cell explain the next word?",
            "No. Attention says where values were mixed from; whether they mattered only an "
            "intervention can tell. Remove the head in the panel below the maps and look again: "
            "some heads with striking maps change nothing, some dull ones much.",
        ),
        (
            "Which head knows where the little girl lives?",
            "Without layer 4, head 1 she lives in a little girl: this head reads the word in, and "
            "what it brings along asks for a place. One head on one sentence is an experiment and "
            "no proof, though: try other sentences and the other replacements, and mind that the "
            "heads that are left may stand in for the missing one.",
        ),
    ),
)
OPENING = "Once upon a time there was a little girl who lived in a little"
EXAMPLES = (
    ("A little", OPENING),
    ("It", "The cat sat by the fire because the cat was cold, and it slept."),
    ("Repetition", "The king gave the queen a ring, and the queen gave the king a"),
    ("A key", "She hid the key under the stone. Years later she came back for the key"),
    ("Quotes", '"Come in," said the witch. "Thank you," said the boy.'),
)


REMOVALS = (
    ("its average in other texts", "mean"),
    ("what it did in another text", "resample"),
    ("zeros", "zero"),
)
"""What can take the place of a removed head, as the page and as the service call it."""


def stage(maps: AttentionMaps, removals: HeadRemovals) -> Markup:
    """The widget, opened on the head that matters most for what follows."""
    labels = [spelled(piece) for piece in maps.tokens.pieces]
    return heads(maps.weights, labels, most_moving(removals))


def build(service: Service, page: gr.Blocks) -> list[Dependency]:
    """Lay out the tab and wire it."""

    def run(
        sentence: str, removal: str, request: gr.Request | None = None
    ) -> Iterator[list[object]]:
        with plain_errors():
            maps = yield from awaited(service.attention(sentence, session(request)), 2)
            sweep = service.without_heads(sentence, removal, session(request))
            removals = yield from awaited(sweep, 2)
            said = note(maps.tokens.note)
            yield [str(said), str(stage(maps, removals)), str(removal_panel(removals))]

    with view.frame(VIEW) as (controls, shown, _):
        with controls:
            sentence = gr.Textbox(
                OPENING, label="Sentence", lines=3, max_lines=6, elem_id="attention-text"
            )
            removal = gr.Radio(
                REMOVALS, value="mean", label="A removed head is replaced by", elem_id="removal"
            )
            button, stop = buttons("Show attention")
        with shown:
            remark = gr.HTML(str(note("")), elem_classes="remark", js_on_load=None)
            picture = gr.HTML(
                view.WAITING,
                elem_id="attention-stage",
                min_height=620,
                js_on_load=None,
            )
            panel = gr.HTML("", elem_id="removal-stage", min_height=340, js_on_load=None)
        inputs = {"text": sentence, "removal": removal}
        action = Action("attention", run, inputs, [remark, picture, panel])
        with controls:
            chosen = examples(action, [[t] for _, t in EXAMPLES], [n for n, _ in EXAMPLES])
            take_away(VIEW.key, action.inputs)
        runs = wire(page, VIEW.key, action, button, chosen, removal.input)
        stops(stop, runs, remark, "Stopped; what was shown before stays.")
        return runs
