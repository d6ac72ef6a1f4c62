"""A text that the dice write: what stands there, the moves, the last roll, and all before it."""

from __future__ import annotations

import json
from collections.abc import Sequence

import numpy as np
from markupsafe import Markup

from analysis.pairs import Roll, distances, shares
from components.ladder.counts.pair_tables import PairTable
from components.ladder.moves import move
from components.shared.drawing.dice import Segment, cumulative

LISTED = 3  # of the newest rolls
NEAR = 3  # rows that are named as the nearest


def stepper(table: PairTable, letters: Sequence[int], rolls: Sequence[Roll], most: int) -> Markup:
    """Everything beside the map. letters: of the text so far; most: rolls that are possible."""
    return Markup('<section class="stepper rolls">{}{}{}{}{}</section>').format(
        written(table, letters),
        moves(table, letters[0], len(rolls), most),
        last_roll(table, rolls[-1]) if rolls else before_any(table, letters[0]),
        listed(table, rolls),
        one_hot(table, letters[-1]),
    )


def written(table: PairTable, letters: Sequence[int]) -> Markup:
    """The text; its last letter names the row of the next roll."""
    text = "".join(table.label(letter) for letter in letters[:-1])
    return Markup(
        '<div class="sheet"><div class="out">{}<mark>{}</mark><span class="caret"></span></div>'
        "</div>"
    ).format(text, table.label(letters[-1]))


def moves(table: PairTable, start: int, count: int, most: int) -> Markup:
    """Buttons that set the inputs of the view: the number of rolls, and the row to begin in."""
    rows = Markup("").join(
        Markup('<button type="button" data-inputs="{}"{}>{}</button>').format(
            json.dumps({"start": table.letters[letter], "rolls": 1}),
            Markup(' aria-pressed="true"') if letter == start else "",
            table.label(letter),
        )
        for letter in table.shown
    )
    return Markup(
        '<div class="stepper-moves">{}{}{}<span>{}</span></div>'
        '<div class="rows" role="group" aria-label="Begin in the row of">{}</div>'
    ).format(
        move("Roll", {"rolls": count + 1} if count < most else None, "step-on"),
        move("Back", {"rolls": count - 1} if count else None),
        move("Start over", {"rolls": 0} if count else None),
        f"{count} rolled" if count else "not rolled yet",
        rows,
    )


def before_any(table: PairTable, row: int) -> Markup:
    return Markup('<p class="fallen">The next roll is in row {}.</p>').format(table.label(row))


def last_roll(table: PairTable, roll: Roll) -> Markup:
    """Where the number fell in its row."""
    counts = table.counts[roll.row]
    ends = (counts.cumsum() / counts.sum()).tolist()
    starts = [0.0, *ends[:-1]]
    parts = [
        Segment(table.label(i), starts[i], ends[i], "hit" if i == roll.column else "")
        for i in np.flatnonzero(counts).tolist()
    ]
    said = (
        f"In row {table.label(roll.row)} the dice show {roll.number:.4f}. Laid end to end, "
        f"{table.label(roll.column)} covers {roll.start:.4f} to {roll.end:.4f}, for it followed "
        f"{counts[roll.column]:,} of {counts.sum():,} times."
    )
    return Markup('{}<p class="fallen">{}</p>').format(cumulative(parts, roll.number), said)


def listed(table: PairTable, rolls: Sequence[Roll]) -> Markup:
    """The newest rolls, the last on top."""
    row = Markup(
        "<tr><td>{}</td><td><code>{}</code></td><td>{:.4f}</td><td>{:.4f} to {:.4f}</td>"
        "<td><code>{}</code></td></tr>"
    )
    newest = list(enumerate(rolls, 1))[-LISTED:][::-1]
    rows = Markup("").join(
        row.format(
            number, table.label(one.row), one.number, one.start, one.end, table.label(one.column)
        )
        for number, one in newest
    )
    heads = ("Roll", "In row", "Dice", "Fell in", "Writes")
    head = Markup("").join(Markup('<th scope="col">{}</th>').format(one) for one in heads)
    return Markup(
        '<table class="numbers"><thead><tr>{}</tr></thead><tbody>{}</tbody></table>'
    ).format(head, rows)


def one_hot(table: PairTable, letter: int) -> Markup:
    """The letter as a one-hot vector, and how near the rows of other letters are to its row."""
    shown = table.shown
    cells = Markup("").join(
        Markup("<b>1</b>") if one == letter else Markup("<i>0</i>") for one in shown
    )
    rows = shares(table.counts)
    apart = distances(rows, letter)
    nearest = sorted((i for i in shown if i != letter), key=lambda i: apart[i])[:NEAR]
    near = ", ".join(f"{table.label(i)} {apart[i]:.2f}" for i in nearest)
    return Markup(
        '<div class="one-hot"><h2>{} as a one-hot vector</h2><p aria-hidden="true">{}</p>'
        "<p>Any two of these are √2 = 1.41 apart; the rows of the table are not. "
        "Nearest to row {}: {}.</p></div>"
    ).format(table.label(letter), cells, table.label(letter), near)
