"""Token labels and short notes as HTML. All text is escaped here and nowhere else."""

from __future__ import annotations

from collections.abc import Iterable

from markupsafe import Markup, escape

from analysis.tokens import Span


def spelling(spans: Iterable[Span]) -> Markup:
    """A label; symbols that stand for invisible characters are set apart."""
    return Markup("").join(
        Markup("<i>{}</i>").format(span.text) if span.symbol else escape(span.text)
        for span in spans
    )


def note(text: str) -> Markup:
    """A line that says what was changed or left out; its height is reserved when empty."""
    return Markup('<p class="note" role="status">{}</p>').format(text)


def percent(share: float) -> str:
    """A share between 0 and 1 with three digits where they matter: 0.04 %, 3.1 %, 54.5 %."""
    value = 100 * share
    if 0 < value < 0.01:
        return "< 0.01 %"
    return f"{value:.2f} %" if value < 0.995 else f"{value:.1f} %"
