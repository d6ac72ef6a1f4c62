"""Words at their cosines with one axis or two, as a plotly figure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from analysis.label_placing import Side as Place
from analysis.label_placing import place_labels
from components.shared.drawing.figure_template import GRID, TEMPLATE, TEXT
from components.shared.drawing.figures import plain

if TYPE_CHECKING:
    from plotly.graph_objects import Figure

HEIGHT = 440  # px
INSIDE = (820.0, 340.0)  # px that the axes take; the width is a guess, for placing labels only
LINE = 24  # px that a word takes where there is one axis
ROOM = 1.25  # an axis is so much longer than its words need


@dataclass(frozen=True)
class Side:
    """How an axis is named, and between what cosines 95 % of the common words stand."""

    start: str
    end: str
    middle: tuple[float, float]


def plane(positions: NDArray[np.floating], words: Sequence[str], sides: Sequence[Side]) -> Figure:
    """positions: (words, 1 or 2). With one axis the words stand below each other in its order."""
    from plotly import graph_objects  # noqa: PLC0415  # heavy

    if positions.shape[1] == 1:
        order = np.argsort(positions[:, 0], kind="stable")
        points = np.c_[positions[order, 0], np.arange(len(order), dtype=float)]
        labels = [words[one] for one in order]
        places = ["middle right"] * len(labels)
    else:
        points, labels = positions, list(words)
        places = list(beside(points, labels, sides))
    scatter = graph_objects.Scatter(
        x=points[:, 0],
        y=points[:, 1],
        mode="markers+text",
        text=[plain(label) for label in labels],
        textposition=places,
        textfont={"size": TEXT + 1},
        hovertemplate="%{text}: %{x:.2f}" + (", %{y:.2f}" if len(sides) > 1 else "")
        + "<extra></extra>",
        cliponaxis=False,
    )  # fmt: skip
    return graph_objects.Figure(scatter, _layout(points, sides))


def beside(
    points: NDArray[np.floating], labels: Sequence[str], sides: Sequence[Side]
) -> list[Place]:
    """On which side of its point every word stands."""
    lengths = [2 * _longest(points[:, i], side) for i, side in enumerate(sides)]
    pixels = points.astype(np.float64) / lengths * INSIDE
    wide, high = np.ptp(pixels, axis=0).clip(1e-9).tolist()
    return place_labels(pixels, labels, (wide, high))


def _layout(points: NDArray[np.floating], sides: Sequence[Side]) -> dict[str, Any]:
    across = _axis(points[:, 0], sides[0])
    lines = [_band("x", sides[0])]
    if len(sides) > 1:
        upwards = _axis(points[:, 1], sides[1])
        lines.append(_band("y", sides[1]))
    else:
        upwards = {"visible": False, "range": [-1, len(points)]}
    height = HEIGHT if len(sides) > 1 else max(HEIGHT, LINE * len(points))
    return {
        "template": TEMPLATE, "height": height, "shapes": lines, "xaxis": across, "yaxis": upwards
    }  # fmt: skip


def _axis(values: NDArray[np.floating], side: Side) -> dict[str, Any]:
    """Around zero, long enough for all words."""
    longest = _longest(values, side)
    title = f"\N{LEFTWARDS ARROW} {plain(side.start)}   cosine   {plain(side.end)} "
    return {
        "range": [-longest, longest],
        "title": {"text": f"{title}\N{RIGHTWARDS ARROW}"},
        "zeroline": True,
        "zerolinewidth": 2,
    }


def _longest(values: NDArray[np.floating], side: Side) -> float:
    return ROOM * max(float(np.abs(values).max()), *map(abs, side.middle), 0.1)


def _band(axis: str, side: Side) -> dict[str, Any]:
    """Where most words stand."""
    low, high = side.middle
    ends = {f"{axis}0": low, f"{axis}1": high}
    other = "y" if axis == "x" else "x"
    whole = {f"{other}ref": "paper", f"{other}0": 0, f"{other}1": 1}
    return {
        "type": "rect", "layer": "below", "fillcolor": GRID, "line": {"width": 0}, "opacity": 0.5,
        f"{axis}ref": axis, **ends, **whole,
    }  # fmt: skip
