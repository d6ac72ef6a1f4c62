"""The benchmark as a table of bars, and the failures of the cell that is opened."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from markupsafe import Markup

from components.embeddings.relations.ours import CAPITALS, FACTS, Relation
from components.embeddings.relations.scored import Column, Scored, failures, together
from components.shared.drawing.bars import Row, bar, bars
from components.shared.drawing.numbers import percent

EVERY = "All questions"
"""The row of all relations together."""
GROUPS = {"meaning": "Meaning", "form": "Form"}


@dataclass(frozen=True)
class Shown:
    """The columns that are computed, and the cell that is opened."""

    relations: tuple[Relation, ...]
    columns: tuple[Column, ...]
    pending: tuple[str, ...]
    """The titles of those that are still to come."""
    relation: str
    """The title of the opened one, or `EVERY`."""
    column: str
    published: Mapping[str, Mapping[str, float | None]]
    """Google's questions: by relation and model."""
    note: str


def opened_part(shown: Shown) -> tuple[Column, Scored]:
    """The column and the questions that are opened; the first column while it is not there."""
    column = next((one for one in shown.columns if one.key == shown.column), shown.columns[0])
    if shown.relation == EVERY:
        return column, together(column.relations)
    titles = [one.title for one in shown.relations]
    return column, column.relations[titles.index(shown.relation)]


def table(shown: Shown) -> Markup:
    """table.js draws the bars; a press on one asks for its failures."""
    value = {
        "columns": [{"key": one.key, "title": one.title} for one in shown.columns],
        "pending": shown.pending,
        "rows": rows(shown),
        "opened": [shown.relation, opened_part(shown)[0].key],
    }
    return Markup(
        '<div class="benchmark"><section data-widget="benchmark" data-value="{}"></section>'
        '<section class="failures">{}</section></div>'
    ).format(json.dumps(value, ensure_ascii=False), detail(shown))


def rows(shown: Shown) -> list[dict[str, Any]]:
    """All together, then each group together and its relations."""
    listed = [row(shown, EVERY, list(range(len(shown.relations))), "sum")]
    for group, title in GROUPS.items():
        own = [i for i, one in enumerate(shown.relations) if one.group == group]
        if own:
            listed.append(row(shown, title, own, "group"))
        listed += [row(shown, shown.relations[i].title, [i], "") for i in own]
    return listed


def row(shown: Shown, title: str, places: list[int], kind: str) -> dict[str, Any]:
    """A cell is what is right, what of it is right with nothing left out, and what an answer gets
    that looks at b or c alone, whichever is more."""
    cells = []
    for column in shown.columns:
        shares = together([column.relations[i] for i in places]).shares()
        silly = [shares[one] for one in ("nearest to b", "nearest to c")]
        best = max((one for one in silly if one is not None), default=None)
        cells.append([shares["right"], shares["nothing left out"], best])
    return {"title": title, "kind": kind, "cells": cells}


def detail(shown: Shown) -> Markup:
    """Four ways to answer, the published figure beside them, and the failures."""
    column, part = opened_part(shown)
    right = part.shares()["right"]
    if right is None:
        return bars(shown.relation, f"{column.title} knows none of these words.")
    wrong = part.covered - int(part.right.sum())
    missing = "" if part.covered == part.asked else (
        f" The other {part.asked - part.covered:,} hold a word that it lacks: of all questions it "
        f"answers {percent(part.right.sum() / part.asked)}."
    )  # fmt: skip
    tied = f" {part.tied:,} are tied and decided by which word is commoner." if part.tied else ""
    caption = f"{wrong:,} of {part.covered:,} questions are answered wrong.{missing}{tied}"
    head = bars(f"{shown.relation}, {named(column)}", caption, ways(shown, column, part))
    told = FACTS if shown.relation == CAPITALS else Markup()
    return head + told + listed(shown, column, part)


def named(column: Column) -> str:
    """A model, or how many dimensions."""
    return f"{column.title} dimensions" if column.key.isdecimal() else column.title


def ways(shown: Shown, column: Column, part: Scored) -> list[Row]:
    """What each way of answering gets right."""
    shares = part.shares()
    names = {
        "right": "a, b, c left out",
        "nothing left out": "nothing left out",
        "nearest to c": "nearest to c",
        "nearest to b": "nearest to b",
    }
    found = [
        bar(title, shares[name] or 0.0, shares[name] or 0.0, "", "hit" if name == "right" else "")
        for name, title in names.items()
    ]
    google = next((one.google for one in shown.relations if one.title == shown.relation), "all")
    figure = shown.published.get(google, {}).get(column.key)
    if figure is not None:
        found.append(bar("Google's questions", figure, figure))
    return found


def listed(shown: Shown, column: Column, part: Scored) -> Markup:
    """Every question that was answered wrong."""
    if shown.relation == EVERY:
        return Markup('<p class="trust">Press a bar to read what went wrong in one relation.</p>')
    line = Markup("<tr><td>{} : {} = {} : <b>{}</b></td><td>{}</td><td>{:,}</td></tr>")
    lines = [
        line.format(*one.question, one.expected, one.came, one.rank)
        for one in failures(column, part)
    ]
    head = "<tr><th>question</th><th>answer</th><th>rank</th></tr>"
    return Markup(
        '<div class="failed" tabindex="0" role="region" aria-label="Questions answered wrong">'
        "<table><caption>Questions answered wrong, the answer, and the rank of the expected word"
        "</caption><thead>{}</thead><tbody>{}</tbody></table></div>"
    ).format(Markup(head), Markup("").join(lines))
