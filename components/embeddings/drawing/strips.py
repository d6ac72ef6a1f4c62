"""Ratios on a logarithmic scale: a row each, with its counts, an interval and a point."""

from __future__ import annotations

from collections.abc import Sequence
from math import ceil, inf, log10
from typing import NamedTuple

from markupsafe import Markup

from analysis.words.ratios import Near, Ratio
from components.shared.drawing.numbers import percent

POWERS = 3  # of ten, from the middle to an end, at most
SIDES = {1: "one", -1: "other", 0: "either"}
ROW = Markup(
    '<tr class="{side}"><th scope="row">{word}</th><td>{one}</td><td>{other}</td>'
    '<td class="ratio-place"><i style="left: {low}%; right: {high}%"></i>{point}</td>'
    "<td>{told}</td></tr>"
)


class Row(NamedTuple):
    """A word, how often it stood near two others, and the ratio of its shares."""

    word: str
    one: Near
    other: Near
    ratio: Ratio


def strips(rows: Sequence[Row], names: tuple[str, str]) -> Markup:
    """A table whose fourth column is the picture; names: of the two words."""
    reach = _reach(rows)
    marks = Markup("").join(
        Markup('<b style="left: {}%">{}</b>').format(_place(10.0**power, reach), _power(power))
        for power in range(-reach, reach + 1)
        if abs(power) in {0, 1, reach}  # the others would stand on each other
    )
    head = Markup(
        '<tr><td></td><th scope="col">near {}</th><th scope="col">near {}</th>'
        '<td class="ratio-scale" aria-hidden="true">{}</td><th scope="col">ratio<small>95&nbsp;%'
        "</small></th></tr>"
    ).format(*names, marks)
    body = Markup("").join(_row(row, reach) for row in rows)
    return Markup('<table class="ratio-strips"><thead>{}</thead><tbody>{}</tbody></table>').format(
        head, body
    )


def _row(row: Row, reach: int) -> Markup:
    value = row.ratio.value
    point, told = Markup(), Markup("{}").format(between(row.ratio))
    if value is not None and 0 < value < inf:
        point = Markup('<b style="left: {}%"></b>').format(_place(value, reach))
        told = Markup("{}<small>{}</small>").format(number(value), told)
    return ROW.format(
        side=SIDES[row.ratio.side],
        word=row.word,
        one=_times(row.one),
        other=_times(row.other),
        low=_place(row.ratio.low, reach),
        high=round(100 - _place(row.ratio.high, reach), 2),
        point=point,
        told=told,
    )


def between(ratio: Ratio) -> str:
    """The interval in words; empty where anything is possible."""
    if ratio.high == inf:
        return f"> {number(ratio.low)}" if ratio.low > 0 else "anything"
    return (
        f"{number(ratio.low)} to {number(ratio.high)}" if ratio.low else f"< {number(ratio.high)}"
    )


def number(value: float) -> str:
    """Two digits that count, or all before the point."""
    if value >= 9.95:
        return f"{value:,.0f}"
    places = 1 if value >= 0.995 else max(2, 1 - int(log10(max(value, 1e-6))))
    return f"{value:.{places}f}"


def _times(near: Near) -> Markup:
    if not near.known:
        return Markup("\N{LESS-THAN OR EQUAL TO} {:,}").format(near.most)
    return Markup("{:,}<small>{}</small>").format(near.least, _percent(near.share or 0))


def _percent(share: float) -> str:
    return percent(share, 2 if share < 0.1 else 1)


def _power(power: int) -> str:
    return f"{10**power:,}" if power >= 0 else f"1/{10**-power:,}"


def _reach(rows: Sequence[Row]) -> int:
    """Powers of ten on either side that hold all ends that are known."""
    ends = [end for row in rows for end in (row.ratio.low, row.ratio.high) if 0 < end < inf]
    return min(POWERS, max((ceil(abs(log10(end))) for end in ends), default=1) or 1)


def _place(value: float, reach: int) -> float:
    """From 0 to 100, with 1 in the middle."""
    if value <= 0 or value == inf:
        return 100.0 if value > 0 else 0.0
    return round(50 + 50 * max(-1.0, min(1.0, log10(value) / reach)), 2)
