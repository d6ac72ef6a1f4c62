"""What two classifiers say of some lines, as a table."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from markupsafe import Markup
from numpy.typing import NDArray

from components.embeddings.sentences.labelled import Line
from components.embeddings.sentences.left_out import LeftOut

HEIGHT = 460  # px
KINDS = ("Linear, counts", "Averaged vectors")


class Verdict(NamedTuple):
    """Of one line."""

    line: Line
    seen: Sequence[bool]
    """Of every word, whether it stood in the lines that were learned from."""
    linear: NDArray[np.float64]
    averaging: NDArray[np.float64]
    hangs_on: tuple[LeftOut | None, LeftOut | None]
    """The word that moves each of the two verdicts most when it is left out."""


def verdicts(
    rows: Sequence[Verdict], names: Sequence[str], scores: tuple[tuple[int, int], tuple[int, int]]
) -> Markup:
    """A row a line; words that were never learned from are dotted."""
    told = Markup("").join(
        Markup("<th scope='col'>{}<small>{}</small></th>").format(
            kind, f"{right} of {among} right" if among else ""
        )
        for kind, (right, among) in zip(KINDS, scores, strict=True)
    )
    body = Markup("").join(
        Markup("<tr><th scope='row'>{} {}</th>{}{}</tr>").format(
            _words(row), _label(row.line),
            *(_cell(found, names, row.line.label, word) for found, word in
              zip((row.linear, row.averaging), row.hangs_on, strict=True)),
        )
        for row in rows
    )  # fmt: skip
    return Markup(
        '<table class="verdicts"><thead><tr><td></td>{}</tr></thead><tbody>{}</tbody></table>'
        '<p class="trust">Dotted: words that stood in no line to learn from. The linear classifier '
        "cannot see them. Without: the word that moves the verdict most when it is left out, and "
        "how probable the same verdict is then.</p>"
    ).format(told, body)


def _words(row: Verdict) -> Markup:
    marks = (Markup("<span>{}</span>"), Markup('<span class="unseen">{}</span>'))
    return Markup(" ").join(
        marks[not seen].format(word) for word, seen in zip(row.line.words, row.seen, strict=True)
    )


def _label(line: Line) -> Markup:
    return Markup("<small>{}</small>").format(line.label) if line.label else Markup()


def _cell(
    found: NDArray[np.float64], names: Sequence[str], label: str, word: LeftOut | None
) -> Markup:
    best = int(found.argmax())
    wrong = bool(label) and names[best] != label
    return Markup('<td class="{}" style="--share: {}%"><b>{}</b> {}&nbsp;%{}{}</td>').format(
        "wrong" if wrong else "",
        round(100 * float(found[best])),
        names[best],
        f"{100 * found[best]:.0f}",
        Markup(" <i>wrong</i>") if wrong else "",
        ""
        if word is None
        else Markup("<small>without {}: {}&nbsp;%</small>").format(
            word.word, f"{100 * word.probability:.0f}"
        ),
    )
