"""What attention costs, drawn: seconds and bytes over the length, both by powers of ten."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from markupsafe import Markup

from analysis.positions.cost import Shape, slope
from components.shared.drawing.curves import Line, curves
from components.shared.drawing.figure_template import SERIES

if TYPE_CHECKING:
    from plotly.graph_objects import Figure

    from inference.tasks.attention.cost import AttentionSeconds

HEIGHT = 260  # px
STEEP = 3  # longest lengths, of which a slope is taken
WRITTEN, FUSED, AGAIN, CACHED = "written out", "fused kernel", "without cache", "with cache"
LOOKS = {
    WRITTEN: (SERIES[1], "solid"),
    FUSED: (SERIES[0], "dash"),
    AGAIN: (SERIES[4], "dot"),
    CACHED: (SERIES[3], "dashdot"),
}
BY = "\N{MULTIPLICATION SIGN}"
LOG = {"type": "log", "dtick": 1}


def shape_of(found: AttentionSeconds) -> Shape:
    return Shape(found.layers, found.heads, found.head_width)


def steep(lengths: np.ndarray, values: np.ndarray) -> float:
    """The slope at the longest lengths."""
    return slope(lengths[-STEEP:].astype(np.float64), values[-STEEP:].astype(np.float64))


def kernel_lines(found: AttentionSeconds) -> list[Line]:
    """Milliseconds of one layer."""
    named = ((WRITTEN, found.written_out), (FUSED, found.fused))
    return [Line(name, *LOOKS[name], 1e3 * values) for name, values in named]


def memory_lines(found: AttentionSeconds) -> list[Line]:
    """Megabytes of one layer."""
    shape, lengths = shape_of(found), found.lengths.tolist()
    named = ((WRITTEN, shape.written_bytes), (FUSED, shape.fused_bytes))
    return [
        Line(name, *LOOKS[name], np.array([of(one) for one in lengths]) / 1e6) for name, of in named
    ]


def token_lines(found: AttentionSeconds) -> list[Line]:
    """Milliseconds of the model for its next token."""
    named = ((AGAIN, found.again), (CACHED, found.cached))
    return [Line(name, *LOOKS[name], 1e3 * values) for name, values in named]


def figures(found: AttentionSeconds) -> list[Figure]:
    """Seconds, bytes, and seconds of the next token."""
    parts = (
        (found.lengths, kernel_lines(found), "tokens", "ms, one layer"),
        (found.lengths, memory_lines(found), "tokens", "MB, one layer"),
        (found.read, token_lines(found), "tokens before", "ms, next token"),
    )
    return [_log_log(*part) for part in parts]


def _log_log(lengths: np.ndarray, lines: list[Line], x: str, y: str) -> Figure:
    drawn = curves(lengths, lines, (x, y), HEIGHT, **LOG)
    drawn.update_traces(mode="lines+markers", marker={"size": 7})
    shown = lengths[::-1][::2].tolist()
    ticks: dict[str, Any] = {"tickvals": shown, "ticktext": [f"{n:,}" for n in shown]}
    drawn.update_xaxes(type="log", **ticks)
    return drawn


def slopes(found: AttentionSeconds) -> dict[str, dict[str, float]]:
    """By picture and line: the power of the length at the longest lengths."""
    pictures = {
        "time": (found.lengths, kernel_lines(found)),
        "memory": (found.lengths, memory_lines(found)),
        "token": (found.read, token_lines(found)),
    }
    return {
        name: {line.name: steep(lengths, line.values) for line in lines}
        for name, (lengths, lines) in pictures.items()
    }


def told(found: AttentionSeconds, length: int) -> Markup:
    """Slopes and last points as a table, and the sums for one length with the model's numbers."""
    powers = {  # no power of -0
        key: {name: round(one, 1) + 0.0 for name, one in lines.items()}
        for key, lines in slopes(found).items()
    }
    rows = (
        ("Seconds of one layer", "time", kernel_lines(found), found.lengths, "ms"),
        ("Memory of one layer", "memory", memory_lines(found), found.lengths, "MB"),
        ("Next token", "token", token_lines(found), found.read, "ms"),
    )
    cell = Markup(
        '<tr><th scope="row">{}, {}</th><td>{:,.3g} {} at {:,}</td><td>N<sup>{:.1f}</sup></td></tr>'
    )
    body = Markup("").join(
        cell.format(title, line.name, line.values[-1], unit, lengths[-1], powers[key][line.name])
        for title, key, lines, lengths, unit in rows
        for line in lines
    )
    return Markup(
        '<div class="cost-told"><table class="numbers"><thead><tr><th scope="col">Cost</th>'
        '<th scope="col">Longest</th><th scope="col">Grows as</th></tr></thead>'
        "<tbody>{}</tbody></table>{}</div>"
    ).format(body, _sums(shape_of(found), length))


def _sums(shape: Shape, n: int) -> Markup:
    """The formulae with numbers."""
    lines = (
        f"Scores of a layer: {shape.heads} heads {BY} {n:,}² = {shape.scores(n):,}",
        f"Written out: 3 {BY} 4 bytes {BY} scores = {amount(shape.written_bytes(n))}",
        f"Fused: {shape.heads} heads {BY} {n:,} {BY} {shape.head_width} {BY} 4 bytes = "
        f"{amount(shape.fused_bytes(n))}",
        f"Cache: 2 {BY} {shape.layers} layers {BY} that = {amount(shape.cache_bytes(n))}",
    )
    listed = Markup("").join(Markup("<li>{}</li>").format(one) for one in lines)
    return Markup('<ul class="cost-sums">{}</ul>').format(listed)


def amount(size: int) -> str:
    """Bytes in a few digits."""
    for unit in ("bytes", "kB", "MB", "GB", "TB"):
        if size < 1000 or unit == "TB":
            break
        size /= 1000  # type: ignore[assignment]
    return f"{size:,.3g} {unit}" if size < 999.5 else f"{size:,.0f} {unit}"
