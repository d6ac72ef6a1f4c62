"""The letters of the window network in a plane, with the true neighbours of one of them."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
from markupsafe import Markup
from numpy.typing import NDArray

from analysis.projection import Projection, project
from components.ladder.networks.letter_classes import CLASSES, letter_class
from components.shared.drawing.figure_template import ACCENT, SERIES
from components.shared.drawing.figures import map_layout, plain
from components.shared.drawing.numbers import percent

if TYPE_CHECKING:
    from plotly.graph_objects import Figure

DISC = 17  # px behind a letter
EDGES = 0.06  # of the plane, left free on every side
NEAR = 5  # true neighbours that are joined to a letter
SYMBOLS = ("circle", "square", "hexagon", "diamond", "star-square")
"""By class, as the colours: a class can be told without seeing colours."""


@dataclass(frozen=True)
class Letters:
    """Characters that a network has seen often enough, and their vectors."""

    characters: tuple[str, ...]
    labels: tuple[str, ...]
    vectors: NDArray[np.float32]
    """(characters, width)."""

    @cached_property
    def flat(self) -> Projection:
        return project(self.vectors)

    def nearest(self, letter: int) -> list[tuple[int, float]]:
        """The nearest letters to one in all dimensions, with their distances; nearest first."""
        apart = np.linalg.norm(self.vectors - self.vectors[letter], axis=1)
        order = np.argsort(apart, kind="stable")
        return [(i, float(apart[i])) for i in order.tolist() if i != letter][:NEAR]


def letter_map(letters: Letters, chosen: int | None) -> Figure:
    """Every letter, by its class; the chosen one is joined to those that are truly nearest."""
    from plotly import graph_objects  # noqa: PLC0415  # heavy

    points = letters.flat.points
    traces = []
    for kind, colour, symbol in zip(CLASSES, SERIES, SYMBOLS, strict=False):
        here = [i for i, one in enumerate(letters.characters) if letter_class(one) == kind]
        if here:
            traces.append(
                {
                    "x": points[here, 0],
                    "y": points[here, 1],
                    "mode": "markers+text",
                    "name": kind,
                    "text": [plain(letters.labels[i]) for i in here],
                    "textposition": "middle center",
                    "marker": {"color": colour, "symbol": symbol, "size": DISC, "opacity": 0.4},
                    "hoverinfo": "text+name",
                }
            )
    if chosen is not None:
        traces += [joined(letters, chosen), ring(points[chosen])]
    drawn = [graph_objects.Scatter(**one) for one in traces]
    return graph_objects.Figure(drawn, layout(points))


def layout(points: NDArray[np.float64]) -> dict[str, Any]:
    """A plane without numbers, filled by its points: no label stands beside them."""
    whole = map_layout(points)
    margin = (points.max(axis=0) - points.min(axis=0)) * EDGES
    low, high = points.min(axis=0) - margin, points.max(axis=0) + margin
    for axis, ends in (("xaxis", 0), ("yaxis", 1)):
        whole[axis] |= {"range": [float(low[ends]), float(high[ends])]}
    legend = {"font": {"size": 13}, "itemwidth": 30, "x": 0}
    return whole | {"legend": legend, "margin": {"l": 4, "r": 4, "t": 30, "b": 4}}


def joined(letters: Letters, chosen: int) -> dict[str, Any]:
    """Lines from a letter to its neighbours in the full space."""
    points = letters.flat.points
    ends = [
        place
        for near, _ in letters.nearest(chosen)
        for place in (points[chosen], points[near], [np.nan, np.nan])
    ]
    x, y = np.array(ends).T
    return {
        "x": x, "y": y, "mode": "lines", "line": {"color": ACCENT, "width": 2},
        "hoverinfo": "skip", "showlegend": False,
    }  # fmt: skip


def ring(point: NDArray[np.float64]) -> dict[str, Any]:
    """A mark around the letter that the lines begin at."""
    marker = {"color": ACCENT, "symbol": "circle-open", "size": 1.5 * DISC, "line": {"width": 3}}
    hidden = {"hoverinfo": "skip", "showlegend": False}
    return {"x": point[:1], "y": point[1:], "mode": "markers", "marker": marker} | hidden


def trust(letters: Letters, chosen: int | None) -> Markup:
    """What the map keeps of the full space (truth: R9), and the true neighbours of a letter."""
    flat, width = letters.flat, letters.vectors.shape[1]
    chance = flat.neighbours / max(1, len(letters.characters) - 1)
    kept, stay, by_chance = (
        percent(share, 0) for share in (flat.variance_shown or 0, flat.overlap or 0, chance)
    )
    said = (
        f"A shadow of {width} dimensions: it holds {kept} of how the "
        f"letters differ, and of the {flat.neighbours} nearest of each {stay} are "
        f"nearest here (by chance {by_chance})."
    )
    if chosen is None:
        return Markup('<p class="trust">{}</p>').format(said)
    near = ", ".join(f"“{letters.labels[i]}” {apart:.1f}" for i, apart in letters.nearest(chosen))
    return Markup('<p class="trust">{} Lines join “{}” to the truly nearest: {}.</p>').format(
        said, letters.labels[chosen], near
    )
