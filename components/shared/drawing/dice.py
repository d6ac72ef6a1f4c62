"""The number that the dice drew, on a bar from 0 to 1 that all choices share."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from markupsafe import Markup

NARROW = 0.025  # of the bar; what is narrower has no room for a label


class Segment(NamedTuple):
    """The stretch of one choice on the bar."""

    label: str
    start: float
    end: float
    kind: str = ""
    """hit for the one that was drawn, others for several together."""


def cumulative(segments: Iterable[Segment], number: float) -> Markup:
    """Choices laid end to end, and a mark where the number fell. What it says stands beside it."""
    parts = Markup("").join(
        Markup('<u class="{}" style="width:{:.3f}%" title="{}: {:.3f} to {:.3f}">{}</u>').format(
            f"{one.kind}{' narrow' if one.end - one.start < NARROW else ''}".strip(),
            100 * (one.end - one.start),
            one.label,
            one.start,
            one.end,
            "" if one.end - one.start < NARROW else one.label,
        )
        for one in segments
    )
    return Markup(
        '<div class="cumulative" aria-hidden="true">{}<b style="left:{:.3f}%"></b></div>'
    ).format(parts, 100 * number)
