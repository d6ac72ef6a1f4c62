"""generation-game: Shannon's, alone or with a room: guess the next letter, then see the bets."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import gradio as gr
import numpy as np
from gradio.components import Component
from markupsafe import Markup

from analysis.texts import guessing
from components.generation.guessing.texts import PLAYED, TEXTS
from components.generation.titles import short
from components.shared.drawing.spelling import WAITING
from components.shared.view import Inputs, View, read_text
from inference.broadcast.room import BEST, Deal
from inference.errors import OrreryError
from inference.tasks.ladder.next_symbol import NextSymbol
from inference.text.symbols import SYMBOLS, symbols_of

if TYPE_CHECKING:
    from inference.catalog import Catalog
    from inference.service import Service

OPENING = "The tailor"
EXAMPLES = {one: (one, PLAYED if one == OPENING else "") for one in TEXTS}
MODELS = ("bigram", "five-gram", "lstm", "gpt")
"""Those that bet, all over characters."""
MOST = 2_000  # guesses
ROOM = (
    '<button type="button" class="let-watch open-room">Open a room</button><p class="address"></p>'
)


@dataclass(frozen=True)
class Score:
    """Somebody's guesses over the letters that are found."""

    title: str
    ranks: tuple[int, ...]
    """At which guess each letter was right."""
    bits: float | None
    """Mean bits a letter by the probabilities themselves; None of a person, who states none."""

    @property
    def first(self) -> int:
        """Letters that were right at once."""
        return sum(rank == 1 for rank in self.ranks)

    @property
    def bounds(self) -> guessing.Bounds:
        """Bits a letter by the ranks alone."""
        return guessing.bounds(self.ranks)


@dataclass(frozen=True)
class Game:
    """A text, the bets on it, and the guesses so far."""

    name: str
    deal: Deal
    played: str
    """Every guess in its order, as symbols."""

    @property
    def symbols(self) -> tuple[int, ...]:
        """Of what is to be guessed."""
        return symbols_of(self.deal.rest)

    @property
    def scores(self) -> list[Score]:
        """The person's, and the models' over the same letters."""
        ranks = guessing.replayed(symbols_of(self.played), self.symbols)
        found = self.symbols[: len(ranks)]
        models = [
            Score(
                title,
                tuple(guessing.ranks(chances[: len(found)], found)),
                float(guessing.bits(chances[: len(found)], found).mean()) if found else None,
            )
            for title, chances in self.deal.bets.items()
        ]
        return [Score("You", tuple(ranks), None), *models]


def ask(service: Service, session: str | None, text: str, played: str | None) -> Game:
    """played: the name of the text and all guesses; those on another text do not count.

    Raises OrreryError.
    """
    on, _, guesses = (played or "").partition(": ")
    if text not in TEXTS:
        raise OrreryError("There is no such text. Choose one of the list.")
    if len(guesses) > MOST:
        raise OrreryError(f"A game has up to {MOST:,} guesses. Begin a new one.")
    deal = dealt(service, session, text)
    return Game(text, deal, guesses if on == text else "")


def dealt(service: Service, session: str | None, name: str) -> Deal:
    """One of `TEXTS`, with what every model bets before each of its letters. Raises OrreryError."""
    given, rest = TEXTS[name]
    bets = {}
    for model in MODELS:
        title = short(service.catalog.entry(model, "write").title)
        bets[title] = service.answer(NextSymbol(given + rest, model), session)[len(given) :]
    return Deal(given, rest, bets)


def data(game: Game) -> dict[str, Any]:
    """Every letter with all bets on it, and the scores over those that are found."""
    return {
        "given": game.deal.given,
        "rest": game.deal.rest,
        "symbols": SYMBOLS,
        "bets": {title: chances.tolist() for title, chances in game.deal.bets.items()},
        "scores": [score_data(one) for one in game.scores],
    }


def score_data(score: Score) -> dict[str, Any]:
    """Ranks, and bits a letter: exact, and within Shannon's bounds by the ranks alone."""
    lower, upper = score.bounds
    return {
        "who": score.title,
        "ranks": list(score.ranks),
        "first": score.first,
        "lower": lower,
        "upper": upper,
        "bits": score.bits,
    }


def draw(game: Game) -> list[object]:
    """One widget, in which the game is played without asking the server again."""
    value = {
        "name": game.name,
        "given": game.deal.given,
        "rest": game.deal.rest,
        "symbols": list(game.symbols),
        "played": [int(one) for one in symbols_of(game.played)],
        "models": [
            {"title": title, "bets": bets(chances, game.symbols)}
            for title, chances in game.deal.bets.items()
        ],
        "scores": [score_data(one) for one in game.scores],
    }
    widget = Markup('<div class="guessing" data-widget="guessing" data-value="{}"></div>')
    return [str(widget.format(json.dumps(value)))]


def bets(chances: np.ndarray[Any, Any], symbols: tuple[int, ...]) -> list[dict[str, object]]:
    """Of every letter its rank and chance, and the best bets."""
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


def inputs(catalog: Catalog) -> Inputs:
    return {
        "text": gr.Dropdown(list(TEXTS), value=OPENING, label="Text", filterable=False),
        "played": gr.Textbox(PLAYED, label="Guesses", visible="hidden"),
    }


def room() -> None:
    """The button that opens a room."""
    gr.HTML(ROOM, elem_classes="flush", js_on_load=None)


def stage() -> list[Component]:
    return [gr.HTML(WAITING, min_height=560, js_on_load=None)]


VIEW = View(
    key="generation-game",
    text=read_text(__file__),
    ask=ask,
    data=data,
    draw=lambda: draw,
    inputs=inputs,
    stage=stage,
    button="Play",
    runs_on=("text",),
    examples=EXAMPLES,
    chips="Texts",
    aside=room,
)
