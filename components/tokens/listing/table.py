"""Rows of the vocabulary for the page and for programs, and how it grew."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from components.shared.drawing.lane_data import named
from components.shared.drawing.spelling import written
from components.tokens.listing.growth import counted, merged_as, told, used_as
from components.tokens.listing.rows import RARE, Pieces

Written = list[tuple[str, bool]]


def read(pieces: Pieces, token: int) -> Written:
    """How a piece reads, for a script, with the marks that its vocabulary writes."""
    before, after = pieces.listed.marks.get(token, ("", ""))
    marks = [[(mark, True)] if mark else [] for mark in (before, after)]
    return [*marks[0], *written(named(token, pieces.listed)), *marks[1]]


def row_data(pieces: Pieces, token: int) -> dict[str, Any]:
    """What is known of a piece; in `text` U+FFFD stands for a part of a character."""
    held, made = pieces.listed.pieces[token], pieces.listed.learned.get(token)
    return {
        "id": token,
        "text": held.decode("utf-8", errors="replace"),
        "bytes": held.hex(),
        "length": len(held),
        "merge": made.rank if made else None,
        "count": made.pairs if made else None,
        "uses": uses_of(pieces, token),
        "vector": pieces.vector(token),
    }


def uses_of(pieces: Pieces, token: int) -> dict[str, int]:
    """How often a piece stands in each training text; nothing of a mark that no text spells."""
    if pieces.used(token) is None:
        return {}
    return {text: counts[token] for text, counts in pieces.listed.uses.items()}


def table(pieces: Pieces, tokens: Sequence[int], chosen: int) -> dict[str, Any]:
    """A page of rows for vocabulary.js: id, how it reads, bytes, merge, count, uses, vector."""
    rows = []
    for token in tokens:
        made, used = pieces.listed.learned.get(token), pieces.used(token)
        rows.append(
            {
                "id": token,
                "read": read(pieces, token),
                "length": len(pieces.listed.pieces[token]),
                "merge": made.rank if made else None,
                "count": made.pairs if made else None,
                "used": used,
                "vector": pieces.vector(token),
                "rare": used is not None and used <= RARE,
                "chosen": token == chosen,
            }
        )
    return {
        "rows": rows,
        "merged": bool(counted(pieces)),
        "counted": pieces.uses is not None,
        "vectors": pieces.inside is not None,
    }


def growth(pieces: Pieces, merges: int) -> dict[str, Any]:
    """The figure in words, and the newest piece once so many merges are known."""
    by_rank = {one.rank: token for token, one in pieces.listed.learned.items()}
    newest = by_rank.get(merges)
    before = len(pieces.listed.pieces) - len(pieces.listed.learned)
    known = sum(one.rank <= merges for one in pieces.listed.learned.values())
    return {
        "told": told(pieces),
        "lines": [
            merged_as(pieces) if counted(pieces) else "",
            used_as(pieces) if pieces.uses else "",
        ],
        "counted": pieces.uses is not None,
        "merges": merges,
        "learned": pieces.learned_first,
        "vocabulary": before + known,
        "newest": None if newest is None else read(pieces, newest),
        "count": None if newest is None else pieces.listed.learned[newest].pairs,
        "correlation": pieces.correlation(),
    }
