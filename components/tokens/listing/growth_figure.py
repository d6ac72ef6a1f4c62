"""How a vocabulary grew: a count against the rank of every merge, both on logarithmic axes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from components.shared.drawing.figure_template import ACCENT, SERIES, TEMPLATE, TEXT
from components.shared.drawing.figures import plain
from components.shared.drawing.lane_data import name as written
from components.tokens.listing.growth import counted, in_order, merged_as, some, used_as
from components.tokens.listing.rows import Pieces

if TYPE_CHECKING:
    from plotly.graph_objects import Figure, Scatter

HEIGHT = 275  # px
NEVER = 0.1
"""Where a count of 0 stands on an axis that has no 0."""
HARDLY, SIZES = "hardly trained", "bytes"
TENS = [10**power for power in range(10)]


def figure(pieces: Pieces, merges: int, token: int) -> Figure:
    """token: the piece that is marked. What later merges made is greyed."""
    from plotly import graph_objects  # noqa: PLC0415  # heavy

    order = in_order(pieces)
    place = {piece: x for x, piece in enumerate(order, start=1)}
    hardly = [piece for piece in pieces.hardly() if piece in place]
    common = [piece for piece in order if piece not in set(hardly)]
    pairs = counted(pieces)
    seen = [(pieces.used(i) or 0) for i in range(len(pieces.listed.pieces))]
    sizes = pieces.uses is None and not pairs
    value = {i: len(held) for i, held in pieces.listed.pieces.items()} if sizes else seen

    def points(which: Sequence[int], heights: Sequence[float], name: str, **looks: Any) -> Scatter:
        return graph_objects.Scatter(
            x=[place[one] for one in which],
            y=[one or NEVER for one in heights],
            customdata=list(which),
            name=name,
            text=[
                f"{plain(written(one, pieces.listed))}: {height:,}"
                for one, height in zip(which, heights, strict=True)
            ],
            hovertemplate=f"%{{text}}<br>{name}<extra></extra>",
            **looks,
        )

    drawn = []
    if pairs:
        shown = some(pairs)
        counts = [pieces.listed.learned[i].pairs or 0 for i in shown]
        looks = {"mode": "lines", "line": {"color": SERIES[0], "width": 3}}
        drawn.append(points(shown, counts, merged_as(pieces), **looks))
    if pieces.uses is not None or sizes:
        dots = {"color": SERIES[7], "size": 6}
        shown = some(common)
        name = SIZES if sizes else used_as(pieces)
        drawn.append(points(shown, [value[i] for i in shown], name, mode="markers", marker=dots))
        rare = {"color": SERIES[1], "size": 9, "symbol": "diamond"}
        drawn.append(
            points(hardly, [value[i] for i in hardly], HARDLY, mode="markers", marker=rare)
        )
    if token in place and (pieces.uses is not None or sizes):
        ring = {"color": ACCENT, "size": 20, "symbol": "circle-open", "line": {"width": 3}}
        drawn.append(points([token], [value[token]], "chosen", mode="markers", marker=ring))
    return graph_objects.Figure(drawn, layout(pieces, merges, len(order), sizes))


def layout(pieces: Pieces, merges: int, last: int, sizes: bool) -> dict[str, Any]:
    learned = pieces.learned_first
    limit = min(merges, learned) if learned else last
    later = {
        "type": "rect", "xref": "x", "yref": "paper", "layer": "above",
        "x0": max(limit, 0.8), "x1": last * 1.2, "y0": 0, "y1": 1,
        "fillcolor": "rgba(128,128,128,0.45)", "line": {"width": 0},
    }  # fmt: skip
    size = {"size": TEXT}
    order = "merge: 1 was learned first" if learned else "rank: 1 is the most frequent"
    if sizes and not learned:
        order = "id"
    heights: dict[str, Any] = {"title": {"text": SIZES if sizes else "times"}}
    if not sizes:
        heights |= {
            "type": "log",
            "tickvals": [NEVER, *TENS[1::2]],
            "ticktext": ["0", *(_short(one) for one in TENS[1::2])],
        }
    heights["title"]["font"] = size
    return {
        "template": TEMPLATE,
        "height": HEIGHT,
        "margin": {"l": 8, "r": 12, "t": 8, "b": 8},
        "showlegend": False,
        "shapes": [later] if limit < last else [],
        "xaxis": {
            "type": "log",
            "title": {"text": order, "font": size},
            "range": [np.log10(0.8), np.log10(max(last, 2) * 1.2)],
            "tickvals": TENS,
            "ticktext": [_short(one) for one in TENS],
        },
        "yaxis": heights,
    }


def _short(number: int) -> str:
    """Powers of ten as an axis has them: 1,000, and 10 M."""
    return f"{number // 1_000_000:,} M" if number >= 1_000_000 else f"{number:,}"
