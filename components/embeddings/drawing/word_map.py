"""A flat map of a few words, with the numbers that say how far to trust it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from gradio.components.plot import PlotData
from markupsafe import Markup

from analysis.label_placing import place_labels
from analysis.projection import Projection
from components.shared.drawing.figures import MAP_HEIGHT, ROOM, plot_data, point_map
from components.shared.drawing.numbers import percent

WIDTH = 330  # px; a cautious guess, for placing labels only


def word_map(
    projection: Projection,
    words: Sequence[str],
    accented: Sequence[int] = (),
    arrows: Sequence[tuple[int, int]] = (),
    faint: Sequence[tuple[int, int]] = (),
    height: int = MAP_HEIGHT,
) -> PlotData:
    """Points with their words beside them; `arrows` and `faint` ones join two, start to end."""
    room = (WIDTH / ROOM, height / ROOM)
    sides = place_labels(projection.points, words, room, [*arrows, *faint])
    figure = point_map(projection.points, words, sides, accented, arrows, faint)
    return plot_data(figure.update_layout(height=height), "word-map")


def map_data(projection: Projection, words: Sequence[str]) -> dict[str, Any]:
    """The words, their points, and what the map keeps of the full space."""
    found = asdict(projection)
    return {"words": list(words), **found, "points": projection.points.tolist()}


def facts(projection: Projection, what: str = "word") -> list[str]:
    """What the map keeps of the full space, in half sentences; none where all points coincide.

    what: a point is.
    """
    found = []
    if projection.variance_shown is not None:
        shown = percent(projection.variance_shown, 0)
        found.append(f"it holds {shown} of how these {what}s differ")
    if projection.overlap is not None:
        near, stay = projection.neighbours, percent(projection.overlap, 0)
        found.append(
            f"{stay} of the {what}s keep their nearest {what}"
            if near == 1
            else f"{stay} of the {near} nearest {what}s of every {what} stay nearest"
        )
    if projection.trustworthiness is not None:
        found.append(f"trustworthiness {projection.trustworthiness:.2f} of 1")
    return found


def trust(projection: Projection, words: Sequence[str] = ()) -> Markup:
    """What the map keeps of the full space (truth: R9), and of each of the first `words` of it."""
    each = ", ".join(
        f"{word} {percent(share, 0)}" for word, share in zip(words, projection.kept, strict=False)
    )
    found = facts(projection)
    sentence = "; ".join([*found[:1], *([f"of each alone: {each}"] if each else []), *found[1:]])
    if not sentence:
        return Markup('<p class="trust">These words coincide; there is nothing to map.</p>')
    return Markup(
        '<p class="trust">This map is a shadow of the full space: {}. Read nearness from the '
        "list, which is computed in all dimensions.</p>"
    ).format(sentence)
