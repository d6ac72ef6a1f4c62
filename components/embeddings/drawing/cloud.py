"""Thousands of words as points, in a plane or in space, as one plotly figure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from markupsafe import Markup
from numpy.typing import NDArray

from components.shared.drawing.figure_template import ACCENT, SERIES, TEMPLATE, TEXT
from components.shared.drawing.figures import TOOLS, plain

if TYPE_CHECKING:
    from plotly.graph_objects import Figure

LASSOED = Markup('<p class="trust lassoed" role="status"></p>')
"""Where map.js lists the words inside a lasso."""
SIDE = 560  # px, the height of the figure
DOT = 5  # px
FAINT = "#9a9a9a"
FAR = 0.6  # of its size has a point that is in no group
MIDDLE = "#7a7a7a"  # letters in space: legible on both grounds, which no style sheet changes
FLAT_TOOLS = (*TOOLS, "lasso2d")
SPACE_TOOLS = ("orbitRotation", "pan3d", "zoom3d", "resetCameraDefault3d", "toImage")
HIDDEN = {"showgrid": False, "zeroline": False, "showticklabels": False, "showline": False}
NUMBERS = {"thickness": 12, "len": 0.6, "y": 0.5, "outlinewidth": 0}


@dataclass(frozen=True)
class Colours:
    """What the colour of a point says."""

    values: NDArray[np.floating]
    """(words,) a number each."""
    ends: tuple[float, float]
    """The numbers with the first and the last colour."""
    ticks: tuple[tuple[float, str], ...] = ()
    """Numbers of the scale and how they read; none where colours are only told apart."""


def told_apart(groups: NDArray[np.int64]) -> Colours:
    """One colour of the series a group, again and again; a group below 0 is grey."""
    shown = np.where(groups < 0, -1, groups % len(SERIES))
    return Colours(shown.astype(np.float32), (-1.5, len(SERIES) - 0.5))


def cloud(
    points: NDArray[np.floating],
    words: list[str],
    seen: NDArray[np.int64],
    colours: Colours,
    named: list[int],
    found: int | None = None,
    near: list[int] | None = None,
    dot: int = DOT,
) -> Figure:
    """All words as points; `named` have their word above them, `found` is joined with `near`.

    points: (words, 2 or 3). seen: (words,) how often in training, told where one is pointed at.
    dot: the size of a point in px.
    """
    from plotly import graph_objects  # noqa: PLC0415  # heavy

    flat = points.shape[1] == 2
    kind = graph_objects.Scatter if flat else graph_objects.Scatter3d
    above = np.argsort(colours.values >= 0, kind="stable")  # what has a colour is drawn last
    apart = np.where(colours.values[above] < 0, FAR, 1.0)
    dots = kind(
        **_at(points[above]),
        mode="markers",
        text=[plain(words[one]) for one in above],
        customdata=seen[above],
        hovertemplate="%{text}, seen %{customdata:,} times<extra></extra>",
        marker={
            "size": (dot if flat else dot - 1) * apart,
            "opacity": 0.6 if flat else 0.4,  # names in space have no ground of their own
            "line": {"width": 0},
        }
        | _scale(colours, above),
    )
    marked = [*(near or ()), *([] if found is None else [found])]
    names = kind(
        **_at(points[[one for one in named if one not in marked]]),
        mode="text",
        text=[plain(words[one]) for one in named if one not in marked],
        textposition="top center",
        textfont={"size": TEXT - 1} | ({} if flat else {"color": MIDDLE}),
        hoverinfo="skip",
    )
    traces = [dots, names]
    if found is not None:
        traces += _joined(kind, points, words, found, near or [], named)
    return graph_objects.Figure(traces, _layout(points))


def _at(points: NDArray[np.floating]) -> dict[str, NDArray[np.float32]]:
    columns = points.astype(np.float32).T
    return {axis: np.ascontiguousarray(one) for axis, one in zip("xyz", columns, strict=False)}


def _scale(colours: Colours, order: NDArray[np.int64]) -> dict[str, Any]:
    low, high = colours.ends
    scale = {"color": colours.values[order].astype(np.float32), "cmin": low, "cmax": high}
    if not colours.ticks:
        steps = [FAINT, *SERIES]
        edges = np.linspace(0, 1, len(steps) + 1)
        bands = zip(steps, edges[:-1].tolist(), edges[1:].tolist(), strict=True)
        pairs = [[edge, step] for step, left, right in bands for edge in (left, right)]
        return scale | {"colorscale": pairs, "showscale": False}
    values, texts = zip(*colours.ticks, strict=True)
    bar = NUMBERS | {"tickvals": values, "ticktext": texts}
    return scale | {
        "colorscale": TEMPLATE["layout"]["colorscale"]["sequential"], "colorbar": bar
    }  # fmt: skip


def _joined(
    kind: Any,
    points: NDArray[np.floating],
    words: list[str],
    found: int,
    near: list[int],
    named: list[int],
) -> list[Any]:
    """Lines from a word to its true neighbours, and those of their names that have room."""
    ends = np.full((3 * len(near), points.shape[1]), np.nan, dtype=np.float32)
    ends[0::3], ends[1::3] = points[found], points[near]
    lines = kind(**_at(ends), mode="lines", line={"color": ACCENT, "width": 2}, hoverinfo="skip")
    marks = kind(
        **_at(points[[*near, found]]),
        mode="markers+text",
        text=[
            *(plain(words[one]) if one in named else "" for one in near),
            f"<b>{plain(words[found])}</b>",
        ],
        textposition="top center",
        textfont={"size": [TEXT] * len(near) + [TEXT + 4], "color": ACCENT},
        marker={"color": ACCENT, "size": [DOT + 2] * len(near) + [2 * DOT]},
        hoverinfo="skip",
    )
    return [lines, marks]


def _layout(points: NDArray[np.floating]) -> dict[str, Any]:
    """No numbers on the axes: a direction of a map has no unit. A redrawn map keeps its zoom."""
    margin = {"l": 4, "r": 4, "t": 4, "b": 4}
    layout = {
        "template": TEMPLATE, "autosize": True, "margin": margin, "showlegend": False,
        "uirevision": str(points.shape),
    }  # fmt: skip
    if points.shape[1] == 2:
        return layout | {
            "xaxis": HIDDEN | {"range": [-1.04, 1.04]},
            "yaxis": HIDDEN | {"range": [-1.04, 1.04], "scaleanchor": "x"},
        }
    axis = {"visible": False}
    return layout | {
        "dragmode": "orbit",
        "scene": {
            "xaxis": axis, "yaxis": axis, "zaxis": axis, "aspectmode": "cube",
            "camera": {"eye": {"x": 0.85, "y": 0.85, "z": 0.6}},  # near enough to fill the figure
        },
    }  # fmt: skip
