"""How alike some sentences are in several ways of making them vectors: small matrices to choose
from, and the one chosen with its numbers and its plane. likeness.js draws it."""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from markupsafe import Markup
from numpy.typing import NDArray

from analysis.label_placing import place_labels
from analysis.projection import Projection, project
from analysis.words.likeness import Own, cosines, nearest_own
from components.embeddings.drawing.word_map import facts
from components.shared.drawing.figure_template import SERIES

PLANE = (520.0, 180.0)  # px; as likeness.js has it
DIGITS = 4  # of what the page draws; the API has all of them


@dataclass(frozen=True)
class Likeness:
    """Some sentences as vectors of one kind."""

    title: str
    cosines: NDArray[np.float64]
    """(sentences, sentences)"""
    own: Own
    """Of how many sentences the nearest is of their own kind."""
    flat: Projection


@dataclass(frozen=True)
class Grid:
    """The kinds of vectors, in rows and columns; None where there is none."""

    columns: tuple[str, ...]
    rows: tuple[str, ...]
    cells: tuple[tuple[Likeness | None, ...], ...]


def likeness(title: str, vectors: NDArray[np.floating], groups: Sequence[int]) -> Likeness:
    """vectors: (sentences, width), as they are: cosines look at their directions alone."""
    found = cosines(vectors)
    return Likeness(title, found, nearest_own(found, groups), project(vectors))


def likeness_data(one: Likeness) -> dict[str, Any]:
    """The exact numbers."""
    return {
        "title": one.title,
        "cosines": one.cosines.tolist(),
        "nearest_is_own": one.own.nearest,
        "among": one.own.among,
        "points": one.flat.points.tolist(),
        "variance_shown": one.flat.variance_shown,
        "overlap": one.flat.overlap,
    }


def picture(
    grid: Grid,
    labels: Sequence[tuple[str, str, str]],
    groups: Sequence[int],
    opened: tuple[int, int],
    about: str = "",
    one_scale: bool = True,
) -> Markup:
    """labels: of every sentence what stands before its word, the word, and what follows.

    opened: row and column of the grid that are chosen at first. about: a remark below.
    one_scale: whether all matrices have one scale of colours, or each its own.
    """
    lows = [[_low(one) for one in row] for row in grid.cells]
    least = min(low for row in lows for low in row)
    cells = [
        [_cell(one, least if one_scale else low) for one, low in zip(row, row_lows, strict=True)]
        for row, row_lows in zip(grid.cells, lows, strict=True)
    ]
    value = {
        "labels": [list(label) for label in labels],
        "groups": list(groups),
        "colours": SERIES,
        "columns": grid.columns,
        "rows": grid.rows,
        "cells": cells,
        "open": list(opened),
        "about": about,
    }
    return Markup('<div class="likeness" data-widget="likeness" data-value="{}"></div>').format(
        json.dumps(value, ensure_ascii=False)
    )


def _low(one: Likeness | None) -> float:
    """Where the scale of a matrix begins: below its smallest cosine, at a round number."""
    if one is None:
        return 0.9
    apart = one.cosines[~np.eye(len(one.cosines), dtype=bool)]
    return math.floor(10 * min(float(apart.min(initial=0.9)), 0.9)) / 10


def _cell(one: Likeness | None, low: float) -> dict[str, Any] | None:
    if one is None:
        return None
    numbers = [str(i + 1) for i in range(len(one.cosines))]
    return {
        "title": one.title,
        "low": low,
        "sides": list(place_labels(one.flat.points, numbers, PLANE)),
        "cosines": np.round(one.cosines, DIGITS).tolist(),
        "points": np.round(one.flat.points, DIGITS).tolist(),
        "own": list(one.own),
        "kept": "; ".join(facts(one.flat, "sentence")),
    }
