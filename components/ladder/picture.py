"""Bits per character of every model: against what it holds, and against what it sees."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from math import log10
from typing import TYPE_CHECKING, Any

from markupsafe import Markup

from components.shared.drawing.figure_template import ACCENT, MARK, TEMPLATE
from components.shared.drawing.figures import plain

if TYPE_CHECKING:
    from plotly.graph_objects import Figure

    from inference.rungs import Rung

HEIGHT = 460  # px
ALL = 6_000  # where a model stands that carries all it has read in a state
TIE = 0.01  # bits: another seed of the same training changes as much
NEAR = (0.1, 0.08)  # powers of ten, and bits: marks closer than this have one label
SHORT = {
    "Window MLP": "MLP",
    "Vanilla RNN": "RNN",
    "Small GPT": "GPT",
    "Storyteller of old books": "of old books",
}
LED = {
    (1, "5-gram"): (-13, 0), (1, "MLP"): (-24, 30), (1, "RNN"): (-30, 56), (1, "LSTM"): (-30, 56),
    (1, "Storyteller"): (-13, 0), (1, "of old books"): (-8, 22),
    (2, "5-gram"): (-13, 0), (2, "MLP"): (-8, 24), (2, "GPT"): (-13, 0), (2, "RNN"): (-20, -62),
    (2, "LSTM"): (-20, -62), (2, "Storyteller"): (-13, 0), (2, "of old books"): (-16, 22),
}  # fmt: skip
"""By panel and mark: how far its label stands away, in px, where it would lie on another one in a
picture as wide as on a desk; labels.js leads those of others."""
CAPTION = (
    "Held-out stories: every character scored once; all rungs have read the same characters of "
    "other stories, once. The storytellers read tokens and other texts, so only bits per character "
    "of your text stand beside those of the rungs."
)


@dataclass(frozen=True)
class Measured:
    """One model: what it holds and sees, and what it needs for a character."""

    title: str
    size: int
    unit: str
    """What `size` counts: parameters or counts."""
    sees: str
    """What of the text before a character it sees, in words."""
    held: float | None
    """Bits per character of the held-out stories; None of a storyteller."""
    text: float | None
    """The same of a text that somebody pasted; None where there is none."""


def characters_seen(sees: str) -> float:
    """How far back that is, in characters; `ALL` for a state that carries everything."""
    numbers = [int(one.replace(",", "")) for one in re.findall(r"\d[\d,]*", sees)]
    return ALL if sees.startswith("its state") else max(numbers, default=1)


def tie(rungs: Sequence[Rung]) -> str:
    """That the two best rungs cannot be told apart, as a sentence; empty where they can."""
    best = sorted(rungs, key=lambda one: one.bits)[:2]
    if len(best) < 2 or best[1].bits - best[0].bits > TIE:
        return ""
    first, second = best
    return (
        f"{first.title} and {second.title} tie: {first.bits:.3f} and {second.bits:.3f} bits. "
        "Another seed of the same training moves either by as much."
    )


def ladder_picture(models: Sequence[Measured]) -> Figure:
    """Two panels over one another, with the same bits: against size, and against context."""
    from plotly import graph_objects  # noqa: PLC0415  # heavy

    sizes = [float(one.size) for one in models]
    seen = [characters_seen(one.sees) for one in models]
    drawn: list[Any] = []
    labels: list[dict[str, Any]] = []
    for number, x in ((1, sizes), (2, seen)):
        axes = {"xaxis": f"x{number}", "yaxis": f"y{number}"}
        for kind, colour, symbol in (("held", MARK, "circle"), ("text", ACCENT, "diamond")):
            values = [getattr(one, kind) for one in models]
            drawn.append(
                graph_objects.Scatter(
                    x=x,
                    y=values,
                    mode="markers",
                    marker={"color": colour, "symbol": symbol, "size": 12, "line": {"width": 2}},
                    hovertext=[told(one) for one in models],
                    hoverinfo="text",
                    cliponaxis=False,
                    **axes,
                )
            )
        labels += named(models, x, number)
    return graph_objects.Figure(drawn, layout(labels))


def named(models: Sequence[Measured], x: Sequence[float], panel: int) -> list[dict[str, Any]]:
    """A label for every mark, one for those that lie on each other."""
    places = [
        (log10(at), bits, SHORT.get(one.title, one.title))
        for one, at in zip(models, x, strict=True)
        if (bits := one.text if one.held is None else one.held) is not None
    ]
    groups: list[list[tuple[float, float, str]]] = []
    for place in places:
        last = groups[-1][-1] if groups else (0.0, 0.0, "")
        near = abs(last[0] - place[0]) < NEAR[0] and abs(last[1] - place[1]) < NEAR[1]
        if groups and near:
            groups[-1].append(place)
        else:
            groups.append([place])
    return [label(group, panel) for group in groups]


def label(group: Sequence[tuple[float, float, str]], panel: int) -> dict[str, Any]:
    """The names of some marks beside the lowest of them, led there where others are in the way."""
    x, y, first = min(group, key=lambda one: one[1])
    across, down = LED.get((panel, first), LED.get((panel, group[0][2]), (13, 0)))
    return {
        "x": x,
        "y": y,
        "xref": f"x{panel}",
        "yref": f"y{panel}",
        "text": plain(", ".join(one[2] for one in group)),
        "showarrow": True,
        "arrowhead": 0,
        "arrowwidth": 1,
        "arrowcolor": "#808080",
        "standoff": 7,
        "ax": across,
        "ay": down,
        "xanchor": "left" if across > 0 else "right",
    }


def told(one: Measured) -> str:
    """What is said of a mark that is pointed at."""
    parts = [
        f"{bits:.3f} bits {of}"
        for bits, of in ((one.held, "held out"), (one.text, "your text"))
        if bits is not None
    ]
    return plain(f"{one.title}: {', '.join(parts)}; sees {one.sees}; {held(one.size, one.unit)}")


def layout(labels: list[dict[str, Any]]) -> dict[str, Any]:
    """Both panels; the second one's axis names what no number says."""
    y = {"title": {"text": "bits per character"}, "rangemode": "tozero"}
    ticks = [1, 4, 16, 64, 256, 1000, ALL]
    return {
        "template": TEMPLATE,
        "height": HEIGHT,
        "margin": {"l": 8, "r": 20, "t": 10, "b": 8},
        "showlegend": False,
        "annotations": labels,
        "xaxis": {
            "type": "log", "range": [2.2, 7.2], "anchor": "y", "exponentformat": "SI", "dtick": 1,
            "title": {"text": "parameters, or counts stored", "standoff": 6},
        },
        "yaxis": y | {"domain": [0.57, 1]},
        "xaxis2": {
            "type": "log", "range": [-1.2, 4.1], "anchor": "y2", "tickvals": ticks,
            "ticktext": [*map(str, ticks[:-2]), "1k", "all"], "tickangle": 0,
            "title": {"text": "characters of the text before that are seen", "standoff": 6},
        },
        "yaxis2": y | {"domain": [0, 0.43], "anchor": "x2"},
    }  # fmt: skip


def ladder_table(models: Sequence[Measured]) -> Markup:
    """What the picture shows, in text, with what each model sees and how much it holds."""
    row = Markup('<tr><th scope="row">{}</th><td>{}</td><td>{}</td><td>{}</td><td>{}</td></tr>')
    rows = (
        row.format(
            one.title, digits(one.held), digits(one.text), one.sees, held(one.size, one.unit)
        )
        for one in models
    )
    return Markup(
        '<table class="numbers"><caption>{}</caption><thead><tr><th scope="col">Model</th>'
        '<th scope="col">Held out</th><th scope="col">Yours</th>'
        '<th scope="col">Sees</th><th scope="col">Holds</th></tr></thead><tbody>{}</tbody></table>'
    ).format(CAPTION, Markup("").join(rows))


def digits(bits: float | None) -> str:
    return "\N{EN DASH}" if bits is None else f"{bits:.3f}"


def held(size: int, unit: str) -> str:
    """How much a model holds, in a few digits."""
    if size < 10_000:
        return f"{size:,} {unit}"
    if size < 999_500:
        return f"{size / 1e3:.0f} k {unit}"
    return f"{size / 1e6:.1f} million {unit}"
