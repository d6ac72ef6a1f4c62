"""A word in its n-grams: a chip each at its place, and neighbours with and without some of them."""

from __future__ import annotations

import json
from collections.abc import Sequence

import numpy as np
from markupsafe import Markup
from numpy.typing import NDArray

from components.shared.drawing.bars import Row, bar, bars
from components.shared.drawing.numbers import signed

CHIPS, LISTS = 210, 300  # px
STRONGEST = 0.2  # the share at which a chip has its full colour
Near = Sequence[tuple[str, float]]

CHIP = Markup(
    '<button type="button" class="piece {kind}" aria-pressed="{on}" data-inputs="{inputs}" '
    'style="grid-column: {column} / span {length}; grid-row: {row}; --strength: {strength}%">'
    "<span>{text}</span> <small>{share}</small></button>"
)


def chips(
    word: str,
    pieces: Sequence[str],
    starts: Sequence[int],
    shares: NDArray[np.floating],
    off: Sequence[str],
) -> Markup:
    """The letters of a word, and under them every piece with its share; a click switches it."""
    marked = f"<{word}>"
    letters = Markup("").join(Markup("<b>{}</b>").format(letter) for letter in marked)
    rows = _rows([len(piece) for piece in pieces], starts)
    made = Markup("").join(
        CHIP.format(
            kind=_kind(piece in off, share),
            on="false" if piece in off else "true",
            inputs=json.dumps({"off": " ".join(_switched(off, piece))}, ensure_ascii=False),
            column=start + 1,
            length=len(piece),
            row=row + 2,
            strength=round(100 * min(1.0, abs(share) / STRONGEST)),
            text=piece,
            share="off" if piece in off else _percent(share),
        )
        for piece, start, row, share in zip(pieces, starts, rows, shares.tolist(), strict=True)
    )
    return Markup(
        '<div class="scroll"><div class="word-pieces" style="--letters: {}" role="group" '
        'aria-label="Pieces of {}, with the share of each in its vector">{}{}</div></div>'
    ).format(len(marked), word, letters, made)


def _percent(share: float) -> str:
    return f"{round(100 * share)}\N{NO-BREAK SPACE}%".replace("-", "\N{MINUS SIGN}")


def _rows(lengths: Sequence[int], starts: Sequence[int]) -> list[int]:
    """In which row each stands, so that none covers another: shorter ones above."""
    below = {length: sum(range(min(lengths), length)) for length in set(lengths)}
    return [below[length] + start % length for length, start in zip(lengths, starts, strict=True)]


def _kind(off: bool, share: float) -> str:
    return "off" if off else ("less" if share < 0 else "")


def _switched(off: Sequence[str], piece: str) -> list[str]:
    return [one for one in off if one != piece] if piece in off else [*off, piece]


def nearest(word: str, whole: Near, learned: float | None) -> Markup:
    """The neighbours with all pieces; learned: the cosine with the word's own vector, if any."""
    seen = (
        "Nobody has seen this word."
        if learned is None
        else f"This word was seen; its own vector has a cosine of {signed(learned)} with this one."
    )
    return bars(f"{word}, of all its pieces", f"{seen} Nearest words, by cosine.", _bars(whole))


def moved(whole: Near, left: Near, likeness: float) -> Markup:
    """Those without the pieces that are off, the new ones marked."""
    if not left:
        return bars("Without some pieces", "Switch a piece off above: the neighbours move.")
    before = {name for name, _ in whole}
    stayed = sum(name in before for name, _ in left)
    told = f"Cosine with the vector of all: {signed(likeness)}. {stayed} of {len(left)} have stayed"
    told += "; the others are marked." if stayed < len(left) else "."
    return bars("Without the pieces that are off", told, _bars(left, before))


def _bars(near: Near, before: set[str] | None = None) -> list[Row]:
    return [
        bar(
            name,
            max(0.0, cosine),
            signed(cosine),
            "",
            "hit" if before is not None and name not in before else "",
        )
        for name, cosine in near
    ]
