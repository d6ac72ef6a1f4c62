"""The Attention tab: where every head mixes its values from."""

from __future__ import annotations

import gradio as gr
from gradio.events import Dependency
from markupsafe import Markup

from analysis.tokens import spelled
from components import view
from components.action import Action, examples, plain_errors, wire
from components.links import take_away
from components.parts.heads import heads
from components.parts.spelling import note
from inference.service import Service
from inference.types import AttentionMaps

VIEW = view.View(
    key="attention",
    title="Attention",
    lead=(
        "Every head of every layer reads the sentence in its own way: a row shows from which "
        "earlier tokens one token mixes in values. It shows where values come from, not why the "
        "model says what it says."
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
            "intervention can tell, such as removing the head and looking again.",
        ),
    ),
)
OPENING = "The cat sat by the fire because the cat was cold, and it slept."
EXAMPLES = (
    ("It", OPENING),
    ("Repetition", "The king gave the queen a ring, and the queen gave the king a"),
    ("A key", "She hid the key under the stone. Years later she came back for the key"),
    ("Quotes", '"Come in," said the witch. "Thank you," said the boy.'),
)


def stage(maps: AttentionMaps) -> Markup:
    """The note and the widget."""
    labels = [spelled(piece) for piece in maps.tokens.pieces]
    return note(maps.tokens.note) + heads(maps.weights, labels)


def build(service: Service, page: gr.Blocks) -> list[Dependency]:
    """Lay out the tab and wire it."""

    def run(sentence: str) -> str:
        with plain_errors():
            return str(stage(service.attention(sentence)))

    with view.frame(VIEW) as (controls, shown, _):
        with controls:
            sentence = gr.Textbox(
                OPENING, label="Sentence", lines=3, max_lines=6, elem_id="attention-text"
            )
            button = gr.Button("Show attention", variant="primary")
        with shown:
            picture = gr.HTML(
                view.WAITING,
                elem_id="attention-stage",
                min_height=620,
                js_on_load=None,
            )
        action = Action("attention", run, {"text": sentence}, [picture])
        with controls:
            chosen = examples(action, [[t] for _, t in EXAMPLES], [n for n, _ in EXAMPLES])
            take_away(VIEW.key, action.inputs)
        return [*wire(page, VIEW.key, action, button), chosen]
