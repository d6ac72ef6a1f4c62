"""Shannon's game: what it answers is true of its opening example, and its scores are Shannon's."""

from __future__ import annotations

import json
import math
import re
from html import unescape
from pathlib import Path

import pytest

from components.generation import game
from components.generation.guessing import turns
from components.generation.guessing.texts import PLAYED, TEXTS
from inference.broadcast.room import share
from inference.errors import NotCounted, OrreryError
from inference.service import Service
from inference.tasks.score import Score
from inference.text.symbols import OTHER, SYMBOLS, symbols_of

pytestmark = pytest.mark.weights


@pytest.fixture(scope="module")
def service(checkpoints: Path) -> Service:
    return Service(checkpoints, "cpu")


@pytest.fixture(scope="module")
def opening(service: Service) -> game.Game:
    return game.ask(service, None, game.OPENING, PLAYED)


def test_the_opening_example_is_a_whole_game(opening: game.Game) -> None:
    you, *models = opening.scores
    assert len(you.ranks) == len(opening.deal.rest) == 35
    assert all(len(one.ranks) == 35 for one in models)


def test_r30_the_answers_hold_on_the_opening_example(opening: game.Game) -> None:
    you, bigram, five, lstm, gpt = opening.scores
    assert opening.deal.rest[2] == "w" and opening.deal.rest[30] == "k"
    assert (you.ranks[2], lstm.ranks[2], bigram.ranks[2]) == (1, 10, 18)
    assert (you.ranks[30], lstm.ranks[30]) == (3, 17)
    for place in (2, 30):
        assert you.ranks[place] < min(one.ranks[place] for one in (bigram, five, lstm, gpt))
    bets = opening.deal.bets["5-gram"]
    for end, least in ((28, 0.99), (20, 0.84)):
        assert bets[end][opening.symbols[end]] > least
    assert opening.deal.rest[26:29] == "old" and opening.deal.rest[18:21] == "for"
    assert [bigram.ranks[28], bigram.ranks[20]] == [5, 4]
    told = [f"{one:.2f}" for one in (*you.bounds, *lstm.bounds, lstm.bits or 0)]
    assert told == ["0.64", "1.25", "1.42", "2.27", "1.94"]
    assert f"{-math.log2(share(12, 30)):.1f}" == "1.4"


def test_bits_are_no_more_than_those_of_the_characters(
    service: Service, opening: game.Game
) -> None:
    """Folding case can only add to the probability of what came."""
    deal = opening.deal
    scored = service.answer(Score(deal.given + deal.rest, "lstm")).scored.bits[len(deal.given) :]
    lstm = opening.scores[3]
    assert lstm.bits is not None and lstm.bits <= scored.mean() + 1e-6
    assert lstm.bits == pytest.approx(scored.mean(), abs=0.1)


def test_every_text_can_be_guessed_and_is_short(service: Service) -> None:
    for name, (given, rest) in TEXTS.items():
        deal = game.dealt(service, None, name)
        assert given.endswith(" ") and 20 < len(rest) < 40
        assert symbols_of(rest).count(OTHER) <= 1
        assert list(deal.bets) == ["Bigram", "5-gram", "LSTM", "Small GPT"]
        assert all(chances.shape == (len(rest), len(SYMBOLS)) for chances in deal.bets.values())


def test_a_game_that_is_not_done_scores_what_is_found(service: Service) -> None:
    found = game.ask(service, None, "Rain", "Rain: xthe")
    you, *models = found.scores
    assert you.ranks == (2, 1, 1) and all(len(one.ranks) == 3 for one in models)
    begun = game.ask(service, None, "Rain", PLAYED)  # guesses on another text
    assert begun.played == "" and begun.scores[1].bits is None
    assert game.data(begun)["scores"][0]["ranks"] == []


def test_what_the_browser_is_given_is_what_was_computed(opening: game.Game) -> None:
    (drawn,) = game.draw(opening)
    found = re.search(r'data-value="([^"]*)"', str(drawn))
    assert found is not None
    value = json.loads(unescape(found[1]))
    data = game.data(opening)
    assert value["scores"] == json.loads(json.dumps(data["scores"]))
    for model, (title, chances) in zip(value["models"], data["bets"].items(), strict=True):
        assert model["title"] == title
        for one, row, came in zip(model["bets"], chances, opening.symbols, strict=True):
            assert one["rank"] == 1 + sum(
                other > row[came] or (other == row[came] and i < came)
                for i, other in enumerate(row)
            )
            assert one["chance"] == pytest.approx(row[came], rel=1e-4)
            assert [chance for _, chance in one["best"]] == sorted(
                (float(f"{chance:.5g}") for chance in row), reverse=True
            )[:5]


def test_bad_input_is_a_sentence(service: Service) -> None:
    with pytest.raises(OrreryError, match="no such text"):
        game.ask(service, None, "<b>", "")
    with pytest.raises(OrreryError, match="up to 2,000 guesses"):
        game.ask(service, None, "Rain", "Rain: " + "x" * 2_001)
    assert game.ask(service, None, "Rain", None).played == ""
    odd = game.ask(service, None, "Rain", "Rain: <script>\0\U0001f600")
    assert "<script>" not in str(game.draw(odd))


def test_a_turn_deals_a_text_and_no_other(service: Service) -> None:
    topic = service.rooms.open()
    good, bad = (
        json.dumps({"key": topic.key, "do": "start", "text": one}).encode()
        for one in ("Rain", ["Rain"])
    )
    turns.turn(service, topic.code, good)
    assert b"It rained" in b"".join(topic.since(0).messages)
    with pytest.raises(NotCounted, match="no such text"):
        turns.turn(service, topic.code, bad)
