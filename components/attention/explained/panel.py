"""The rows as a widget, drawn by explanation.js, and their correlations as a table."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import numpy as np
from markupsafe import Markup

from components.attention.explained.rows import OUT_OF_REACH, Row, correlations
from components.attention.maps import END_OF_TEXT, token_labels
from components.shared.drawing.lane_data import name
from components.shared.drawing.numbers import percent, signed

if TYPE_CHECKING:
    from inference.tasks.attention.explanation import ExplainedText

SHORT = {END_OF_TEXT: "end"}
"""What stands before a text, where the room is narrow; no token of a text is called so."""


def widget(text: ExplainedText, found: list[Row]) -> Markup:
    """Every row over the same tokens, and what else could come."""
    explained, opened = text.explained, text.tokens.opened
    facts: dict[str, Any] = {
        "labels": [SHORT.get(one, one) for one in token_labels(text.tokens)],
        "read": text.read,
        "opened": opened,
        "least": max(opened, 2),
        "at": text.at,
        "target": name(explained.token, text),
        "chance": round(float(explained.following[explained.token]), 5),
        "next": [
            [
                name(token, text),
                round(float(explained.following[token]), 5),
                text.typed[token],
                token == explained.token,
            ]
            for token in text.leading
        ],
        "rows": [
            {
                "name": row.name,
                "means": row.means,
                "unit": row.unit,
                "why": "" if row.values is not None else OUT_OF_REACH,
                "values": [] if row.values is None else np.round(row.values, 4).tolist(),
            }
            for row in found
        ],
    }
    return Markup(
        '<section class="explained" data-widget="explained" data-value="{}"></section>'
    ).format(json.dumps(facts, ensure_ascii=False, separators=(",", ":")))


def complete(text: ExplainedText) -> str:
    """That the attributions sum to the difference of two predictions (truth: R36)."""
    one = text.explained
    total, difference = one.integrated.sum(), one.bits - one.baseline
    return (
        f"Row 5 sums to {total:.2f} of {difference:.2f} bits: from log\u2082 p = "
        f"{signed(one.baseline)}, with the mean of all embeddings at every place, to "
        f"{signed(one.bits)} ({one.steps} steps)."
    )


def matrix(text: ExplainedText, found: list[Row]) -> Markup:
    """Rank correlations of every two rows, each pair once, and what the fifth row sums to."""
    table = correlations(found)
    heads = Markup("").join(
        Markup('<th scope="col" title="{}">{}</th>').format(row.name, i)
        for i, row in enumerate(found[:-1], 1)
    )
    lines = [_line(table, found, i) for i in range(1, len(found))]
    return Markup(
        '<section class="agreement"><h2>Do they agree?</h2><table class="numbers"><thead><tr><td>'
        "</td>{}</tr></thead><tbody>{}</tbody></table><p>Spearman\u2019s rank correlation of the "
        "sizes: 1 is the same order.</p><p>{}</p></section>"
    ).format(heads, Markup("").join(lines), complete(text))


def _line(table: np.ndarray, found: list[Row], i: int) -> Markup:
    cells = Markup("").join(_cell(float(table[i, j]), found[i], found[j]) for j in range(i))
    empty = Markup('<td class="none"></td>') * (len(found) - 1 - i)
    head = Markup('<th scope="row"><b>{}</b> {}</th>').format(i + 1, found[i].name)
    return Markup("<tr>{}{}{}</tr>").format(head, cells, empty)


def _cell(value: float, one: Row, other: Row) -> Markup:
    title = f"{one.name} and {other.name}"
    if np.isnan(value):
        return Markup('<td title="{}">\N{EN DASH}</td>').format(title)
    return Markup('<td class="{}" style="--share:{}%" title="{}">{}</td>').format(
        "up" if value > 0 else "down", round(100 * abs(value)), title, signed(value)
    )


def numbers(text: ExplainedText, found: list[Row]) -> Markup:
    """All rows as a table, a line a token."""
    shown = [row for row in found if row.values is not None]
    heads = Markup("").join(Markup('<th scope="col">{}</th>').format(row.name) for row in shown)
    lines = []
    for at, label in enumerate(token_labels(text.tokens)[: text.read]):
        cells = Markup("").join(Markup("<td>{}</td>").format(written(row, at)) for row in shown)
        lines.append(Markup('<tr><th scope="row"><code>{}</code></th>{}</tr>').format(label, cells))
    return Markup(
        '<details class="all-numbers"><summary>The rows as numbers</summary><div class="scroll">'
        '<table class="numbers"><thead><tr><td></td>{}</tr></thead><tbody>{}</tbody></table></div>'
        "</details>"
    ).format(heads, Markup("").join(lines))


def written(row: Row, at: int) -> str:
    """One number with its unit."""
    assert row.values is not None
    value = float(row.values[at])
    if row.unit == "share":
        return percent(value)
    return signed(value) + ("\N{NO-BREAK SPACE}bits" if row.unit == "bits" else "")
