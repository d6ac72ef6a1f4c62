"""The Generation tab: one prompt, five ways of choosing the next token."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import gradio as gr
from gradio.events import Dependency
from markupsafe import Markup

from components import view
from components.action import Action, buttons, examples, plain_errors, session, stops, wire
from components.dials import dial, dice_seed, model_choice
from components.links import take_away
from components.parts import lane as parts
from components.parts.ladder import ladder_bars
from components.parts.spelling import note
from inference import types
from inference.errors import ModelUnavailable, OrreryError
from inference.service import Service
from inference.types import Generation, GenerationOptions, LaneOptions, five_lanes
from inference.writers import WRITERS

VIEW = view.View(
    key="generation",
    title="Generation",
    lead=(
        "One prompt, five ways of choosing the next token. The three lanes that sample roll the "
        "same dice: where they part from each other, their strategies alone are the cause."
    ),
    look_for=(
        (
            "Which lane repeats itself, and why?",
            "Greedy, most often: it always takes the most probable token, so once a phrase has "
            "made itself likely there is no way out of the loop. Beam search has the same habit.",
        ),
        (
            "Does greedy find the most probable text?",
            "No. A step that looks worse now can lead to a better whole: where Greedy and Beam "
            "have written equally many tokens, compare their bits; fewer bits, more probable. Beam "
            "adds them up without a length penalty. The most probable text is rarely the best.",
        ),
        (
            "What does top-p do that top-k cannot?",
            "It adapts. Run the examples Certain and Open and compare the first step: after 'Once "
            "upon' the nucleus is a handful of tokens, after 'In the middle of the' it is "
            "hundreds. Top-k keeps the same number in both places, ties to the lower id.",
        ),
        (
            "What does a longer memory buy?",
            "Choose the bigram, then climb: it knows one character and writes letters in plausible "
            "pairs, the 5-gram writes words, the networks sentences. The bars below say how many "
            "bits each of them needs for a character of stories that none of them has read.",
        ),
        (
            "What does the probability of a token say about the truth of the sentence?",
            "Nothing. It is the probability of this continuation in texts like the training "
            "stories, not of the fact.",
        ),
    ),
)
OPENING = "Once upon a time there was a little"
EXAMPLES = (
    ("A little ...", OPENING),
    ("Certain", "Once upon"),
    ("Open", "In the middle of the"),
    ("Dialogue", '"Where are you going?" said the wolf.'),
    ("A loop", "Round and round and round and"),
)
NAMES = [options.name for options in five_lanes()]


def titles(lanes: tuple[LaneOptions, ...]) -> list[str]:
    """Every lane's name with its one dial."""
    _, warm, top_k, top_p, beam = lanes
    return [
        "Greedy",
        f"Temperature {warm.temperature:g}",
        f"Top-k {top_k.top_k}",
        f"Top-p {top_p.top_p:g}",
        f"Beam {beam.beams}",
    ]


def controls_column() -> dict[str, gr.components.Component]:
    """The dials, each under the name that it has in a link."""
    prompt = gr.Textbox(OPENING, label="Prompt", lines=2, max_lines=5, elem_id="generation-prompt")
    low, high = types.TEMPERATURE
    return {
        "prompt": prompt,
        "model": model_choice("generation-model"),
        "temperature": dial("Temperature", low, high, 0.8, 0.1),
        "k": dial("Top-k", 1, 200, 40, 1),
        "p": dial("Top-p", 0.05, 1.0, 0.9, 0.05),
        "beams": dial("Beams", *types.BEAMS, 4, 1),
        "length": dial("Length in tokens", 8, max(one.new for one in WRITERS.values()), 40, 8),
        "seed": dice_seed(),
    }


LEGEND = Markup(
    '<div class="legend"><span>probability the model gave the token</span>{}'
    '<span><b class="fork">▲</b> first token that differs from greedy</span></div>'
).format(parts.RANGE)
DETAIL = Markup('<section class="detail" data-lanes="generation-lanes" aria-live="off"></section>')


def cut(length: int, model: str) -> tuple[int, str]:
    """A length that the model can write, and a sentence where that is less than was asked for."""
    one = WRITERS.get(model)
    if one is None or length <= one.new:
        return length, ""
    return one.new, f"This model writes up to {one.new} {one.unit} at a time."


def outputs(
    updates: Iterator[Generation], writers: Sequence[parts.LaneWriter], remark: str = ""
) -> Iterator[list[object]]:
    """The note and the lanes, again and again; the last text stays while the next is waited for.

    After an error nobody waits any more. The last update is whole, for programs.
    """
    same = [gr.skip() for _ in writers]
    try:
        for update in updates:
            if update.waiting:
                yield [str(note(update.waiting.sentence)), *same]
            else:
                drawn = (str(one.draw(update, i)) for i, one in enumerate(writers))
                yield [str(note(f"{remark} {update.note}".strip())), *drawn]
    except OrreryError:
        yield [str(note("")), *same]
        raise


def ladder(service: Service) -> str:
    """The measured ladder as bars, or why there are no figures."""
    try:
        return str(ladder_bars(service.ladder()))
    except ModelUnavailable as error:
        return str(note(str(error)))


def build(service: Service, page: gr.Blocks) -> list[Dependency]:
    """Lay out the tab and wire it."""

    def run(
        prompt: str,
        model: str,
        temperature: float,
        k: int,
        p: float,
        beams: int,
        length: int,
        seed: int,
        request: gr.Request | None = None,
    ) -> Iterator[list[object]]:
        with plain_errors():
            lanes = five_lanes(temperature, k, p, beams)
            length, shorter = cut(length, model)
            options = GenerationOptions(lanes, length, seed)
            writers = [parts.LaneWriter(title) for title in titles(lanes)]
            updates = service.generate(prompt, options, session(request), model)
            yield from outputs(updates, writers, shorter)

    with view.frame(VIEW) as (controls, shown, below):
        with controls:
            inputs = controls_column()
            button, stop = buttons("Run")
        with shown:
            gr.HTML(LEGEND, js_on_load=None)
            remark = gr.HTML(str(note("")), elem_classes="remark", js_on_load=None)
            with gr.Column(elem_id="generation-lanes", elem_classes="lanes"):
                drawn = [
                    gr.HTML(str(parts.waiting(n, view.WAITING)), js_on_load=None) for n in NAMES
                ]
        with below:
            gr.HTML(DETAIL, js_on_load=None)
            gr.HTML(ladder(service), elem_id="ladder", js_on_load=None)
        action = Action("generate", run, inputs, [remark, *drawn])
        with controls:
            chosen = examples(action, [[t] for _, t in EXAMPLES], [n for n, _ in EXAMPLES])
            take_away(VIEW.key, action.inputs)
        runs = wire(page, VIEW.key, action, button, chosen)
        stops(stop, runs, remark, "Stopped; what was written so far stays.")
        return runs
