"""Charts and point maps: plotly figures in one template, from pure functions.

plotly is imported on first use: importing it and making the first figure takes 0.3 s.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from gradio.components.plot import PlotData
from markupsafe import escape

from components.shared.drawing.figure_template import ACCENT, EDGE, MARK, TEMPLATE, TEXT

if TYPE_CHECKING:
    from plotly.graph_objects import Figure

ROW, AXIS = 34, 64  # px that a bar takes, and the axis below all of them
MAP_HEIGHT = 400  # px
ROOM = 1.36  # a map is this much wider and higher than its points, for the words at its edges
TOOLS = ["zoom2d", "pan2d", "zoomIn2d", "zoomOut2d", "resetScale2d", "toImage"]


def plain(text: object) -> str:
    """Text as plotly shows it unchanged: it reads tags, entities and, between dollars, formulas."""
    return str(escape(str(text))).replace("$", "&#36;")


def bars_height(count: int) -> int:
    """px that a figure of so many bars takes."""
    return ROW * count + AXIS + EDGE


def bars(
    labels: Sequence[str],
    values: Sequence[float],
    axis: str,
    shown: Sequence[str],
    told: Sequence[str],
) -> Figure:
    """Horizontal bars from zero, the first on top; equal labels do not collapse (truth: R15).

    `axis` names what the values measure, with its unit; `shown` stands at the end of each bar,
    `told` appears when it is pointed at. Raises ValueError where their lengths differ.
    """
    from plotly import graph_objects  # noqa: PLC0415  # heavy

    if not len(labels) == len(values) == len(shown) == len(told):
        raise ValueError("Every bar needs one label, value, number and remark.")
    rows = np.arange(len(values))
    bar = graph_objects.Bar(
        x=np.asarray(values, dtype=np.float64),
        y=rows,
        orientation="h",
        text=[plain(one) for one in shown],
        textposition="outside",
        hovertext=[plain(one) for one in told],
        hoverinfo="text",
        cliponaxis=False,
    )
    most = max(values, default=0.0) or 1.0
    layout = {
        "template": TEMPLATE,
        "height": bars_height(len(values)),
        "bargap": 0.35,
        "xaxis": {"range": [0, 1.15 * most], "title": {"text": plain(axis)}},
        "yaxis": {
            "tickvals": rows,
            # The space is for a downloaded picture: it lacks our font, and another may be wider.
            "ticktext": [f"\N{EM SPACE}{plain(label)}" for label in labels],
            "ticklabelstandoff": 6,
            "range": [len(values) - 0.5, -0.5],  # downwards
            "showgrid": False,
            "zeroline": False,
        },
    }
    return graph_objects.Figure(bar, layout)


def point_map(
    points: np.ndarray,
    labels: Sequence[str],
    sides: Sequence[str],
    accented: Sequence[int] = (),
    arrows: Sequence[tuple[int, int]] = (),
    faint: Sequence[tuple[int, int]] = (),
) -> Figure:
    """Labelled points (n, 2) on one scale for both axes.

    `sides` says where each label stands, as plotly's `textposition`; `arrows` join two points,
    start to end, and `faint` ones are not what was asked for. Raises ValueError where the lengths
    differ.
    """
    from plotly import graph_objects  # noqa: PLC0415  # heavy

    if not len(points) == len(labels) == len(sides):
        raise ValueError("Every point needs one label and one side for it.")
    words = [plain(label) for label in labels]
    scatter = graph_objects.Scatter(
        x=points[:, 0],
        y=points[:, 1],
        mode="markers+text",
        text=words,
        textposition=list(sides),
        textfont={"size": TEXT + 1},
        marker={"color": [ACCENT if i in accented else MARK for i in range(len(labels))]},
        hovertext=words,
        hoverinfo="text",
        cliponaxis=False,
    )
    return graph_objects.Figure(scatter, map_layout(points, arrows, faint))


def map_layout(
    points: np.ndarray,
    arrows: Sequence[tuple[int, int]] = (),
    faint: Sequence[tuple[int, int]] = (),
) -> dict[str, Any]:
    """A plane without numbers: a direction of it has no unit and no name."""
    hidden = {"showgrid": False, "zeroline": False, "showticklabels": False, "showline": False}
    x, y = points.T
    return {
        "template": TEMPLATE,
        "height": MAP_HEIGHT,
        "xaxis": hidden | {"range": _span(x)},
        # One scale for both: the quality numbers and the parallelogram are those of this plane.
        "yaxis": hidden | {"range": _span(y), "scaleanchor": "x"},
        "annotations": [
            _arrow(points[one], points[other], colour)
            for some, colour in ((faint, MARK), (arrows, ACCENT))
            for one, other in some
        ],
    }


def _arrow(start: np.ndarray, end: np.ndarray, colour: str) -> dict[str, object]:
    """From one point to another, leaving both visible."""
    (ax, ay), (x, y) = start.tolist(), end.tolist()
    return {
        "x": x, "y": y, "ax": ax, "ay": ay,
        "xref": "x", "yref": "y", "axref": "x", "ayref": "y",
        "showarrow": True, "arrowhead": 2, "arrowwidth": 2, "arrowcolor": colour,
        "standoff": 8, "startstandoff": 8, "text": "",
    }  # fmt: skip


def _span(values: np.ndarray) -> list[float]:
    """The range of an axis, with room for the words at the edges."""
    low, high = float(values.min()), float(values.max())
    margin = (ROOM - 1) / 2 * (high - low) or 1.0
    return [low - margin, high + margin]


def plot_data(figure: Figure, name: str, tools: Sequence[str] = TOOLS) -> PlotData:
    """The value of a `gr.Plot`, and what its toolbar holds; `name` is the downloaded file's.

    Event handlers must return this, not the figure: events run without postprocessing.
    """
    return _with_tools(json.loads(figure.to_json()), name, tools)


def placeholder(height: int) -> PlotData:
    """A figure without data, for a page that has none yet: an empty `gr.Plot` has no name.

    Loads no plotly.
    """
    hidden = {"visible": False}
    layout = {"template": TEMPLATE, "height": height, "xaxis": hidden, "yaxis": hidden}
    return _with_tools({"data": [], "layout": layout}, "empty")


def _with_tools(drawn: dict[str, Any], name: str, tools: Sequence[str] = TOOLS) -> PlotData:
    config = {
        "displaylogo": False,
        "modeBarButtons": [list(tools)],
        "toImageButtonOptions": {"filename": name, "scale": 2},
    }
    return PlotData(type="plotly", plot=json.dumps(drawn | {"config": config}))
