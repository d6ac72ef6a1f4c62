"""One text in several tokenizers: a strip of pieces for each, and its figures."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from analysis.characters import joined
from analysis.texts.agreement import Span, spans, unlike
from analysis.texts.round_trip import Culprit, losses
from analysis.tokens import counts, label
from components.shared.drawing.spelling import written
from inference.types.tokenized import Tokenized

MOST_SHOWN = 2_000  # pieces of a strip that are drawn; all of them are counted


def figures(found: Tokenized) -> dict[str, Any]:
    """How many tokens a text takes, for its bytes and its words, and what is lost.

    Words are what whitespace parts, as in the figures of the tokenizers' card.
    """
    counted = counts(found.text, found.ids)
    words = len(found.text.split())
    return {
        **asdict(counted),
        "words": words,
        "bytes_per_token": counted.bytes / counted.tokens if counted.tokens else None,
        "tokens_per_word": counted.tokens / words if words else None,
        "unknown": sum(one.unknown for one in found.details),
        "lost": dict(lost(found)),
    }


def lost(found: Tokenized) -> Counter[Culprit]:
    """What does not come back of a text, by its culprit."""
    pieces = [piece.decode("utf-8", errors="replace") for piece in found.pieces]
    read = [
        None if one.unknown else one.changed or piece
        for piece, one in zip(pieces, found.details, strict=True)
    ]
    return losses(pieces, read, [gap.decode("utf-8", errors="replace") for gap in found.gaps])


def cuts(found: Tokenized) -> list[Span]:
    """Where the pieces of a text stand, without the spaces around them."""
    gaps = [len(gap) for gap in found.gaps] or [0] * len(found.pieces)
    return spans(found.text.encode(), [len(piece) for piece in found.pieces], gaps)


def strips(rows: Sequence[Tokenized]) -> list[dict[str, Any]]:
    """The rows for duel.js, each with the pieces that most others do not have."""
    marked = unlike([cuts(found) for found in rows])
    return [strip(found, some) for found, some in zip(rows, marked, strict=True)]


def strip(found: Tokenized, marked: Sequence[int]) -> dict[str, Any]:
    """The pieces and what lies between them, in order.

    A kind is how it reads, its bytes, whether it is known, and whether it is a piece. What is the
    same is said once.
    """
    kinds: dict[tuple[bytes, bool, bool], int] = {}
    order, odd, unlikely = [], [], set(marked)
    between = found.gaps or (b"",) * (len(found.pieces) + 1)
    for place, piece in enumerate(found.pieces[:MOST_SHOWN]):
        if between[place]:
            order.append(kinds.setdefault((between[place], False, False), len(kinds)))
        if place in unlikely:
            odd.append(len(order))
        one = (piece, found.details[place].unknown, True)
        order.append(kinds.setdefault(one, len(kinds)))
    if len(found.pieces) <= MOST_SHOWN and between[-1]:
        order.append(kinds.setdefault((between[-1], False, False), len(kinds)))
    return {
        "kinds": [kind(*one) for one in kinds],
        "order": order,
        "odd": odd,
        "unseen": max(0, len(found.pieces) - MOST_SHOWN),
    }


def kind(held: bytes, unknown: bool, piece: bool) -> list[Any]:
    """Unknown text is no piece of a character, so joiners do their work in it."""
    whole = unknown or not piece
    shown = joined(held.decode("utf-8", errors="replace"), spaces=piece) if whole else label(held)
    return [written(shown), len(held), unknown, piece]
