"""The pieces of a vocabulary as rows: searched, sorted, and a page of them at a time."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from analysis.attention.explanation import agreement

if TYPE_CHECKING:
    from inference.tasks.vocabulary.listing import Listed
    from inference.tasks.vocabulary.vectors import TokenInModel

ROWS = 8  # of a page
RARE = 10
"""A piece that stands this often or less in all that was counted was hardly trained."""
SORTS = {
    "Rarest first": "rarest",
    "Most frequent first": "frequent",
    "By id": "id",
    "Longest first": "longest",
    "Longest vector first": "long vectors",
    "Shortest vector first": "short vectors",
}
BY_USES, BY_VECTORS = ("rarest", "frequent"), ("long vectors", "short vectors")


@dataclass(frozen=True)
class Pieces:
    """A vocabulary, and what a model holds of it where one reads with this tokenizer."""

    listed: Listed
    inside: TokenInModel | None

    @cached_property
    def uses(self) -> Sequence[int] | None:
        """By id: how often it stands in all texts that were counted; None where none was."""
        counted = list(self.listed.uses.values())
        return [sum(of_one) for of_one in zip(*counted, strict=True)] if counted else None

    @property
    def learned_first(self) -> int:
        """How many merges there are."""
        return max((one.rank for one in self.listed.learned.values()), default=0)

    def used(self, token: int) -> int | None:
        """The same of one; None of a mark that stands around texts and not in them."""
        if self.uses is None or (token in self.listed.specials and not self.uses[token]):
            return None
        return self.uses[token]

    def vector(self, token: int) -> float | None:
        """The length of its input vector."""
        return None if self.inside is None else float(self.inside.vectors.lengths[token])

    def rank(self, token: int) -> int | None:
        """Of the merge that made it; None of what was there before the first."""
        made = self.listed.learned.get(token)
        return made.rank if made else None

    def hardly(self) -> list[int]:
        """The pieces that were hardly trained, by id."""
        used = ((token, self.used(token)) for token in self.listed.pieces)
        return [token for token, uses in used if uses is not None and uses <= RARE]

    def correlation(self) -> float | None:
        """Spearman's, between how often a piece stands in the texts and its vector's length."""
        if self.uses is None or self.inside is None:
            return None
        rest = [token for token in self.listed.pieces if self.used(token) is not None]
        counted = np.asarray(self.uses, dtype=np.float64)[rest]
        lengths = self.inside.vectors.lengths.astype(np.float64)[rest]
        return float(agreement(np.stack([counted, lengths]))[0, 1])


def matching(pieces: Pieces, search: str, merges: int) -> list[int]:
    """The pieces that hold a text, in any case, of those that the first merges have made.

    A number also finds the piece with that id. Spaces count: a piece may begin with one.
    """
    wanted = search.casefold()
    ranks = pieces.listed.learned
    number = int(search) if search.strip().isdecimal() and search.isascii() else -1
    return [
        token
        for token, held in pieces.listed.pieces.items()
        if (token not in ranks or ranks[token].rank <= merges)
        and (token == number or wanted in held.decode("utf-8", errors="replace").casefold())
    ]


def sorted_by(pieces: Pieces, tokens: list[int], sort: str) -> list[int]:
    """The same in order; what has no such number comes last.

    Of equals those that merges made come first, then the lower id.
    """
    sign = -1 if sort in ("frequent", "longest", "long vectors") else 1

    def number(token: int) -> float | None:
        if sort in BY_USES:
            return pieces.used(token)
        if sort in BY_VECTORS:
            return pieces.vector(token)
        return len(pieces.listed.pieces[token]) if sort == "longest" else token

    def place(token: int) -> tuple[bool, float, bool, int]:
        known = number(token)
        return known is None, sign * (known or 0), pieces.rank(token) is None, token

    return sorted(tokens, key=place)


def page_of(tokens: Sequence[int], page: int) -> tuple[Sequence[int], int, int]:
    """The tokens of a page, its number from 1, and of how many; beyond the last, the last."""
    pages = max(1, math.ceil(len(tokens) / ROWS))
    page = min(page, pages)
    return tokens[(page - 1) * ROWS : page * ROWS], page, pages
