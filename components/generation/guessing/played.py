"""A game of guesses over one text, and what it scores."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from analysis.texts import guessing
from inference.broadcast.room import BEST
from inference.text.symbols import SYMBOLS

LETTERS, TOKENS = "letters", "tokens"


@dataclass(frozen=True)
class Dealt:
    """A text that is cut into what is to be guessed."""

    given: str
    parts: tuple[str, ...]
    """The text of every symbol that is to be guessed."""
    symbols: tuple[int, ...]
    bets: Mapping[str, NDArray[np.float64]]
    """By the title of a model, (symbols to be guessed, all symbols)."""
    names: tuple[str, ...] = ()
    """How every token reads; empty for letters."""

    @property
    def vocabulary(self) -> int:
        return len(self.names or SYMBOLS)


@dataclass(frozen=True)
class Score:
    """Somebody's guesses over the letters that are found."""

    title: str
    ranks: tuple[int, ...]
    """At which guess each letter or token was right; 0 where it was given up."""
    vocabulary: int
    bits: float | None
    """Mean bits of one by the probabilities themselves; None of a person, who states none."""

    @property
    def first(self) -> int:
        """How many were right at once."""
        return sum(rank == 1 for rank in self.ranks)

    @property
    def bounds(self) -> guessing.Bounds:
        """Bits of one by the ranks alone."""
        return guessing.bounds(self.ranks, self.vocabulary)


@dataclass(frozen=True)
class Game:
    """A text, the bets on it, and the guesses so far."""

    name: str
    unit: str
    deal: Dealt
    played: tuple[int, ...]
    """Every guess in its order."""

    @property
    def scores(self) -> list[Score]:
        """The person's, and the models' over the same letters or tokens."""
        deal = self.deal
        ranks = guessing.replayed(self.played, deal.symbols)
        found = deal.symbols[: len(ranks)]
        models = [
            Score(
                title,
                tuple(guessing.ranks(chances[: len(found)], found)),
                deal.vocabulary,
                float(guessing.bits(chances[: len(found)], found).mean()) if found else None,
            )
            for title, chances in deal.bets.items()
        ]
        return [Score("You", tuple(ranks), deal.vocabulary, None), *models]


def score_data(score: Score) -> dict[str, Any]:
    """Ranks, and bits of one: exact, and within Shannon's bounds by the ranks alone."""
    lower, upper = score.bounds
    return {
        "who": score.title,
        "ranks": list(score.ranks),
        "first": score.first,
        "lower": lower,
        "upper": upper,
        "bits": score.bits,
    }


def bets(chances: np.ndarray[Any, Any], symbols: tuple[int, ...]) -> list[dict[str, Any]]:
    """Of everything that came its rank and chance, and the best bets."""
    ranks = guessing.ranks(chances, symbols)
    order = np.argsort(-chances, axis=1, kind="stable")[:, :BEST]
    return [
        {
            "rank": rank,
            "chance": float(f"{row[came]:.5g}"),
            "best": [[int(i), float(f"{row[i]:.5g}")] for i in best],
        }
        for rank, row, came, best in zip(ranks, chances, symbols, order, strict=True)
    ]
