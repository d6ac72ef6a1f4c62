"""Other pairs of the relation that an analogy asks about, drawn in one plane with it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import Markup

from analysis.words.axes import axis, parsed_pairs
from components.embeddings.models import looked_up
from components.embeddings.relations.ours import CAPITALS, FACTS, relations
from components.shared.drawing.numbers import signed
from inference.errors import OrreryError, TooLong
from inference.words import Word, WordVectors

MOST = 10  # pairs; more words than twice as many cannot be read on a map
CHARACTERS = 600


@dataclass(frozen=True)
class Parallel:
    """Pairs of words, and how far their ways agree."""

    pairs: tuple[tuple[Word, Word], ...]
    title: str
    """Of our relation that they are from; empty where somebody typed them."""

    @property
    def agreement(self) -> tuple[float, ...]:
        """The cosine of each pair's way with the mean of all; empty where they have none."""
        try:
            return axis([(one.vector, two.vector) for one, two in self.pairs]).agreement
        except ValueError:
            return ()


def parallel(vectors: WordVectors, a: Word, b: Word, typed: str) -> Parallel:
    """The pairs that were typed, else those of our relation that holds a and b, if one does.

    Raises OrreryError for what is no pair, TooLong, and UnknownWord.
    """
    if len(typed) > CHARACTERS:
        raise TooLong("list of pairs", CHARACTERS, len(typed), "characters")
    try:
        pairs = parsed_pairs(typed)
    except ValueError as error:
        raise OrreryError(f"This is no pair of words. {error}") from error
    if len(pairs) > MOST:
        raise TooLong("list of pairs", MOST, len(pairs), "pairs")
    if pairs:
        known = [(looked_up(vectors, one), looked_up(vectors, two)) for one, two in pairs]
        return Parallel(tuple(known), "")
    for relation in relations():
        if (a.text, b.text) in relation.pairs:
            return Parallel(tuple(_known(vectors, relation.pairs)[:MOST]), relation.title)
    return Parallel((), "")


def _known(vectors: WordVectors, pairs: Sequence[tuple[str, str]]) -> list[tuple[Word, Word]]:
    looked = ((vectors.look_up(one), vectors.look_up(two)) for one, two in pairs)
    return [(one, two) for one, two in looked if one is not None and two is not None]


def told(found: Parallel, asked: Sequence[str]) -> Markup:
    """How far the ways agree; and of capitals, where the models have them from."""
    said = Markup()
    if len(found.agreement) > 1:
        named = f" of {found.title}" if found.title else ""
        said = Markup(
            '<p class="trust">The ways of these {} pairs{} agree with their mean at a cosine of '
            "{} to {}.</p>"
        ).format(len(found.pairs), named, *(signed(one(found.agreement)) for one in (min, max)))
    capitals = {
        frozenset(pair) for one in relations() if one.title == CAPITALS for pair in one.pairs
    }
    both = {frozenset(asked[:2]), frozenset(asked[2:])}
    return said + (FACTS if both & capitals else Markup())
