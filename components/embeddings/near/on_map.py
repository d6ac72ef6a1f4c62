"""A word on a map, with its true neighbours and where the map has them."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from analysis.projection import ranks_from
from inference.words import NEIGHBOURS, Map, Maps, Word, WordVectors


@dataclass(frozen=True)
class Found:
    """A map, and one word of it with its true neighbours among the words on the map."""

    vectors: WordVectors
    maps: Maps
    drawn: Map
    colour: str
    word: Word
    place: int | None
    """Of the word among those of the map; None for one that is not on it."""
    near: tuple[int, ...]
    """Likewise of its true neighbours, the nearest first."""
    cosines: tuple[float, ...]
    ranks: tuple[int, ...]
    """Of each neighbour by its distance on the map, 1 for the nearest point; () without a place."""

    @cached_property
    def words(self) -> list[str]:
        """All on the map."""
        return [self.vectors.words[row] for row in self.maps.rows]

    @property
    def kept(self) -> float:
        """Share of all words' true neighbours that the map keeps near."""
        return float(self.drawn.kept.mean())

    @property
    def note(self) -> str:
        missing = (
            "" if self.place is not None
            else f"{self.word.text} is none of the {len(self.maps.rows):,} commonest words that "
            "say something, so it is not on the map, but its nearest words are."
        )  # fmt: skip
        return " ".join(filter(None, (self.word.note, missing)))


def located(vectors: WordVectors, maps: Maps, drawn: Map, word: Word, colour: str) -> Found:
    """The true neighbours of a word among those on a map, and how near they stand there."""
    cosines = vectors.unit[maps.rows] @ word.vector
    (places,) = np.nonzero(maps.rows == (-1 if word.row is None else word.row))
    place = int(places[0]) if len(places) else None
    if place is not None:
        cosines[place] = -np.inf
    near = np.argsort(-cosines, kind="stable")[:NEIGHBOURS]
    ranks: tuple[int, ...] = ()
    if place is not None:
        points = np.delete(drawn.points, place, axis=0)
        ranked = ranks_from(points, drawn.points[place])
        ranks = tuple(int(ranked[one - (one > place)]) for one in near)
    found = tuple(float(one) for one in cosines[near])
    return Found(vectors, maps, drawn, colour, word, place, tuple(map(int, near)), found, ranks)


def ranks_of(found: Found) -> list[int | None]:
    """Of every neighbour, None where the word has no place."""
    return list(found.ranks) or [None] * len(found.near)
