"""A flat map of a few words, with the numbers that say how far to trust it."""

from __future__ import annotations

import json
from collections.abc import Sequence

import numpy as np
from gradio.components.plot import PlotData
from markupsafe import Markup, escape

from analysis.projection import Projection

POINT, ACCENT = "#6f83b5", "#d9503f"  # both legible on white and on near-black
HEIGHT, WIDTH = 400, 330  # px; the width is a cautious guess, for placing labels only
ROOM = 1.36  # the plot is this much wider and higher than its points, for the words at its edges
LETTER, LINE = 9.0, 20.0  # px that a letter and a line of a label take
PLACES = {
    "top center": (0, -1),
    "bottom center": (0, 1),
    "middle right": (1, 0),
    "middle left": (-1, 0),
}


def word_map(
    projection: Projection,
    words: Sequence[str],
    accented: Sequence[int] = (),
    arrows: Sequence[tuple[int, int]] = (),
) -> PlotData:
    """Points with their words beside them; `arrows` join two of them, start to end.

    What plotly.js in the page draws is plain JSON: building it from plotly's own Python classes
    costs more than the rest of the tab.
    """
    x, y = projection.points.T
    colours = [ACCENT if i in accented else POINT for i in range(len(words))]
    points = {
        "type": "scatter",
        "x": x.tolist(),
        "y": y.tolist(),
        "mode": "markers+text",
        "text": [str(escape(word)) for word in words],
        "textposition": label_places(projection.points, words),
        "textfont": {"size": 16},
        "marker": {"size": 10, "color": colours},
        "hoverinfo": "text",
        "cliponaxis": False,
    }
    hidden = {"showgrid": False, "zeroline": False, "showticklabels": False, "showline": False}
    layout = {
        "font": {"family": "IBM Plex Sans, sans-serif"},
        "height": HEIGHT,
        "margin": {"l": 24, "r": 24, "t": 24, "b": 24},
        "paper_bgcolor": "rgba(0,0,0,0)",
        "plot_bgcolor": "rgba(0,0,0,0)",
        "showlegend": False,
        "dragmode": False,
        "xaxis": hidden | {"range": _span(x)},
        # One scale for both: the quality numbers and the parallelogram are those of this plane.
        "yaxis": hidden | {"range": _span(y), "scaleanchor": "x"},
        "annotations": [
            _arrow(projection.points[one], projection.points[other]) for one, other in arrows
        ],
    }
    return PlotData(type="plotly", plot=json.dumps({"data": [points], "layout": layout}))


def _arrow(start: np.ndarray, end: np.ndarray) -> dict[str, object]:
    """From one point to another, leaving both visible."""
    (ax, ay), (x, y) = start.tolist(), end.tolist()
    return {
        "x": x, "y": y, "ax": ax, "ay": ay,
        "xref": "x", "yref": "y", "axref": "x", "ayref": "y",
        "showarrow": True, "arrowhead": 2, "arrowwidth": 2, "arrowcolor": ACCENT,
        "standoff": 8, "startstandoff": 8, "text": "",
    }  # fmt: skip


def label_places(points: np.ndarray, words: Sequence[str]) -> list[str]:
    """For every point the side on which its label overlaps least with what is already placed."""
    low, high = points.min(axis=0), points.max(axis=0)
    fits = np.array([WIDTH, HEIGHT]) / ROOM / np.where(high > low, high - low, np.inf)
    scale = float(fits[fits > 0].min()) if (fits > 0).any() else 1.0
    pixels = (points - low) * scale * [1, -1]  # the screen counts downwards
    boxes = [(*(point - 7), *(point + 7)) for point in pixels]  # left, top, right, bottom
    places = []
    for (x, y), word in zip(pixels, words, strict=True):
        wide = LETTER * len(word) / 2
        candidates = {
            place: (
                x + dx * (wide + 8) - wide,
                y + dy * (LINE / 2 + 8) - LINE / 2,
                x + dx * (wide + 8) + wide,
                y + dy * (LINE / 2 + 8) + LINE / 2,
            )
            for place, (dx, dy) in PLACES.items()
        }
        best = min(candidates, key=lambda p: sum(_overlap(candidates[p], box) for box in boxes))
        boxes.append(candidates[best])
        places.append(best)
    return places


def _overlap(one: tuple[float, ...], other: tuple[float, ...]) -> float:
    """Area that two boxes share, in square pixels."""
    wide = min(one[2], other[2]) - max(one[0], other[0])
    high = min(one[3], other[3]) - max(one[1], other[1])
    return max(0.0, wide) * max(0.0, high)


def _span(values: np.ndarray) -> list[float]:
    """Room for the words at the edges."""
    low, high = float(values.min()), float(values.max())
    margin = (ROOM - 1) / 2 * (high - low) or 1.0
    return [low - margin, high + margin]


def trust(projection: Projection) -> Markup:
    """What the map keeps of the full space (truth: R9)."""
    facts = []
    if projection.variance_shown is not None:
        facts.append(f"it holds {projection.variance_shown:.0%} of how these words differ")
    if projection.overlap is not None:
        near = projection.neighbours
        facts.append(
            f"{projection.overlap:.0%} of the words keep their nearest word"
            if near == 1
            else f"{projection.overlap:.0%} of the {near} nearest words of every word stay nearest"
        )
    if projection.trustworthiness is not None:
        facts.append(f"trustworthiness {projection.trustworthiness:.2f} of 1")
    if not facts:
        return Markup('<p class="trust">These words coincide; there is nothing to map.</p>')
    sentence = "; ".join(facts)
    return Markup(
        '<p class="trust">This map is a shadow of the full space: {}. Read nearness from the '
        "list, which is computed in all dimensions.</p>"
    ).format(sentence)
