"""The answer to an analogy, and what it would be if a, b and c could win, or could not."""

from __future__ import annotations

from markupsafe import Markup


def verdict(
    answer: str | None, otherwise: str | None, may_win: bool, nowhere: bool = False
) -> Markup:
    """otherwise: the answer under the other rule; None where it is the same. may_win: a, b or c.
    nowhere: a and b are one word."""
    if nowhere:
        return Markup('<p class="verdict">From a word to itself there is no way to follow.</p>')
    if answer is None:
        return Markup('<p class="verdict">No other word is left.</p>')
    if may_win:
        honest = (
            "None of the three that were asked with comes before it."
            if otherwise is None
            else f"It is one of the three; with those left out it would have been {otherwise}."
        )
    else:
        honest = (
            "It wins here even when the three query words are not left out."
            if otherwise is None
            else f"Had the three not been left out, the answer would have been {otherwise}."
        )
    where = "of all" if may_win else "but the three"
    return Markup(
        '<p class="verdict"><b>{}</b> <span>is the nearest word {}. {}</span></p>'
    ).format(answer, where, honest)
