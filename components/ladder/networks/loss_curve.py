"""The curve of -ln p, with a prediction before and after a step on it."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from analysis.loss import Learned
from components.shared.drawing.figure_template import ACCENT, MARK, TEMPLATE

if TYPE_CHECKING:
    from plotly.graph_objects import Figure

HEIGHT = 250  # px
LEAST = 5.0  # nats: the axis is at least so high


def loss_curve(found: Learned) -> Figure:
    """Loss in nats over the probability of the right answer, and the line of an even guess."""
    from plotly import graph_objects  # noqa: PLC0415  # heavy

    before, after = found.before, found.after
    top = max(LEAST, 1.1 * before.nats)
    p = np.geomspace(math.exp(-top), 1, 200)
    guess = math.log(len(before.scores))
    curve = graph_objects.Scatter(
        x=p,
        y=-np.log(p),
        mode="lines",
        line={"color": "#808080"},
        hoverinfo="skip",
        showlegend=False,
    )
    points = [
        graph_objects.Scatter(
            x=[one.chances[found.right]],
            y=[one.nats],
            mode="markers",
            name=name,
            marker={"color": colour, "size": 15, "symbol": symbol},
            hovertemplate="p %{x:.3f}, %{y:.3f} nats",
        )
        for one, name, colour, symbol in (
            (before, "before", MARK, "diamond"),
            (after, "after one step", ACCENT, "circle"),
        )
    ]
    return graph_objects.Figure([curve, *points], layout(top, guess))


def layout(top: float, guess: float) -> dict[str, object]:
    line = {"type": "line", "x0": 0, "x1": 1, "y0": guess, "y1": guess}
    said = {"text": f"an even guess: {guess:.2f}", "x": 1, "y": guess, "xanchor": "right"}
    return {
        "template": TEMPLATE,
        "height": HEIGHT,
        "margin": {"l": 48, "r": 12, "t": 34, "b": 48},
        "xaxis": {"range": [-0.02, 1.04], "title": {"text": "p of the right answer"}},
        "yaxis": {"range": [-0.03 * top, top], "title": {"text": "loss, nats"}},
        "shapes": [line | {"line": {"color": "#808080", "width": 2, "dash": "dot"}}],
        "annotations": [said | {"yanchor": "bottom", "showarrow": False}],
    }
