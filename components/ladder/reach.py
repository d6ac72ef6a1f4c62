"""ladder-reach: how far back the predictions of every rung look, by gradients and by swaps."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from math import nan
from typing import TYPE_CHECKING, Any

import gradio as gr
import numpy as np
from gradio.components import Component
from markupsafe import Markup

from analysis.reach import means, relative
from components.shared.dials import dial, dice_seed
from components.shared.drawing.curves import Line, curves, digits, legend, line_of
from components.shared.drawing.figures import placeholder, plot_data
from components.shared.drawing.remark import remark
from components.shared.drawing.spelling import WAITING, note
from components.shared.view import Inputs, View, read_text
from inference.errors import ModelUnavailable
from inference.rungs import AverageReach
from inference.rungs import reaches as measured
from inference.tasks.ladder.reach import FACTOR, Reach, TextReach
from inference.types.waiting import Waiting

if TYPE_CHECKING:
    from inference.catalog import Catalog
    from inference.service import Service

RUNGS = {
    "five-gram": "5-gram",
    "mlp": "Window MLP",
    "rnn": "Vanilla RNN",
    "gru": "GRU",
    "lstm": "LSTM",
    "gpt": "Small GPT",
}
SCALED = "rnn scaled"
EXAMPLES = {
    "A story": (
        "The miller had three goats, and each of them believed that it was the cleverest. The "
        "first could open the gate, the second could count the sacks of flour, and the third "
        "only looked",
    ),
    "Speech": (
        '"Where are you going?" asked the wolf. "To my grandmother," said the little girl, "and I '
        'am taking her a cake." The wolf thought for a moment and then said to the little',
    ),
    "A list": (
        "One goat, two goats, three goats, four goats, five goats, six goats, seven goats, eight "
        "goats, nine goats, ten goats, eleven goats, twelve goats, and no more",
    ),
}
SHOWN = (1, 4, 16, 64)  # distances of the table
HEIGHT = 270  # px
FIRST = 3  # rungs of which something can be seen
FLOOR = 1e-10  # below it float32 has nothing to say about a gradient
LEAST = 1e-6  # bits; likewise of a swap


@dataclass(frozen=True)
class Reaches:
    """What was found so far, by rung; a sentence where one could not be asked."""

    found: Mapping[str, TextReach | str]
    waiting: Waiting
    arms: int
    """How many are asked."""
    averages: Mapping[str, AverageReach]
    """Over held-out stories, by rung."""

    @property
    def drawn(self) -> bool:
        """Whether the figures are worth drawing: a browser takes longer for them than a rung."""
        return len(self.found) in (FIRST, self.arms)


def ask(
    service: Service, session: str | None, text: str, factor: float, seed: int
) -> Iterator[Reaches]:
    """Gradients and swaps of every rung on the same text.

    factor: by which the recurrent matrices of one more vanilla RNN are multiplied; 1 for none.
    """
    arms = {name: Reach(text, name, seed=int(seed)) for name in RUNGS}
    if factor != 1:
        arms[SCALED] = Reach(text, "rnn", factor, int(seed))
    reaches = Reaches({}, Waiting(), len(arms), measured(service.catalog))
    for name, task in arms.items():
        try:
            for news in service.run(task, session):
                if isinstance(news, Waiting):
                    reaches = replace(reaches, waiting=news)
                else:
                    found = {**reaches.found, name: news}
                    reaches = replace(reaches, found=found, waiting=Waiting())
                yield reaches
        except ModelUnavailable as error:
            found = {**reaches.found, name: str(error)}
            reaches = replace(reaches, found=found, waiting=Waiting())
            yield reaches


@dataclass(frozen=True)
class Curve:
    """One rung, averaged over its predictions: (distances,) each."""

    gradient: np.ndarray
    """Relative to the newest character."""
    gradient_error: np.ndarray
    """A standard error, as below."""
    bits: np.ndarray
    """By which a prediction moves after a swap."""
    bits_error: np.ndarray


def curve(found: TextReach) -> Curve:
    """The means over the predictions of one text."""
    given = found.reached.gradients
    nothing = np.full(found.reached.swaps.shape[1], np.nan)
    gradient, error = (nothing, nothing) if given is None else relative(given)
    return Curve(gradient, error, *means(found.reached.swaps))


def title(name: str, found: TextReach) -> str:
    return (
        RUNGS[name] if name in RUNGS else f"{RUNGS['rnn']} \N{MULTIPLICATION SIGN} {found.factor:g}"
    )


def there(reaches: Reaches) -> dict[str, TextReach]:
    """Those that were found."""
    return {n: one for n, one in reaches.found.items() if not isinstance(one, str)}


def data(reaches: Reaches) -> dict[str, Any]:
    """By rung and distance: the gradient relative to the newest character, the bits by which a
    swap moves the prediction, and their standard errors; null where there is none."""
    rows: list[dict[str, Any]] = []
    for name, one in reaches.found.items():
        if isinstance(one, str):
            rows.append({"model": name, "note": one})
            continue
        found, numbers = one, curve(one)
        rows.append(
            {
                "model": found.model,
                "factor": found.factor,
                "note": found.tokens.note,
                "predictions": 0
                if found.reached.gradients is None
                else len(found.reached.gradients),
                **{part: _plain(values) for part, values in vars(numbers).items()},
            }
        )
    averages = [
        {
            "model": name,
            "distances": [*average.gradient],
            "gradient": [*average.gradient.values()],
            "error": [*average.error.values()],
        }
        for name, average in reaches.averages.items()
    ]
    return {"models": rows, "averages": averages}


def _plain(values: np.ndarray) -> list[float | None]:
    return [None if np.isnan(one) else float(one) for one in values]


def draw(reaches: Reaches) -> list[object]:
    """A note, the legend, both figures and the table."""
    found = there(reaches)
    missing = [one for one in reaches.found.values() if isinstance(one, str)]
    notes = [one.tokens.note for one in found.values()] + missing
    said = reaches.waiting.sentence or next(filter(None, notes), "")
    if not found or not reaches.drawn:
        return [str(note(said)), gr.skip(), gr.skip(), gr.skip(), gr.skip()]
    numbers = {name: curve(one) for name, one in found.items()}
    distances = np.arange(max(len(one.bits) for one in numbers.values()))
    gradients = [
        line(n, found, np.where(c.gradient > FLOOR, c.gradient, np.nan)) for n, c in numbers.items()
    ]
    swaps = [line(n, found, np.where(c.bits > LEAST, c.bits, np.nan)) for n, c in numbers.items()]
    x, log = "characters back", {"type": "log", "nticks": 6, "exponentformat": "power"}
    left = curves(distances, gradients, (x, "gradient, newest = 1"), HEIGHT, **log)
    right = curves(distances, swaps, (x, "bits after a swap"), HEIGHT, **log)
    return [
        str(note(said)),
        str(legend(gradients)),
        plot_data(left, "gradients"),
        plot_data(right, "swaps"),
        str(table(found, numbers, reaches.averages)),
    ]


def line(name: str, found: Mapping[str, TextReach], values: np.ndarray) -> Line:
    """One rung's; the scaled network in its own colour, dotted."""
    made = line_of(found[name].model, title(name, found[name]), values)
    return replace(made, dash="dot") if name == SCALED else made


def table(
    found: Mapping[str, TextReach],
    numbers: Mapping[str, Curve],
    averages: Mapping[str, AverageReach],
) -> Markup:
    """Both figures as numbers, at a few distances, with averages and standard errors."""
    at = [d for d in SHOWN if all(d < len(one.bits) for one in numbers.values())]
    heads = Markup("").join(Markup('<th scope="col">{}</th>').format(d) for d in at) * 3
    rows = []
    for name, one in numbers.items():
        known = averages.get(name)
        cells = [(one.gradient[d], one.gradient_error[d]) for d in at]
        cells += [(known.gradient[d], known.error[d]) if known else (nan, nan) for d in at]
        cells += [(one.bits[d], one.bits_error[d]) for d in at]
        shown = Markup("").join(
            Markup('<td title="\N{PLUS-MINUS SIGN} {}">{}</td>').format(
                digits(error), digits(value)
            )
            for value, error in cells
        )
        head = Markup('<th scope="row">{}</th>').format(title(name, found[name]))
        rows.append(Markup("<tr>{}{}</tr>").format(head, shown))
    groups = Markup("").join(
        Markup('<th scope="colgroup" colspan="{}">{}</th>').format(len(at), said)
        for said in ("Gradient, this text", "64 held-out passages", "Bits after a swap, this text")
    )
    return Markup(
        '<div class="scroll" data-name="Reach in numbers">'
        '<table class="numbers reach-table"><thead><tr><td></td>{}</tr><tr>'
        '<th scope="col">Back by</th>{}</tr></thead><tbody>{}</tbody></table></div><p class="note">'
        "Means over the predictions of one text, which another text changes, and over passages of "
        "stories. Point at one for its standard error.</p>"
    ).format(groups, heads, Markup("").join(rows))


def inputs(catalog: Catalog) -> Inputs:
    return {
        "text": gr.Textbox(EXAMPLES["A story"][0], label="Text", lines=5, max_lines=7),
        "factor": dial("One more RNN: its recurrent matrix times", *FACTOR, 2.0, 0.25),
        "seed": dice_seed(),
    }


def stage() -> list[Component]:
    noted = remark()
    named = gr.HTML('<ul class="curve-legend"></ul>', js_on_load=None)
    with gr.Row(elem_classes="pair"):
        parts = [gr.Plot(placeholder(HEIGHT), show_label=False, container=False) for _ in range(2)]
    return [noted, named, *parts, gr.HTML(WAITING, min_height=200, js_on_load=None)]


VIEW = View(
    key="ladder-reach",
    text=read_text(__file__),
    ask=ask,
    data=data,
    draw=lambda: draw,
    inputs=inputs,
    stage=stage,
    button="Look back",
    examples=EXAMPLES,
    runs_on=("factor",),
    stopped="Stopped; what was found so far stays.",
)
