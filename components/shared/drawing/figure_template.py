"""How every figure looks: colours, fonts and widths, as one plotly template.

A figure has one set of colours for both themes: each is at least 3:1 against the light and the dark
page. Its text is dark and its paper white, so that a downloaded picture can be read anywhere; on
the page the style sheet lets the page's own ground and text colour through.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

SERIES = (
    "#4d78d0", "#b43c00", "#d27887", "#875a69", "#870fff", "#2d96ff", "#b44ba5", "#a587c3",
)  # fmt: skip
"""Eight colours for several series, the most distinct first."""
MARK, ACCENT = SERIES[0], "#d9503f"
"""A point or bar, and one that was asked for.

The nine were found by search: 3:1 against both grounds allows a narrow band of luminance, and
within it these stay farther apart than the eight of Okabe and Ito for the kind of colour vision
that tells each set apart worst (simulated after Machado et al., 2009).
"""
INK, PAPER, GRID = "#1b1d22", "#ffffff", "rgba(128,128,128,0.3)"
CIVIDIS = (
    "#00224e", "#1f3570", "#3b496c", "#575d6d", "#707173",
    "#8a8779", "#a69d75", "#c4b56c", "#e1cc55", "#fee838",
)  # fmt: skip
"""For probabilities, from 0 to 1."""
DIVERGING = ("#998ec3", "#ffffff", "#f1a340")
"""For differences: less, zero, more."""
TEXT, LINE, POINT = 15, 3, 10  # px
EDGE = 32  # px around a figure


def _steps(colours: Sequence[str]) -> list[list[Any]]:
    """A colour scale with equal steps."""
    return [[i / (len(colours) - 1), colour] for i, colour in enumerate(colours)]


_AXIS: dict[str, Any] = {
    "gridcolor": GRID,
    "zerolinecolor": GRID,
    "linecolor": GRID,
    "tickcolor": GRID,
    "automargin": True,
    "title": {"font": {"size": TEXT}, "standoff": 10},
}
TEMPLATE: dict[str, Any] = {
    "layout": {
        "font": {"family": "IBM Plex Sans, sans-serif", "size": TEXT, "color": INK},
        "colorway": list(SERIES),
        "colorscale": {
            "sequential": _steps(CIVIDIS),
            "sequentialminus": _steps(CIVIDIS),
            "diverging": _steps(DIVERGING),
        },
        "paper_bgcolor": PAPER,
        "plot_bgcolor": "rgba(0,0,0,0)",
        "margin": {"l": EDGE, "r": EDGE, "t": EDGE, "b": EDGE},
        "dragmode": False,  # a finger that scrolls the page must not zoom; the toolbar has both
        "hovermode": "closest",
        "hoverlabel": {"bgcolor": PAPER, "bordercolor": INK, "font": {"size": TEXT, "color": INK}},
        "legend": {"orientation": "h", "y": 1.02, "yanchor": "bottom", "bgcolor": "rgba(0,0,0,0)"},
        "modebar": {"bgcolor": "rgba(0,0,0,0)", "color": "#808080", "activecolor": ACCENT},
        "xaxis": _AXIS,
        "yaxis": _AXIS,
    },
    "data": {
        "scatter": [{"line": {"width": LINE}, "marker": {"size": POINT}}],
        "bar": [{"marker": {"color": MARK, "line": {"width": 0}}}],
    },
}
