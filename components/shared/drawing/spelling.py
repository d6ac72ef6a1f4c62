"""Token labels and short notes as HTML. All text is escaped here and nowhere else."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import groupby

from markupsafe import Markup, escape

from analysis.characters import Span

WAITING = (
    '<p class="waiting">Nothing to show yet. The first result takes a few seconds while the model '
    "is loaded; if it cannot be loaded, the line at the top says why.</p>"
)
"""Stands where a result will be."""


def spelling(spans: Iterable[Span]) -> Markup:
    """A label; symbols that stand for invisible characters are set apart."""
    return Markup("").join(
        Markup("<i>{}</i>").format(span.text) if span.symbol else escape(span.text)
        for span in spans
    )


def written(spans: Iterable[Span]) -> list[tuple[str, bool]]:
    """The spans as JSON, with those in a row joined: letters in one text shape each other."""
    return [
        ("".join(span.text for span in row), symbol)
        for symbol, row in groupby(spans, key=lambda span: span.symbol)
    ]


def note(text: str) -> Markup:
    """A line that says what was changed or left out; its height is reserved when empty."""
    return Markup('<p class="note" role="status">{}</p>').format(text)
