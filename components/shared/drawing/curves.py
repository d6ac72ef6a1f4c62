"""Several models as lines in one figure, with one legend in text, always in the same colours."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from markupsafe import Markup

from components.shared.drawing.figure_template import SERIES, TEMPLATE, TEXT
from components.shared.drawing.figures import plain
from components.shared.drawing.numbers import minus

if TYPE_CHECKING:
    from plotly.graph_objects import Figure

COLOURS = dict(
    zip(("five-gram", "mlp", "rnn", "gru", "lstm", "gpt", "bigram", "trigram"), SERIES, strict=True)
)
DASHES = {"solid": "", "dot": "2 5", "dash": "9 5", "dashdot": "9 4 2 4"}
"""As plotly names them, and as SVG writes them."""
OF_MODELS = {"five-gram": "dashdot", "mlp": "dash", "rnn": "solid", "gru": "dash", "gpt": "dot"}
"""Colour is never alone; models not named are solid."""


@dataclass(frozen=True)
class Line:
    """One model in a figure."""

    name: str
    colour: str
    dash: str
    values: np.ndarray
    """Over the x of the figure; nan where there is nothing."""
    told: str = ""
    """The name in the figure of a value, when it is pointed at."""


def line_of(model: str, title: str, values: np.ndarray) -> Line:
    """A rung's line, in its colour."""
    return Line(title, COLOURS.get(model, SERIES[0]), OF_MODELS.get(model, "solid"), values)


def curves(
    x: np.ndarray, lines: Sequence[Line], axes: tuple[str, str], height: int, **of_y: Any
) -> Figure:
    """Lines over one x. axes: the titles of x and y; of_y: more about plotly's y axis."""
    from plotly import graph_objects  # noqa: PLC0415  # heavy

    drawn = [
        graph_objects.Scatter(
            x=x,
            y=line.values,
            mode="lines",
            name=plain(line.name),
            line={"color": line.colour, "dash": line.dash, "width": 3},
            hovertemplate=f"{plain(line.name)}<br>%{{x}}: %{{y:.2g}}<extra></extra>",
        )
        for line in lines
    ]
    layout = {
        "template": TEMPLATE,
        "height": height,
        "margin": {"l": 8, "r": 12, "t": 10, "b": 8},
        "showlegend": False,
        "xaxis": {"title": {"text": plain(axes[0])}},
        "yaxis": {"title": {"text": plain(axes[1]), "font": {"size": TEXT}}, **of_y},
    }
    return graph_objects.Figure(drawn, layout)


def legend(lines: Sequence[Line]) -> Markup:
    """What line is whose, for all figures beside each other."""
    one = Markup(
        '<li><svg width="38" height="8" aria-hidden="true"><line x1="1" x2="37" y1="4" y2="4" '
        'stroke="{}" stroke-width="3" stroke-dasharray="{}"/></svg>{}</li>'
    )
    listed = (one.format(line.colour, DASHES[line.dash], line.name) for line in lines)
    return Markup('<ul class="curve-legend">{}</ul>').format(Markup("").join(listed))


def digits(value: float) -> str:
    """Two digits that matter: 1.2, 0.034, 4 times ten to the -7; a dash for nothing."""
    if np.isnan(value):
        return "\N{EN DASH}"
    if value == 0 or 1e-3 <= abs(value) < 1e4:
        exact = f"{value:#.2g}".rstrip(".") if value and abs(value) < 100 else f"{value:,.0f}"
        return minus(exact)
    mantissa, _, exponent = f"{value:.0e}".partition("e")
    raised = str(int(exponent)).translate(str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹"))
    return f"{minus(mantissa)} \N{MULTIPLICATION SIGN} 10{raised}"
