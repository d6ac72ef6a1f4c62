"""Rows of a label, a bar and a number: cosines, counts, shares. bars.js draws them."""

from __future__ import annotations

import json
from collections.abc import Iterable

from markupsafe import Markup

Row = tuple[str, float, str | float, str, str]


def bar(label: str, share: float, value: str | float, remark: str = "", kind: str = "") -> Row:
    """One row; `share` of the track is filled, `kind` is one of "", "hit", "query".

    value: what stands beside the bar; a number is written as a percentage.
    """
    return label, share, value, remark, kind


def bars(title: str, caption: str, rows: Iterable[Row] = ()) -> Markup:
    """A titled list of rows; the caption says what their numbers are."""
    value = json.dumps([title, caption, [list(row) for row in rows]], ensure_ascii=False)
    return Markup('<section class="bars" data-widget="bars" data-value="{}"></section>').format(
        value
    )
