"""A flat map of a few words, with the numbers that say how far to trust it."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from gradio.components.plot import PlotData
from markupsafe import Markup

from analysis.projection import Projection
from components.shared.figures import MAP_HEIGHT, ROOM, plot_data, point_map

WIDTH = 330  # px; a cautious guess, for placing labels only
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
    """Points with their words beside them; `arrows` join two of them, start to end."""
    sides = label_places(projection.points, words)
    return plot_data(point_map(projection.points, words, sides, accented, arrows), "word-map")


def label_places(points: np.ndarray, words: Sequence[str]) -> list[str]:
    """For every point the side on which its label overlaps least with what is already placed."""
    low, high = points.min(axis=0), points.max(axis=0)
    fits = np.array([WIDTH, MAP_HEIGHT]) / ROOM / np.where(high > low, high - low, np.inf)
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
