"""Rows of a label, a bar and a number: cosines, counts, shares."""

from __future__ import annotations

from collections.abc import Iterable

from markupsafe import Markup


def bar(label: Markup | str, share: float, value: str, remark: str = "", kind: str = "") -> Markup:
    """One row; `share` of the track is filled, `kind` is one of "", "hit", "query"."""
    return Markup(
        '<li class="bar {}"><code>{}</code><span class="track"><u class="kept" '
        'style="width:{:.1f}%"></u></span><span class="value">{}</span>'
        '<span class="remark">{}</span></li>'
    ).format(kind, label, 100 * max(0.0, min(1.0, share)), value, remark)


def bars(title: str, caption: str, rows: Iterable[Markup]) -> Markup:
    """A titled list of rows; the caption says what their numbers are."""
    return Markup(
        '<section class="bars" data-widget="bars"><h2>{}</h2><p>{}</p><ol>{}</ol></section>'
    ).format(title, caption, Markup("").join(rows))
