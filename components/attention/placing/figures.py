"""A way of positions drawn: its map of queries by keys, its curves over distance, and a table."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from markupsafe import Markup

from components.shared.drawing.curves import DASHES, Line, digits
from components.shared.drawing.figure_template import GRID, SERIES, TEMPLATE, TEXT
from components.shared.drawing.numbers import minus

if TYPE_CHECKING:
    from plotly.graph_objects import Figure

    from components.attention.placing.placed import Placed

HEIGHT = 400  # px
NEAR = 24.5  # tokens
AT = (-16, -2, -1, 0, 1, 2, 4, 16, 64, 127, 256, 512, 1023)  # distances of the table
MIDDLE = "#808080"
TRAINED = {"color": MIDDLE, "dash": "dash", "width": 2}


def lines(placed: Placed) -> list[Line]:
    """One a head, for figure and legend; the chosen head is solid."""
    if len(placed.curves) == 1:
        return [Line(placed.unit, SERIES[0], "solid", placed.curves[0].mean)]
    dashes = [one for one in DASHES if one != "solid"]
    return [
        Line(f"head {i}", SERIES[i - 1], "solid" if i == placed.head else dashes[i % 3], one.mean)
        for i, one in enumerate(placed.curves, start=1)
    ]


def heat_map(placed: Placed) -> Figure:
    """Queries downwards, keys to the right; what may not be read is left blank."""
    from plotly import graph_objects  # noqa: PLC0415  # heavy

    at = (np.arange(len(placed.map)) * placed.step + 1).tolist()
    most = float(np.nanmax(np.abs(placed.map)))
    kind = "diverging" if placed.signed else "sequential"
    cells = graph_objects.Heatmap(
        z=np.round(placed.map, 4).astype(np.float32),
        x=at,
        y=at,
        zmin=-most if placed.signed else 0.0,
        zmax=most,
        colorscale=TEMPLATE["layout"]["colorscale"][kind],
        colorbar={"thickness": 12, "outlinewidth": 0, "len": 0.9},
        hovertemplate="query %{y}, key %{x}: %{z:.3g}<extra></extra>",
        hoverongaps=False,
    )
    ends = [0.5, placed.length + 0.5]
    axis: dict[str, Any] = {"showgrid": False, "zeroline": False}
    layout = {
        "template": TEMPLATE,
        "height": HEIGHT,
        "margin": {"l": 8, "r": 4, "t": 4, "b": 8},
        "shapes": _edges(placed),
        "xaxis": axis | {"range": ends, "title": {"text": "key (position)"}},
        "yaxis": axis | {"range": ends[::-1], "title": {"text": "query (position)"}},
    }
    return graph_objects.Figure(cells, layout)


def _edges(placed: Placed) -> list[dict[str, Any]]:
    """Where training ended, if that is in sight."""
    if not 0 < placed.trained < placed.length:
        return []
    at, far = placed.trained + 0.5, placed.length + 0.5
    sides = ({"x0": at, "x1": at, "y0": 0.5, "y1": far}, {"x0": 0.5, "x1": far, "y0": at, "y1": at})
    return [{"type": "line", "line": TRAINED, **side} for side in sides]


def distance_figure(placed: Placed) -> Figure:
    """A line a head; around the chosen one, all its scores of each distance."""
    from plotly import graph_objects  # noqa: PLC0415  # heavy

    chosen = placed.curves[placed.head - 1]
    around = np.concatenate([chosen.distances, chosen.distances[::-1]])
    band = graph_objects.Scatter(
        x=around,
        y=np.concatenate([chosen.most, chosen.least[::-1]]),
        fill="toself",
        fillcolor="rgba(128,128,128,0.3)",
        line={"width": 0},
        mode="lines",
        hoverinfo="skip",
    )
    drawn = [
        graph_objects.Scatter(
            x=curve.distances,
            y=curve.mean,
            mode="lines",
            line={
                "color": line.colour,
                "dash": line.dash,
                "width": 4 if number == placed.head else 2,
            },
            hovertemplate=f"{line.name}<br>%{{x}} back: %{{y:.3g}}<extra></extra>",
        )
        for number, (line, curve) in enumerate(zip(lines(placed), placed.curves, strict=True), 1)
    ]
    ahead = int(chosen.distances[0]) < 0
    title = "tokens back (below 0: ahead)" if ahead else "tokens back"
    layout = {
        "template": TEMPLATE,
        "height": HEIGHT,
        "margin": {"l": 8, "r": 12, "t": 10, "b": 8},
        "showlegend": False,
        "shapes": _ends(placed),
        "xaxis": {"title": {"text": title}, "zerolinecolor": MIDDLE if ahead else GRID}
        | _near(placed),
        "yaxis": {"title": {"text": placed.unit, "font": {"size": TEXT}}},
    }
    return graph_objects.Figure([band, *drawn], layout)


def _near(placed: Placed) -> dict[str, Any]:
    """Where distances differ: of learned positions, in sight of a few neighbours."""
    return {"range": [-NEAR, NEAR]} if placed.key == "fill-in" else {}


def _ends(placed: Placed) -> list[dict[str, Any]]:
    if not 0 < placed.trained < placed.length:
        return []
    sides = (-placed.trained, placed.trained)
    known = placed.curves[0].distances
    return [
        {"type": "line", "line": TRAINED, "x0": at, "x1": at, "y0": 0, "y1": 1, "yref": "paper"}
        for at in sides
        if known[0] <= at <= known[-1]
    ]


def table(placed: Placed) -> Markup:
    """The curves as numbers, at some distances."""
    known = placed.curves[0].distances.tolist()
    at = [one for one in AT if one in known]
    heads = Markup("").join(Markup('<th scope="col">{}</th>').format(minus(str(one))) for one in at)
    rows = Markup("").join(
        Markup('<tr><th scope="row">{}</th>{}</tr>').format(
            line.name.capitalize(),
            Markup("").join(
                Markup("<td>{}</td>").format(digits(float(curve.mean[known.index(one)])))
                for one in at
            ),
        )
        for line, curve in zip(lines(placed), placed.curves, strict=True)
    )
    return Markup(
        '<p class="note">{}</p><div class="scroll" data-name="Scores by distance">'
        '<table class="numbers"><thead><tr>'
        '<th scope="col">Tokens back</th>{}</tr></thead><tbody>{}</tbody></table></div>'
    ).format(placed.said, heads, rows)
