"""n-grams by their length: how many could be, how many are there, how many are new elsewhere."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from markupsafe import Markup

from components.shared.drawing.figure_template import ACCENT, MARK, TEMPLATE
from components.shared.drawing.numbers import percent
from inference.rungs import NGrams

if TYPE_CHECKING:
    from plotly.graph_objects import Figure

HEIGHT = 215  # px
CAPTION = (
    "All over the same 105 ids, the end of a document among them. New: of the n-grams in held-out "
    "stories, how many the text lacks."
)


def growth_figure(rows: Sequence[NGrams]) -> Figure:
    """Two lines over n on a scale of powers of ten: possible, and in the training text."""
    from plotly import graph_objects  # noqa: PLC0415  # heavy

    lines = (
        ("possible", [row.possible for row in rows], MARK, "circle", "dot"),
        ("in 13 million characters", [row.different for row in rows], ACCENT, "square", "solid"),
    )
    drawn = [
        graph_objects.Scatter(
            x=[row.order for row in rows],
            y=values,
            name=name,
            mode="lines+markers",
            line={"color": colour, "dash": dash},
            marker={"color": colour, "symbol": symbol},
            hovertemplate="%{x}: %{y:,}<extra></extra>",
        )
        for name, values, colour, symbol, dash in lines
    ]
    return graph_objects.Figure(
        drawn,
        {
            "template": TEMPLATE,
            "height": HEIGHT,
            "margin": {"l": 56, "r": 12, "t": 34, "b": 48},
            "xaxis": {"tickvals": [row.order for row in rows], "title": {"text": "length n"}},
            "yaxis": {
                "type": "log",
                "dtick": 3,
                "exponentformat": "power",
                "title": {"text": "different n-grams"},
            },
        },
    )


def growth_table(rows: Sequence[NGrams]) -> Markup:
    """What the figure shows in numbers, and how much of held-out stories was never seen."""
    cells = Markup("").join(
        Markup(
            '<tr><th scope="row">{}</th><td>{}</td><td>{:,}</td><td>{}</td><td>{}</td></tr>'
        ).format(
            row.order,
            short(row.possible),
            row.different,
            short(row.possible / row.different),
            percent(row.unseen / row.held_out, 2),
        )
        for row in rows
    )
    heads = ("n", "Possible", "In the text", "One in", "New, held out")
    head = Markup("").join(Markup('<th scope="col">{}</th>').format(one) for one in heads)
    return Markup(
        '<table class="numbers growth"><caption>{}</caption><thead><tr>{}</tr></thead>'
        "<tbody>{}</tbody></table>"
    ).format(CAPTION, head, cells)


def short(count: float) -> str:
    """A number in a few digits."""
    for size, word in ((1e12, "trillion"), (1e9, "billion"), (1e6, "million")):
        if count >= size:
            return f"{count / size:.3g} {word}"
    return f"{count:,.0f}" if count >= 10 else f"{count:.2g}"
