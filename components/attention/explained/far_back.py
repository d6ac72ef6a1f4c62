"""How far back five models look: one curve each, on texts of ours."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
from gradio.components.plot import PlotData
from markupsafe import Markup

from analysis.reach import means
from components.shared.drawing.curves import COLOURS, Line, curves, digits, line_of
from components.shared.drawing.figures import plot_data

if TYPE_CHECKING:
    from inference.tasks.attention.distance import Distances

MODELS = {
    "five-gram": "5-gram",
    "rnn": "Vanilla RNN",
    "lstm": "LSTM",
    "gpt": "Small GPT",
    "storyteller": "Storyteller, in tokens",
}
SHOWN = (1, 2, 4, 8, 16, 32, 48)  # of the table; 1 is the newest
LEAST = 1e-4  # bits; below it float32 has nothing to say
HEIGHT = 190  # px
Back = Mapping[str, "Distances | str"]
"""What is known, by model; a sentence where one could not be asked."""


def there(back: Back) -> dict[str, Distances]:
    """Of those that could be asked."""
    return {name: one for name, one in back.items() if not isinstance(one, str)}


def line(name: str, values: np.ndarray) -> Line:
    """In the colours of the ladder, and one of its own for the storyteller."""
    made = line_of(name, MODELS[name], np.where(values > LEAST, values, np.nan))
    if name == "storyteller":
        return Line(made.name, COLOURS["trigram"], "dash", made.values)  # near the LSTM's colour
    return made


def lines(back: Back) -> list[Line]:
    return [line(name, means(one.moved)[0]) for name, one in there(back).items()]


def figure(back: Back) -> PlotData:
    drawn = lines(back)
    distances = 1 + np.arange(max(len(one.values) for one in drawn))
    axes = ("characters (or tokens) back, 1 = newest", "bits")
    drawn_figure = curves(
        distances, drawn, axes, HEIGHT, type="log", nticks=6, exponentformat="power"
    )
    return plot_data(drawn_figure, "how far back")


def table(back: Back) -> Markup:
    """The curves as numbers at a few distances, with standard errors."""
    heads = Markup("").join(Markup('<th scope="col">{}</th>').format(one) for one in SHOWN)
    rows = []
    for name, one in there(back).items():
        mean, error = means(one.moved)
        cells = Markup("").join(
            Markup('<td title="\N{PLUS-MINUS SIGN} {}">{}</td>').format(
                digits(error[d - 1]), digits(mean[d - 1] if mean[d - 1] > LEAST else 0.0)
            )
            for d in SHOWN
        )
        rows.append(Markup('<tr><th scope="row">{}</th>{}</tr>').format(MODELS[name], cells))
    return Markup(
        '<details class="all-numbers"><summary>The curves as numbers</summary><div class="scroll">'
        '<table class="numbers"><thead><tr><th scope="col">Back by</th>{}</tr></thead><tbody>{}'
        "</tbody></table></div><p>Kullback-Leibler divergence in bits, means over six short texts "
        "of ours, 32 changes in each. Point at one for its standard error.</p></details>"
    ).format(heads, Markup("").join(rows))


def data(back: Back) -> list[dict[str, Any]]:
    """By model and distance, of which the first is that of the newest token."""
    rows: list[dict[str, Any]] = []
    for name, one in back.items():
        if isinstance(one, str):
            rows.append({"model": name, "note": one})
            continue
        bits, error = (
            [None if np.isnan(value) else float(value) for value in values]
            for values in means(one.moved)
        )
        rows.append({"model": name, "unit": one.unit, "bits": bits, "error": error})
    return rows
