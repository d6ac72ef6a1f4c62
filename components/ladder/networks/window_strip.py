"""The sliding window on a text: the context, what comes next, and the pairs so far."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np
from markupsafe import Markup

from analysis.characters import visible
from components.ladder.moves import move
from components.shared.drawing.bars import bar, bars

if TYPE_CHECKING:
    from inference.tasks.ladder.sliding_window import SlidWindow

LISTED = 3  # of the newest pairs
SHOWN = 4  # characters with a bar; the true one is among them
NOTHING = "□"
"""A place of the window before the text begins."""


def spelled(piece: bytes) -> str:
    """A character as the page spells it."""
    text = piece.decode("utf-8", errors="replace")
    return "".join(span.text for span in visible(text))


def context(found: SlidWindow, pair: int) -> list[str]:
    """The labels in the window of a pair, counted from 1; empty places first."""
    seen = [spelled(piece) for piece in found.tokens.pieces[max(0, pair - found.size) : pair]]
    return [NOTHING] * (found.size - len(seen)) + seen


def slider(found: SlidWindow, pair: int) -> Markup:
    """Everything beside the map, for a pair counted from 1."""
    return Markup('<section class="stepper window">{}{}{}{}{}</section>').format(
        text(found, pair),
        moves(pair, len(found.chances)),
        cells(found, pair),
        guesses(found, pair),
        listed(found, pair),
    )


def text(found: SlidWindow, pair: int) -> Markup:
    """The text with the window and what comes next marked."""
    pieces = [spelled(piece) for piece in found.tokens.pieces]
    start = max(0, pair - found.size)
    return Markup(
        '<div class="out">{}<span class="inside">{}</span><mark>{}</mark>{}</div>'
    ).format(
        "".join(pieces[:start]),
        "".join(pieces[start:pair]),
        pieces[pair],
        "".join(pieces[pair + 1 :]),
    )


def moves(pair: int, count: int) -> Markup:
    """Buttons that set the pair."""
    return Markup('<div class="stepper-moves">{}{}{}<span>pair {} of {}</span></div>').format(
        move("Step", {"pair": pair + 1} if pair < count else None, "step-on"),
        move("Back", {"pair": pair - 1} if pair > 1 else None),
        move("First", {"pair": 1} if pair > 1 else None),
        pair,
        count,
    )


def cells(found: SlidWindow, pair: int) -> Markup:
    """The window as places in order, the next character, and how many numbers go in."""
    inside = Markup("").join(Markup("<b>{}</b>").format(one) for one in context(found, pair))
    width = found.vectors.shape[1]
    return Markup(
        '<p class="cells"><span>{}</span> → <mark>{}</mark></p>'
        '<p class="fallen">{} letters, each looked up as {} numbers: {} numbers go in, and '
        "a probability for each of {} characters comes out.</p>"
    ).format(
        inside,
        spelled(found.tokens.pieces[pair]),
        found.size,
        width,
        found.size * width,
        found.chances.shape[1],
    )


def guesses(found: SlidWindow, pair: int) -> Markup:
    """The likeliest next characters, and the true one."""
    row, true = found.chances[pair - 1], found.tokens.ids[pair]
    order = np.argsort(-row, kind="stable")
    chosen = order[:SHOWN].tolist()
    if true not in chosen:
        chosen[-1] = true
    rank = 1 + int((row > row[true]).sum())
    return bars(
        "What the network expects",
        f"What comes is its choice number {rank} and costs {-math.log2(row[true]):.2f} bits.",
        (
            bar(
                "end of text" if one == found.end_of_text else spelled(found.pieces[one]),
                float(row[one]),
                float(row[one]),
                "true" if one == true else "",
                "hit" if one == true else "",
            )
            for one in chosen
        ),
    )


def listed(found: SlidWindow, pair: int) -> Markup:
    """The newest pairs of the training text that this would be, the last on top."""
    rows = Markup("").join(
        Markup(
            "<tr><td>{}</td><td><code>{}</code></td><td><code>{}</code></td><td>{:.2f}</td></tr>"
        ).format(
            one,
            "".join(context(found, one)),
            spelled(found.tokens.pieces[one]),
            -math.log2(found.chances[one - 1, found.tokens.ids[one]]),
        )
        for one in range(pair, max(0, pair - LISTED), -1)
    )
    heads = ("Pair", "Context", "Next", "Bits")
    head = Markup("").join(Markup('<th scope="col">{}</th>').format(one) for one in heads)
    return Markup(
        '<table class="numbers"><thead><tr>{}</tr></thead><tbody>{}</tbody></table>'
    ).format(head, rows)
