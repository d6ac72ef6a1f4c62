"""How a vocabulary grew: its pieces in their order, and what is said of them."""

from __future__ import annotations

from collections.abc import Sequence

from components.tokens.listing.rows import RARE, Pieces

FIRST, MOST = 200, 800  # points that are all drawn, and about how many of the others


def merged_as(pieces: Pieces) -> str:
    """What the line counts: the text of the tokenizer's own training is named first."""
    text = next(iter(pieces.listed.uses), "its training text")
    return f"its pair in {text}, just before the merge"


def used_as(pieces: Pieces) -> str:
    """What the points count."""
    texts, every = list(pieces.listed.uses), step(len(in_order(pieces)))
    where = texts[0] if len(texts) == 1 else "both texts"
    return f"the piece itself in {where}" + (f", one in {every} drawn" if every > 1 else "")


def counted(pieces: Pieces) -> list[int]:
    """The pieces whose pairs were counted, in the order of their merges."""
    learned = pieces.listed.learned
    return [i for i in in_order(pieces) if i in learned and learned[i].pairs is not None]


def in_order(pieces: Pieces) -> list[int]:
    """The pieces along the axis: those that merges made; all, by their counts, without merges."""
    learned = pieces.listed.learned
    if learned:
        return sorted(learned, key=lambda token: learned[token].rank)
    every = [i for i in pieces.listed.pieces if i not in pieces.listed.specials]
    return every if pieces.uses is None else sorted(every, key=lambda i: -(pieces.used(i) or 0))


def some(places: Sequence[int]) -> list[int]:
    """The first of many places, and then every so many: no height is preferred."""
    return [*places[:FIRST], *places[FIRST :: step(len(places))]]


def step(count: int) -> int:
    """One in how many places is drawn after the first."""
    return max(1, -(-(count - FIRST) // MOST))


def told(pieces: Pieces) -> str:
    """The figure in words."""
    hardly, made = pieces.hardly(), pieces.listed.learned
    if pieces.uses is None:
        return "Nobody has counted how often these pieces stand in their training text."
    of_merges = sum(piece in made for piece in hardly)
    rest = f", {of_merges:,} of them made by merges" if made else ""
    return (
        f"{len(hardly):,} of {len(pieces.listed.pieces):,} pieces were hardly trained: at most "
        f"{RARE} times{rest}."
    )
