"""BLEU of the three translators by the length of the sentence, as a figure and as numbers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np
from gradio.components.plot import PlotData
from markupsafe import Markup

from components.shared.drawing.curves import Line, curves, legend
from components.shared.drawing.figure_template import SERIES
from components.shared.drawing.figures import plot_data

if TYPE_CHECKING:
    from inference.loading.measured import OfLength

HEIGHT = 230  # px
DASHES = ("solid", "dash", "dot")
OPEN = 100  # words; nobody's sentence has so many
Lengths = Mapping[str, tuple["OfLength", ...]]
"""By the title of a translator."""


def lines(lengths: Lengths) -> list[Line]:
    """One of each translator."""
    return [
        Line(title, colour, dash, np.array([one.bleu for one in measured]))
        for (title, measured), colour, dash in zip(lengths.items(), SERIES, DASHES, strict=False)
    ]


def heading(lengths: Lengths) -> Markup:
    """Of the figure: its legend, its source, and its numbers."""
    if not lengths:
        return Markup("")
    measured = next(iter(lengths.values()))
    columns = Markup("").join(
        Markup('<th scope="col">{}</th>').format(span(one)) for one in measured
    )
    rows = Markup("").join(
        Markup('<tr><th scope="row">{}</th>{}</tr>').format(
            title, Markup("").join(Markup("<td>{:.1f}</td>").format(one.bleu) for one in found)
        )
        for title, found in lengths.items()
    )
    return Markup(
        '<section class="by-length"><h2>How long may a sentence be?</h2>'
        "<p>BLEU over {:,} held-out sentences from Tatoeba, greedy; {}.</p>{}"
        '<details class="all-numbers"><summary>As numbers</summary><div class="scroll">'
        '<table class="numbers"><thead><tr><th scope="col">English words</th>{}</tr></thead>'
        "<tbody>{}</tbody></table></div></details></section>"
    ).format(
        sum(one.sentences for one in measured),
        f"sacreBLEU {measured[0].signature}",
        legend(lines(lengths)),
        columns,
        rows,
    )


def span(one: OfLength) -> str:
    """The words of a group; the last one is open."""
    return f"{one.low}+" if one.high >= OPEN else f"{one.low}\N{EN DASH}{one.high}"


def figure(lengths: Lengths) -> PlotData:
    measured = next(iter(lengths.values()))
    places = np.arange(len(measured))
    axes = ("English words in the sentence", "BLEU")
    drawn = curves(places, lines(lengths), axes, HEIGHT, rangemode="tozero")
    named = [f"{span(one)}<br>({one.sentences})" for one in measured]
    drawn.update_traces(mode="lines+markers", marker={"size": 8})
    drawn.update_traces(hovertemplate="%{data.name}: %{y:.1f}<extra></extra>")
    drawn.update_xaxes(tickvals=places, ticktext=named, range=(-0.4, len(measured) - 0.6))
    return plot_data(drawn, "BLEU by length")
