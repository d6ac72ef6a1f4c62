"""The table of pairs as a heat map, with the row in which the dice fell and its cell marked."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from analysis.pairs import folded, shares
from components.ladder.counts.pair_tables import PairTable
from components.shared.drawing.figure_template import ACCENT, EDGE, TEMPLATE
from components.shared.drawing.figures import plain
from components.shared.drawing.numbers import percent

if TYPE_CHECKING:
    from plotly.graph_objects import Figure

CELLS = 370  # px, the height of all rows
ABOVE, BELOW = 48, 24  # px around the cells, for the colours and the letters
HEIGHT = CELLS + ABOVE + BELOW
FULL = 0.3  # the share from which on a cell has the last colour
OTHERS = "others"


def pair_map(table: PairTable, row: int, column: int | None) -> Figure:
    """Shares of every row; a pair that never occurs is blank.

    row, column: letters; the row is framed, and in it the cell of the column.
    """
    from plotly import graph_objects  # noqa: PLC0415  # heavy

    shown = table.shown
    counts = folded(table.counts, shown)
    counts = counts if counts[-1].any() else counts[:-1, :-1]
    labels = [plain(table.label(letter)) for letter in shown] + [OTHERS]
    labels = labels[: len(counts)]
    found = shares(counts)
    heat = graph_objects.Heatmap(
        z=np.where(counts > 0, found, np.nan),
        text=told(labels, counts),
        hovertemplate="%{text}<extra></extra>",
        colorscale=TEMPLATE["layout"]["colorscale"]["sequential"],
        zmin=0,
        zmax=FULL,
        xgap=1,
        ygap=1,
        colorbar=COLOURS,
    )
    marks = [frame(-0.5, len(counts) - 0.5, placed(shown, row), 2)]
    if column is not None:
        at = placed(shown, column)
        marks.append(frame(at - 0.5, at + 0.5, placed(shown, row), 4))
    return graph_objects.Figure(heat, layout(labels) | {"shapes": marks})


def told(labels: list[str], counts: np.ndarray) -> list[list[str]]:
    """What a cell says when it is pointed at."""
    totals = counts.sum(axis=1)
    return [
        [
            f"{row} then {column}: {count:,} of {total:,}, {percent(count / max(1, total), 2)}"
            for column, count in zip(labels, line, strict=True)
        ]
        for row, line, total in zip(labels, counts.tolist(), totals.tolist(), strict=True)
    ]


def placed(shown: list[int], letter: int) -> int:
    """The row of a letter on the map."""
    return shown.index(letter) if letter in shown else len(shown)


def frame(left: float, right: float, row: int, width: int) -> dict[str, Any]:
    return {
        "type": "rect", "x0": left, "x1": right, "y0": row - 0.5, "y1": row + 0.5,
        "line": {"color": ACCENT, "width": width},
    }  # fmt: skip


COLOURS = {
    "orientation": "h",
    "thickness": 9,
    "y": 1.02,
    "yanchor": "bottom",
    "tickvals": [0, FULL / 3, 2 * FULL / 3, FULL],
    "ticktext": ["0", "10 %", "20 % of a row", "≥ 30 %"],
    "tickangle": 0,
    "ticklabeloverflow": "allow",
    "ypad": 0,
    "outlinewidth": 0,
}


def layout(labels: list[str]) -> dict[str, Any]:
    """One row and one column a letter: at whole numbers, so that none collapses (truth: R15)."""
    places = list(range(len(labels)))
    axis = {
        "tickvals": places,
        "showgrid": False,
        "zeroline": False,
        "tickfont": {"family": "IBM Plex Mono, monospace", "size": min(14, CELLS // len(labels))},
        "ticks": "",
    }
    across = [label if label != OTHERS else "…" for label in labels]
    return {
        "template": TEMPLATE,
        "height": HEIGHT,
        "plot_bgcolor": "rgba(128,128,128,0.22)",
        "margin": {"l": EDGE, "r": 24, "t": ABOVE, "b": BELOW},
        "xaxis": axis
        | {
            "ticktext": across,
            "tickangle": 0,
            "range": [-0.5, len(labels) - 0.5],
        },
        "yaxis": axis | {"ticktext": labels, "range": [len(labels) - 0.5, -0.5]},
    }
