"""A matrix of cosines as a plotly heat map; equal labels do not collapse (truth: R15)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from components.shared.drawing.figure_template import TEMPLATE, TEXT
from components.shared.drawing.figures import plain

if TYPE_CHECKING:
    from plotly.graph_objects import Figure

SIDE = 520  # px
MOST_NAMED = 26  # words along an axis that have room for their name
SCALE = {
    "orientation": "h",
    "thickness": 12,
    "len": 0.7,
    "y": -0.02,
    "yanchor": "top",
    "outlinewidth": 0,
    "title": {"text": "cosine", "side": "bottom"},
}
NUMBERED = 12  # words up to which every cell has its number


def heat(cosines: NDArray[np.floating], words: Sequence[str]) -> Figure:
    """cosines: (words, words). A word with itself is left blank."""
    from plotly import graph_objects  # noqa: PLC0415  # heavy

    count = len(words)
    shown = np.round(cosines.astype(np.float64), 3)
    np.fill_diagonal(shown, np.nan)
    labels = [plain(word) for word in words]
    apart = shown[~np.isnan(shown)]
    low, high = (float(apart.min()), float(apart.max())) if len(apart) else (0.0, 1.0)
    cells = graph_objects.Heatmap(
        z=shown.tolist(),
        x=list(range(count)),
        y=list(range(count)),
        zmin=low,
        zmax=max(high, low + 0.01),
        colorscale=TEMPLATE["layout"]["colorscale"]["sequential"],
        colorbar=SCALE,
        texttemplate="%{z:.2f}" if count <= NUMBERED else "",
        textfont={"size": TEXT - 1},
        customdata=[[[one, other] for other in labels] for one in labels],
        hovertemplate="%{customdata[0]}, %{customdata[1]}: %{z:.2f}<extra></extra>",
        hoverongaps=False,
        xgap=1 if count <= MOST_NAMED else 0,
        ygap=1 if count <= MOST_NAMED else 0,
    )
    return graph_objects.Figure(cells, _layout(labels))


def _layout(labels: list[str]) -> dict[str, Any]:
    count = len(labels)
    step = -(-count // MOST_NAMED)
    named = list(range(0, count, step))
    angle = -90 if count > NUMBERED else -60
    size = TEXT if count <= 20 else TEXT - 3
    axis = {
        "tickvals": named,
        "ticktext": [labels[i] for i in named],
        "tickfont": {"size": size},
        "showgrid": False,
        "zeroline": False,
    }
    return {
        "template": TEMPLATE,
        "height": SIDE,
        "margin": {"l": 4, "r": 4, "t": 4, "b": 4},
        "xaxis": axis | {"range": [-0.5, count - 0.5], "side": "top", "tickangle": angle},
        "yaxis": axis | {"range": [count - 0.5, -0.5]},
    }
