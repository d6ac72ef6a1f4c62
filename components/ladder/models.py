"""ladder-models: one prompt continued by every model, and how well each of them predicts."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass, replace
from typing import TYPE_CHECKING, Any

import gradio as gr
from gradio.components import Component
from markupsafe import Markup

from components.ladder.picture import HEIGHT, Measured, ladder_picture, ladder_table, tie
from components.shared.dials import dial, dice_seed, is_trained, takes_trained
from components.shared.drawing.figures import placeholder, plot_data
from components.shared.drawing.lane import RANGE_LEGEND, LaneWriter, waiting
from components.shared.drawing.lane_data import lane_data, prompt_data
from components.shared.drawing.remark import remark_or
from components.shared.drawing.spelling import WAITING, note
from components.shared.view import Inputs, View, read_text
from inference.catalog import Catalog
from inference.collection import COLLECTION
from inference.errors import ModelUnavailable
from inference.rungs import Rung, sees
from inference.tasks.generate import Generate
from inference.tasks.score import Score, TextScore
from inference.types.generation import Generation
from inference.types.options import NEW_TOKENS, GenerationOptions, LaneOptions
from inference.types.waiting import Waiting

if TYPE_CHECKING:
    from inference.entry import Entry
    from inference.service import Service

ALL = "all"
STORYTELLERS = ("storyteller", "storyteller-books")
MODELS = {
    one.name: one.title.partition(", over ")[0]
    for kind in ("ladder", "transformer")
    for one in COLLECTION
    if one.kind == kind and (kind == "ladder" or one.name in STORYTELLERS)
}
TRAINED = "Trained here"
CHARACTERS = 4  # that a token of a storyteller holds, about
EXAMPLES = {
    "A little ...": ("Once upon a time there was a little",),
    "Inside a word": ("The prin",),
    "A question": ('"Where are you going?" said the wolf.',),
}
TEXT = (
    "Lily had a red ball. She liked to play with it in the park. One day, Lily lost her ball and "
    "was very sad. Her mom helped her find it."
)
LEGEND = (
    '<ul class="curve-legend"><li><svg width="16" height="16" aria-hidden="true"><circle cx="8" '
    'cy="8" r="6" fill="#4d78d0"/></svg>held-out stories</li><li><svg width="16" height="16" '
    'aria-hidden="true"><path d="M8 2 14 8 8 14 2 8Z" fill="#d9503f"/></svg>'
    "your text</li></ul>"
)


@dataclass(frozen=True)
class Climb:
    """The measured ladder, what its models wrote of one prompt, and how they score a text."""

    rungs: tuple[Rung, ...]
    missing: str
    """Why the measured figures cannot be read; empty where they can."""
    written: Mapping[str, Generation | str]
    """By the names of models; a sentence where one cannot be asked."""
    waiting: Waiting
    scores: Mapping[str, TextScore]
    """By the names of models, as they score the text one after another."""
    trained: Entry | None = None
    """The model that was trained here, where it is asked."""


def ask(
    service: Service,
    session: str | None,
    prompt: str,
    model: str,
    length: int,
    seed: int,
    text: str | None,
) -> Iterator[Climb]:
    """The measured ladder, a lane for every model by the same dice, and the bits of a text.

    model: one of them, one that was trained here, or `ALL` for one after another. text: what is
    scored; empty for nothing.
    """
    own = service.catalog.entry(model, "write") if is_trained(model) else None
    climb = Climb(*measured(service), {}, Waiting(), {}, own)
    asked = list(MODELS) if model == ALL else [model]
    if (text or "").strip():
        refuse(service, str(text), asked)
    yield climb  # the picture stands before any model is loaded
    for name in asked:
        tokens = max(1, length // CHARACTERS) if name in STORYTELLERS else length
        options = GenerationOptions((LaneOptions("Sampled", sample=True),), tokens, seed)
        try:
            for news in service.run(Generate(prompt, name, options), session):
                if isinstance(news, Waiting):
                    climb = replace(climb, waiting=news)
                else:
                    climb = replace(climb, waiting=Waiting(), written={**climb.written, name: news})
                yield climb
        except ModelUnavailable as error:
            if model != ALL:
                raise
            climb = replace(climb, written={**climb.written, name: str(error)})
            yield climb
    if (text or "").strip():
        yield from scored(service, session, str(text), climb)


def refuse(service: Service, text: str, names: Sequence[str]) -> None:
    """Raise OrreryError where one of the models cannot score the text, before any writes."""
    for name in names:
        with suppress(ModelUnavailable):
            Score(text, name).prepare(service.preprocessor(name, *Score.needs))


def scored(service: Service, session: str | None, text: str, climb: Climb) -> Iterator[Climb]:
    """With the bits of a text by every model that wrote, one after another."""
    for name in [name for name, one in climb.written.items() if not isinstance(one, str)]:
        for news in service.run(Score(text, name), session):
            if isinstance(news, Waiting):
                climb = replace(climb, waiting=news)
            else:
                climb = replace(climb, waiting=Waiting(), scores={**climb.scores, name: news})
            yield climb


def measured(service: Service) -> tuple[tuple[Rung, ...], str]:
    """The measured ladder, or why it cannot be read."""
    try:
        return service.ladder(), ""
    except ModelUnavailable as error:
        return (), str(error)


def rows(climb: Climb) -> list[Measured]:
    """Every model that was measured or has scored the text."""
    by_name = {rung.name: rung for rung in climb.rungs}
    found = []
    for name, title in MODELS.items():
        rung, score = by_name.get(name), climb.scores.get(name)
        bits = score.per_character if score else None
        if rung:
            found.append(Measured(title, rung.size, rung.unit, rung.sees, rung.bits, bits))
        elif score and name in STORYTELLERS:
            reach = f"the last {score.context:,} characters or so"
            found.append(Measured(title, score.scored.parameters, "parameters", reach, None, bits))
    own = climb.trained
    if own and own.name in climb.scores:
        score = climb.scores[own.name]
        unit = "counts" if "count" in own.can else "parameters"
        size, bits = score.scored.parameters, score.per_character
        found.append(Measured(TRAINED, size, unit, sees(own), None, bits))
    return found


def data(climb: Climb) -> dict[str, Any]:
    """The measured rungs, bits per character of the text by model, and a lane for each that was
    asked, or why it could not be."""
    return {
        "rungs": [asdict(rung) for rung in climb.rungs],
        "text": [
            {
                "model": name,
                "bits": score.per_character,
                "parameters": score.scored.parameters,
                "note": score.tokens.note,
            }
            for name, score in climb.scores.items()
        ],
        "lanes": [
            {"model": name, "note": found}
            if isinstance(found, str)
            else {"model": name, **prompt_data(found), **lane_data(found.lanes[0], found)}
            for name, found in climb.written.items()
        ],
    }


class Drawing:
    """A note, the ladder as a picture and a table, and a lane for every model.

    Of an update only what has changed is drawn.
    """

    def __init__(self) -> None:
        self._writers = {name: LaneWriter(title) for name, title in MODELS.items()}
        self._own = LaneWriter(TRAINED)
        self._last: Climb | None = None

    def __call__(self, climb: Climb) -> list[object]:
        last, self._last = self._last, climb
        lanes: list[object] = [
            gr.skip() if last and last.written.get(name) is found else self._lane(name, found)
            for name, found in ((name, climb.written.get(name)) for name in MODELS)
        ]
        lanes.insert(0, self._trained(climb))
        notes = [one.note for one in climb.written.values() if not isinstance(one, str)]
        notes += [score.tokens.note for score in climb.scores.values()]
        said = climb.waiting.sentence or next(filter(None, reversed(notes)), "")
        same = last is not None and last.scores is climb.scores
        ladder = [gr.skip(), gr.skip()] if same else picture_and_table(climb)
        return [str(note(said)), *ladder, *lanes]

    def _lane(self, name: str, found: Generation | str | None) -> str:
        if isinstance(found, Generation):
            return str(self._writers[name].draw(found, 0))
        return str(waiting(MODELS[name], note(found) if found else ""))

    def _trained(self, climb: Climb) -> str:
        """The lane of a model that was trained here; nothing where none is asked."""
        found = climb.written.get(climb.trained.name) if climb.trained else None
        if isinstance(found, Generation):
            return str(self._own.draw(found, 0))
        return str(waiting(TRAINED, "")) if climb.trained else ""


def picture_and_table(climb: Climb) -> list[object]:
    """The ladder as a picture and a table, or why it cannot be read."""
    models = rows(climb)
    if not models:
        return [placeholder(HEIGHT), str(note(climb.missing))]
    said = Markup('<p class="cell-about">{}</p>').format(tie(climb.rungs) or climb.missing)
    return [plot_data(ladder_picture(models), "ladder"), str(said + ladder_table(models))]


def inputs(catalog: Catalog) -> Inputs:
    choices = [("All, one after another", ALL), *((title, name) for name, title in MODELS.items())]
    prompt = gr.Textbox(EXAMPLES["A little ..."][0], label="Prompt", lines=2, max_lines=5)
    return {
        "prompt": prompt,
        "model": takes_trained(
            gr.Dropdown(choices, value=ALL, label="Model", filterable=False), "write"
        ),
        "length": dial("Length in characters", 8, NEW_TOKENS[1], 64, 8),
        "seed": dice_seed(),
        "text": gr.Textbox(TEXT, label="Your text, to be predicted", lines=4, max_lines=8),
    }


def stage() -> list[Component]:
    noted = remark_or(RANGE_LEGEND)
    with gr.Column(elem_id="ladder"), gr.Row(elem_classes="pair"):
        with gr.Column():
            gr.HTML(LEGEND, js_on_load=None)
            picture = gr.Plot(placeholder(HEIGHT), show_label=False, container=False)
            table = gr.HTML(WAITING, elem_id="ladder-figures", js_on_load=None)
        with gr.Column(elem_id="ladder-lanes", elem_classes="lanes"):
            first = ["", *(str(waiting(title, "")) for title in MODELS.values())]
            drawn = [gr.HTML(lane, js_on_load=None) for lane in first]
    return [noted, picture, table, *drawn]


VIEW = View(
    key="ladder-models",
    text=read_text(__file__),
    ask=ask,
    data=data,
    draw=Drawing,
    inputs=inputs,
    stage=stage,
    button="Run",
    examples=EXAMPLES,
    stopped="Stopped; what was written so far stays.",
)
