"""A room of the guessing game: everybody guesses the next letter, then the models show their bets.

A round is open until the lecturer shows the letter; each person guesses once in it. A person is a
random name of a browser tab, which is forgotten with the round.
"""

from __future__ import annotations

import math
import re
import threading
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from inference.broadcast.state import EVERY, State
from inference.broadcast.topics import Topic
from inference.errors import NotCounted
from inference.text.symbols import SYMBOLS, symbols_of

PERSON = re.compile(r"[\w-]{8,40}", re.ASCII)
GUESSES = 400  # in one round: a lecture hall, and some who have loaded the page again
BEST = 5  # bets of a model that are shown


@dataclass(frozen=True)
class Deal:
    """A text to be guessed, and what the models bet on at every place of it."""

    given: str
    """How it begins."""
    rest: str
    """What is to be guessed."""
    bets: Mapping[str, NDArray[np.float64]]
    """By the title of a model, (letters of the rest, symbols)."""


def share(count: int, people: int) -> float:
    """What a room bets on a symbol that so many of its people have guessed.

    As if one person more were there, who spreads one guess evenly over all symbols: so no letter
    has a probability of 0, and the bits of a room are those of a forecast, as a model's are.
    """
    return (count + 1 / len(SYMBOLS)) / (people + 1)


class Room:
    """One game at a time under one code. Safe from any thread."""

    def __init__(self, topic: Topic) -> None:
        self._topic = topic
        self._lock = threading.Lock()
        self._state = State(topic)
        self._later: threading.Timer | None = None
        self._deal = Deal("", "", {})
        self._game = 0
        self._symbols: tuple[int, ...] = ()
        self._guesses: dict[str, int] = {}
        self._rounds: list[dict[str, Any]] = []
        self._open = False
        self._show()

    @property
    def is_over(self) -> bool:
        return self._topic.is_over

    def start(self, deal: Deal) -> None:
        """Begin with another text, at its first letter."""
        with self._lock:
            self._deal, self._symbols = deal, symbols_of(deal.rest)
            self._game += 1
            self._rounds.clear()
            self._begin()

    def guess(self, person: object, game: object, number: object, symbol: object) -> None:
        """One guess of a person for this letter. Raises NotCounted."""
        if not (isinstance(person, str) and PERSON.fullmatch(person)) or symbol not in (*SYMBOLS,):
            raise NotCounted("what was sent is no guess")
        with self._lock:
            if (game, number) != (self._game, len(self._rounds)) or not self._open:
                raise NotCounted("this letter is out already")
            if person in self._guesses:
                raise NotCounted("you have guessed this letter already")
            if len(self._guesses) >= GUESSES:
                raise NotCounted(f"{GUESSES} people have guessed this letter already")
            self._guesses[person] = SYMBOLS.index(str(symbol))
            self._show(soon=True)

    def reveal(self, number: object) -> None:
        """Show the letter of this round; nothing where it is out, so that two presses are one."""
        with self._lock:
            if self._open and number == len(self._rounds):
                self._open = False
                self._rounds.append(self._result(number))
                self._show()

    def go_on(self, number: object) -> None:
        """Open the round of this number; nothing where it is open."""
        with self._lock:
            over = len(self._rounds) >= len(self._symbols)
            if not self._open and number == len(self._rounds) and not over:
                self._begin()

    def _begin(self) -> None:
        self._guesses.clear()
        self._open = True
        self._show()

    def _result(self, number: int) -> dict[str, Any]:
        """What everybody bet on this letter, and what that cost."""
        came, people = self._symbols[number], len(self._guesses)
        counts = Counter(self._guesses.values())
        listed = sorted(counts.items(), key=lambda one: (-one[1], one[0]))
        bets = {title: chances[number] for title, chances in self._deal.bets.items()}
        return {
            "symbol": came,
            "people": people,
            "guesses": [list(one) for one in listed],
            "room": share(counts[came], people),
            "models": [
                {
                    "title": title,
                    "chance": round(float(row[came]), 6),
                    "best": [
                        [int(i), round(float(row[i]), 4)]
                        for i in np.argsort(-row, kind="stable")[:BEST]
                    ],
                }
                for title, row in bets.items()
            ],
        }

    def _bits(self) -> list[list[object]]:
        """Mean bits a letter so far, of the room and of every model."""
        if not self._rounds:
            return []
        each: dict[str, list[float]] = {"The room": [one["room"] for one in self._rounds]}
        for one in self._rounds:
            for model in one["models"]:
                each.setdefault(model["title"], []).append(model["chance"])
        count = len(self._rounds)
        return [
            [title, round(sum(-math.log2(max(p, 1e-12)) for p in chances) / count, 3)]
            for title, chances in each.items()
        ]

    def _show(self, soon: bool = False) -> None:
        """Show how it stands. soon: where something was shown a moment ago, in a moment."""
        if soon and self._later is None:
            self._later = threading.Timer(EVERY, self._catch_up)
            self._later.daemon = True
            self._later.start()
        self._state.show(self._shown(), at_once=not soon)

    def _catch_up(self) -> None:
        with self._lock:
            self._later = None
            self._state.show(self._shown(), at_once=True)

    def _shown(self) -> dict[str, Any]:
        done = len(self._rounds)
        return {
            "game": self._game,
            "given": self._deal.given,
            "found": self._deal.rest[:done],
            "letters": len(self._symbols),
            "round": done,
            "open": self._open,
            "guessed": len(self._guesses),
            "last": self._rounds[-1] if self._rounds else None,
            "bits": self._bits(),
        }
