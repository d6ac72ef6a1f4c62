"""The Step by step tab: one token at a time, by the dice or by hand."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

import gradio as gr
from gradio.events import Dependency
from markupsafe import Markup

from components import view
from components.action import Action, buttons, examples, plain_errors, session, stops, wire
from components.dials import dial, dice_seed, model_choice
from components.links import take_away
from components.parts.lane import RANGE
from components.parts.next_token import next_token
from components.parts.spelling import note
from components.waiting import awaited
from inference import types
from inference.errors import BadTrajectory, OutOfRange
from inference.service import Service
from inference.types import LaneOptions

VIEW = view.View(
    key="steps",
    title="Step by step",
    lead=(
        "One token at a time. Let the model choose, or choose for it, and see what it makes of "
        "your choice: everything that follows depends on all that stands before."
    ),
    look_for=(
        (
            "What happens if you write a token that the model thought improbable?",
            "It reads your token as its own and goes on from there. It cannot tell who chose it, "
            "and it never goes back to mend one. Pick a token far down the list, step on, and see "
            "whether the text finds its way back.",
        ),
        (
            "Does temperature change which token is the most probable?",
            "No, nor the order of any two: below 1 it moves probability to the top of the list, "
            "above 1 away from it, to the thousands at its end; a second or third may grow or "
            "shrink. Move the dial and watch the bars, and how many tokens top-p keeps.",
        ),
        (
            "Why does the same seed write the same text?",
            "At every step the dice give one number between 0 and 1, and the token at that place "
            "of the list is taken. The number is fixed by the seed and the step; which token lies "
            "there is decided by the model and the filters. Another seed, other numbers.",
        ),
        (
            "Where is the model sure, and where is everything open?",
            "Inside a word or a fixed phrase one bar is long and the others are hardly there; at "
            "the start of a sentence there is no long bar at all. The colours under the text keep "
            "that in sight: a token that the model did not expect is dark.",
        ),
        (
            "Does the model plan its sentence?",
            "What it writes is decided one token at a time, and what you see is all it says about "
            "the next. Whether something inside looks further ahead cannot be read off these bars.",
        ),
    ),
)
OPENING = "Once upon a time there was a little girl who lived in a little"
EXAMPLES = (
    ("A little ...", OPENING),
    ("Inside a phrase", "Once upon"),
    ("All open", "The next morning"),
    ("Says who?", '"I am hungry," said the'),
)
LEGEND = Markup(
    '<div class="legend"><span>under the text: probability the model gave the token</span>{}</div>'
).format(RANGE)
CHOICES = (("by the dice", "dice"), ("the most probable", "most probable"))


def strategy(choice: str, temperature: float, k: int, p: float) -> LaneOptions:
    """One lane whose dials all work together; a k of 0 and a p of 1 cut nothing."""
    return LaneOptions(
        "Step by step",
        sample=choice == "dice",
        temperature=temperature,
        top_k=k or None,
        top_p=p if p < 1 else None,
    )


def continued(written: str | None, model: str) -> str:
    """The tokens that the page holds, where they are this model's: it names them by its own."""
    name, _, tokens = (written or "").strip().partition(" ")
    return tokens if name == model else ""


def controls_column() -> dict[str, gr.components.Component]:
    """The prompt, what is written since, and who chooses how, by their names in a link."""
    return {
        "prompt": gr.Textbox(OPENING, label="Prompt", lines=2, max_lines=5, elem_id="steps-prompt"),
        "written": gr.Textbox("", label="Written", visible="hidden", elem_id="steps-written"),
        "model": model_choice("steps-model"),
        "choice": gr.Radio(CHOICES, value="dice", label="Step chooses", elem_id="steps-choice"),
        "temperature": dial("Temperature", *types.TEMPERATURE, 1.0, 0.1),
        "k": dial("Top-k, 0 for all", 0, 200, 0, 1),
        "p": dial("Top-p, 1 for all", 0.05, 1.0, 0.5, 0.05),
        "seed": dice_seed(),
    }


def build(service: Service, page: gr.Blocks) -> list[Dependency]:
    """Lay out the tab and wire it."""

    def run(
        prompt: str,
        written: str | None,
        model: str,
        choice: str,
        temperature: float,
        k: int,
        p: float,
        seed: int,
        request: gr.Request | None = None,
    ) -> Iterator[list[object]]:
        with plain_errors():
            options = strategy(choice, temperature, k, p)
            tokens = continued(written, model)
            ask = partial(service.next_token, prompt, options, seed)
            nowhere, person = "", session(request)
            try:
                found = yield from awaited(ask(tokens, person, model), 1)
            except (BadTrajectory, OutOfRange) as error:
                if not tokens:
                    raise
                nowhere = str(error)  # as a link may lead; from the prompt one can go on
                found = yield from awaited(ask("", person, model), 1)
            said = note(f"{nowhere} {found.generation.note}".strip())
            yield [str(said), str(next_token(found, model, prompt))]

    with view.frame(VIEW) as (controls, shown, _):
        with controls:
            inputs = controls_column()
            button, stop = buttons("Look")
        with shown:
            gr.HTML(LEGEND, js_on_load=None)
            remark = gr.HTML(str(note("")), elem_classes="remark", js_on_load=None)
            stage = gr.HTML(view.WAITING, elem_id="steps-stage", min_height=520, js_on_load=None)
        action = Action("next_token", run, inputs, [remark, stage])
        with controls:
            chosen = examples(action, [[t, ""] for _, t in EXAMPLES], [n for n, _ in EXAMPLES])
            take_away(VIEW.key, inputs)
        chosen_anew = [inputs[name].input for name in ("model", "choice")]
        let_go = [inputs[name].release for name in ("temperature", "k", "p")]
        seed = inputs["seed"]
        runs = wire(
            page, VIEW.key, action, button, chosen, *chosen_anew, *let_go, seed.submit, seed.blur
        )
        stops(stop, runs, remark, "Stopped; what was shown before stays.")
        return runs
