"""generation-game: Shannon's, alone or with a room: guess what comes next, then see the bets."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

import gradio as gr
import numpy as np
from gradio.components import Component
from markupsafe import Markup
from numpy.typing import NDArray

from components.generation.guessing.played import (
    LETTERS,
    TOKENS,
    Dealt,
    Game,
    bets,
    score_data,
)
from components.generation.guessing.texts import PLAYED, TEXTS, TOKENS_PLAYED
from components.generation.titles import short
from components.shared.drawing.lane_data import name as reads
from components.shared.drawing.spelling import WAITING
from components.shared.view import Inputs, View, read_text
from inference.broadcast.room import Deal
from inference.errors import OrreryError
from inference.tasks.ladder.next_symbol import NextSymbol, NextTokens, TokenBets
from inference.text.symbols import SYMBOLS, symbols_of

if TYPE_CHECKING:
    from inference.catalog import Catalog
    from inference.service import Service

OPENING = "The tailor"
EXAMPLES = {
    **{one: (one, PLAYED if one == OPENING else "", LETTERS) for one in TEXTS},
    "The letter, by tokens": ("The letter", TOKENS_PLAYED, TOKENS),
}
BETTING = {
    LETTERS: ("bigram", "five-gram", "lstm", "gpt"),
    TOKENS: ("storyteller", "storyteller-books"),
}
"""The models that bet: those over characters, and those over the same tokens."""
MOST = 2_000  # guesses
GUESS = re.compile(r"-1|\d{1,6}")
"""A token, or that it is given up, in the list of guesses."""
ROOM = (
    '<button type="button" class="let-watch open-room">Open a room</button><p class="address"></p>'
    '<p class="cell-about">A room guesses letters.</p>'
)


def ask(
    service: Service, session: str | None, text: str, played: str | None, unit: str = LETTERS
) -> Game:
    """played: what is played and all guesses; those on another text, or by the other unit, do not
    count.

    Raises OrreryError.
    """
    if text not in TEXTS:
        raise OrreryError("There is no such text. Choose one of the list.")
    if unit not in (LETTERS, TOKENS):
        raise OrreryError(f"One guesses {LETTERS} or {TOKENS}.")
    on, _, told = (played or "").partition(": ")
    told = told if on == heading(text, unit) else ""
    guesses = symbols_of(told) if unit == LETTERS else tuple(map(int, GUESS.findall(told)))
    if len(guesses) > MOST:
        raise OrreryError(f"A game has up to {MOST:,} guesses. Begin a new one.")
    return Game(text, unit, dealt(service, session, text, unit), guesses)


def heading(text: str, unit: str) -> str:
    """What stands before the guesses of a game."""
    return text if unit == LETTERS else f"{text}, {unit}"


def dealt(service: Service, session: str | None, name: str, unit: str = LETTERS) -> Dealt:
    """One of `TEXTS`, with what every model bets before each of its symbols. Raises OrreryError."""
    if unit == TOKENS:
        return _tokens(service, session, *TEXTS[name])
    deal = letters(service, session, name)
    return Dealt(deal.given, tuple(deal.rest), symbols_of(deal.rest), deal.bets)


def letters(service: Service, session: str | None, name: str) -> Deal:
    """One of `TEXTS` letter by letter, as a room plays it. Raises OrreryError."""
    given, rest = TEXTS[name]
    found: dict[str, NDArray[np.float64]] = {}
    for model in BETTING[LETTERS]:
        bets = service.answer(NextSymbol(given + rest, model), session)
        found[title(service, model)] = bets[len(given) :]
    return Deal(given, rest, found)


def _tokens(service: Service, session: str | None, given: str, rest: str) -> Dealt:
    """The space between both parts belongs to the first token that is to be guessed."""
    asked = {
        title(service, model): service.answer(NextTokens(given + rest, model), session)
        for model in BETTING[TOKENS]
    }
    found: TokenBets = next(iter(asked.values()))
    ends = np.cumsum([len(piece) for piece in found.tokens.pieces])
    start = int((ends < len(given.encode())).sum())
    text = [piece.decode("utf-8", errors="replace") for piece in found.tokens.pieces]
    return Dealt(
        "".join(text[:start]),
        tuple(text[start:]),
        found.tokens.ids[start:],
        {one: bets.chances[start - 1 :] for one, bets in asked.items()},
        tuple(reads(token, found) for token in range(found.chances.shape[1])),
    )


def title(service: Service, model: str) -> str:
    return short(service.catalog.entry(model, "write").title)


def data(game: Game) -> dict[str, Any]:
    """Every letter with all bets on it, or every token with the best; the scores over those that
    are found."""
    deal = game.deal
    shared = {
        "given": deal.given,
        "rest": "".join(deal.parts),
        "scores": [score_data(one) for one in game.scores],
    }
    if game.unit == LETTERS:
        every = {title: chances.tolist() for title, chances in deal.bets.items()}
        return {**shared, "symbols": SYMBOLS, "bets": every}
    best = {title: bets(chances, deal.symbols) for title, chances in deal.bets.items()}
    for one in (one for found in best.values() for one in found):
        one["best"] = [[deal.names[token], chance] for token, chance in one["best"]]
    return {**shared, "tokens": list(deal.parts), "bets": best}


def draw(game: Game) -> list[object]:
    """One widget, in which the game is played without asking the server again."""
    deal = game.deal
    value = {
        "heading": heading(game.name, game.unit),
        "name": game.name,
        "unit": game.unit.removesuffix("s"),
        "given": deal.given,
        "parts": deal.parts,
        "symbols": deal.symbols,
        "names": deal.names,
        "played": game.played,
        "models": [
            {"title": title, "bets": bets(chances, deal.symbols)}
            for title, chances in deal.bets.items()
        ],
        "scores": [score_data(one) for one in game.scores],
    }
    widget = Markup('<div class="guessing" data-widget="guessing" data-value="{}"></div>')
    return [str(widget.format(json.dumps(value)))]


def inputs(catalog: Catalog) -> Inputs:
    return {
        "text": gr.Dropdown(list(TEXTS), value=OPENING, label="Text", filterable=False),
        "played": gr.Textbox(PLAYED, label="Guesses", visible="hidden"),
        "unit": gr.Radio([LETTERS, TOKENS], value=LETTERS, label="Guess"),
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
    runs_on=("text", "unit"),
    examples=EXAMPLES,
    chips="Texts",
    aside=room,
)
