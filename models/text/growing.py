"""A word cut by longest match while its vocabulary grows, piece by piece."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import groupby
from typing import NamedTuple

from models.text.symbols import INSIDE, WIDEST


class Recut(NamedTuple):
    """How a word is cut from a merge on."""

    rank: int
    """Of the merge whose piece changed it; 0 is before the first."""
    pieces: tuple[str, ...]
    """As the vocabulary writes them; () where the word is unknown."""


def recuts(word: str, born: Mapping[str, int], longest: int) -> tuple[Recut, ...]:
    """Every cut of a word, from its letters on.

    born: of every piece the merge that made it, 0 of letters. longest: characters of the longest
    piece. A piece that is new changes a cut only where one of its pieces begins and is shorter.
    """
    if len(word) > WIDEST:
        return (Recut(0, ()),)
    ends: dict[int, int] = {}  # by where a piece may begin: where the longest that is known ends
    cut: dict[int, int] = {}  # the same of the cut
    found = [Recut(0, ())]
    for rank, some in groupby(_inside(word, born, longest), key=lambda one: one[0]):
        changed = not cut
        for _, start, end in some:
            if ends.get(start, start) < end:
                ends[start] = end
                changed = changed or cut.get(start, end) < end
        if changed:
            cut = _walked(ends, len(word))
            pieces = (INSIDE * (at > 0) + word[at:end] for at, end in cut.items())
            found.append(Recut(rank, tuple(pieces)))
    return tuple(found[1:] if [one.rank for one in found[:2]] == [0, 0] else found)


def _inside(word: str, born: Mapping[str, int], longest: int) -> list[tuple[int, int, int]]:
    """All pieces that stand somewhere in a word, as (rank, start, end), the oldest first."""
    found = []
    for start in range(len(word)):
        mark = INSIDE if start else ""
        for end in range(start + 1, min(len(word), start + longest) + 1):
            rank = born.get(mark + word[start:end])
            if rank is not None:
                found.append((rank, start, end))
    return sorted(found)


def _walked(ends: Mapping[int, int], length: int) -> dict[int, int]:
    """The longest piece, and again from where it ends; {} where some place has none."""
    cut, at = dict[int, int](), 0
    while at < length:
        if at not in ends:
            return {}
        cut[at] = ends[at]
        at = ends[at]
    return cut
