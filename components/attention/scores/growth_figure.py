"""Growing up as a figure: scores above, losses below, over the same ages; and as a table."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from markupsafe import Markup

from components.attention.scores.definitions import DEFINITIONS
from components.attention.scores.growth import Growth
from components.shared.drawing.curves import Line, digits
from components.shared.drawing.figure_template import SERIES, TEMPLATE, TEXT

if TYPE_CHECKING:
    from plotly.graph_objects import Figure

HEIGHT = 440  # px
LOOKS = {
    "induction": (SERIES[1], "solid"),
    "previous": (SERIES[0], "solid"),
    "word": (SERIES[5], "dash"),
    "first": (SERIES[4], "dot"),
    "punctuation": (SERIES[3], "dashdot"),
    "duplicate": (SERIES[2], "dash"),
}
"""Colour and dash of every role of a model that reads from left to right."""
ABOVE = 12.0  # bits a token: more than guessing needs
STORIES, AGAIN = "Stories, bits a byte", "Random tokens again, bits a token"


def place_of(steps: int) -> float:
    """Where an age stands: a doubling is one unit, and the beginning one and a half before 8."""
    return math.log2(steps) if steps else 1.5


def scores(growth: Growth) -> list[Line]:
    """The best head's score in every role."""
    return [
        Line(DEFINITIONS[role].title, *LOOKS[role], np.array(values))
        for role, values in growth.best()
    ]


def losses(growth: Growth) -> list[Line]:
    stories = np.array([age.stories for age in growth.ages])
    again = np.array([age.told_again for age in growth.ages])
    return [
        Line(STORIES, SERIES[6], "dash", stories),
        Line(AGAIN, SERIES[1], "solid", again),
    ]


def figure(growth: Growth) -> Figure:
    """Both parts over the ages."""
    from plotly import graph_objects  # noqa: PLC0415  # heavy

    steps = [age.steps for age in growth.ages]
    ages = [f"{one:,} steps" for one in steps]
    drawn = [
        graph_objects.Scatter(
            x=[place_of(one) for one in steps],
            y=line.values,
            yaxis=axis,
            mode="lines+markers",
            name=line.name,
            marker={"size": 7},
            line={"color": line.colour, "dash": line.dash, "width": 3},
            text=ages,
            hovertemplate=f"{line.name}<br>%{{text}}: %{{y:.3g}}<extra></extra>",
        )
        for axis, lines in (("y", scores(growth)), ("y2", losses(growth)))
        for line in lines
    ]
    return graph_objects.Figure(drawn, layout(steps))


def layout(steps: Sequence[int]) -> dict[str, Any]:
    label = {"size": TEXT}
    return {
        "template": TEMPLATE,
        "height": HEIGHT,
        "margin": {"l": 8, "r": 12, "t": 10, "b": 8},
        "showlegend": False,
        "annotations": [_said(STORIES, 1.5, "top"), _said(AGAIN, ABOVE, "bottom")],
        "xaxis": {
            "title": {"text": "steps of training, doubling"},
            "tickvals": [place_of(one) for one in steps],
            "ticktext": [f"{one:,}" for one in steps],
            "tickangle": -45,
            "anchor": "y2",
        },
        "yaxis": {
            "title": {"text": "best head's score", "font": label},
            "domain": [0.44, 1],
            "range": [0, 1.03],
        },
        "yaxis2": {
            "title": {"text": "loss", "font": label},
            "domain": [0, 0.37],
            "type": "log",
            "range": [math.log10(0.6), math.log10(40)],
            "tickvals": [1, 3, 10],
        },
    }


def _said(what: str, bits: float, end: str) -> dict[str, Any]:
    """The name of a loss, from where its line begins: no later part of that crosses it."""
    at = {"x": 1.4, "y": math.log10(bits), "yref": "y2", "xanchor": "left", "yanchor": end}
    return at | {"text": what, "showarrow": False, "font": {"size": TEXT}}


def table(growth: Growth) -> Markup:
    """Losses, and the best head of every role, a row an age."""
    names = [DEFINITIONS[role].title for role in growth.ages[-1].roles]
    heads = Markup("").join(
        Markup('<th scope="col">{}</th>').format(one) for one in (STORIES, AGAIN, *names)
    )
    rows = Markup("").join(_row(growth, i) for i in range(len(growth.ages)))
    return Markup(
        '<p class="note">Losses, and the best head of every role with its layer and number.</p>'
        '<div class="scroll" data-name="Losses and scores by age">'
        '<table class="numbers growth-table"><thead><tr><th scope="col">Steps'
        "</th>{}</tr></thead><tbody>{}</tbody></table></div>"
    ).format(heads, rows)


def _row(growth: Growth, i: int) -> Markup:
    age = growth.ages[i]
    cells = [digits(age.stories), digits(age.told_again)]
    for one in age.roles.values():
        layer, head = one.best
        cells.append(f"{one.trained[layer, head]:.2f} ({layer + 1}.{head + 1})")
    return Markup("<tr><th scope='row'>{:,}</th>{}</tr>").format(
        age.steps, Markup("").join(Markup("<td>{}</td>").format(one) for one in cells)
    )
