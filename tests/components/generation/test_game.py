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
from components.generation.guessing.texts import PLAYED, TEXTS, TOKENS_PLAYED
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
    assert len(you.ranks) == len(opening.deal.parts) == 35
    assert all(len(one.ranks) == 35 for one in models)


def test_r30_the_answers_hold_on_the_opening_example(opening: game.Game) -> None:
    you, bigram, five, lstm, gpt = opening.scores
    assert opening.deal.parts[2] == "w" and opening.deal.parts[30] == "k"
    assert (you.ranks[2], lstm.ranks[2], bigram.ranks[2]) == (1, 10, 18)
    assert (you.ranks[30], lstm.ranks[30]) == (3, 17)
    for place in (2, 30):
        assert you.ranks[place] < min(one.ranks[place] for one in (bigram, five, lstm, gpt))
    bets = opening.deal.bets["5-gram"]
    for end, least in ((28, 0.99), (20, 0.84)):
        assert bets[end][opening.deal.symbols[end]] > least
    rest = "".join(opening.deal.parts)
    assert rest[26:29] == "old" and rest[18:21] == "for"
    assert [bigram.ranks[28], bigram.ranks[20]] == [5, 4]
    told = [f"{one:.2f}" for one in (*you.bounds, *lstm.bounds, lstm.bits or 0)]
    assert told == ["0.64", "1.25", "1.42", "2.27", "1.94"]
    assert f"{-math.log2(share(12, 30)):.1f}" == "1.4"


def test_bits_are_no_more_than_those_of_the_characters(
    service: Service, opening: game.Game
) -> None:
    """Folding case can only add to the probability of what came."""
    deal = opening.deal
    scored = service.answer(Score(deal.given + "".join(deal.parts), "lstm")).scored.bits[
        len(deal.given) :
    ]
    lstm = opening.scores[3]
    assert lstm.bits is not None and lstm.bits <= scored.mean() + 1e-6
    assert lstm.bits == pytest.approx(scored.mean(), abs=0.1)


def test_every_text_can_be_guessed_and_is_short(service: Service) -> None:
    for name, (given, rest) in TEXTS.items():
        deal = game.letters(service, None, name)
        assert given.endswith(" ") and 20 < len(rest) < 40
        assert symbols_of(rest).count(OTHER) <= 1
        assert list(deal.bets) == ["Bigram", "5-gram", "LSTM", "Small GPT"]
        assert all(chances.shape == (len(rest), len(SYMBOLS)) for chances in deal.bets.values())


def test_a_game_that_is_not_done_scores_what_is_found(service: Service) -> None:
    found = game.ask(service, None, "Rain", "Rain: xthe")
    you, *models = found.scores
    assert you.ranks == (2, 1, 1) and all(len(one.ranks) == 3 for one in models)
    begun = game.ask(service, None, "Rain", PLAYED)  # guesses on another text
    assert begun.played == () and begun.scores[1].bits is None
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
        for one, row, came in zip(model["bets"], chances, opening.deal.symbols, strict=True):
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
    with pytest.raises(OrreryError, match="letters or tokens"):
        game.ask(service, None, "Rain", "", "words")
    assert game.ask(service, None, "Rain", None).played == ()
    odd = game.ask(service, None, "Rain", "Rain: <script>\0\U0001f600")
    assert "<script>" not in str(game.draw(odd))


@pytest.fixture(scope="module")
def by_tokens(service: Service) -> game.Game:
    return game.ask(service, None, *game.EXAMPLES["The letter, by tokens"])


def test_r30_the_answer_on_tokens_holds_on_its_example(
    service: Service, by_tokens: game.Game
) -> None:
    you, stories, books = by_tokens.scores
    assert by_tokens.deal.parts == (*(" you", " went", " away", " across", " the", " sea", "."),)
    assert (you.ranks[2], stories.ranks[2], books.ranks[2]) == (1, 16, 5)
    assert you.ranks == (2, 2, 1, 0, 1, 2, 1)
    assert math.log2(by_tokens.deal.vocabulary) == 12
    by_letters = game.ask(service, None, "The letter", "The letter: you went away across the sea.")
    lstm = by_letters.scores[3]
    assert len(lstm.ranks) == 29 and lstm.bits is not None and books.bits is not None
    assert [round(7 * books.bits), round(29 * lstm.bits)] == [33, 37]


def test_r18_the_bits_of_tokens_are_those_of_the_text_that_the_model_reads(
    service: Service, by_tokens: game.Game
) -> None:
    given, rest = TEXTS["The letter"]
    for name, score in zip(("storyteller", "storyteller-books"), by_tokens.scores[1:], strict=True):
        scored = service.answer(Score(given + rest, name)).scored
        assert score.bits == pytest.approx(scored.bits[-7:].mean(), abs=1e-5)
        assert score.ranks == tuple(scored.ranks[-7:])
    for chances in by_tokens.deal.bets.values():
        assert chances.shape == (7, 4096) and abs(chances.sum(axis=1) - 1).max() < 1e-6


def test_guesses_by_the_other_unit_do_not_count_and_tokens_are_read_from_any_text(
    service: Service,
) -> None:
    for text, played, unit in (
        ("The letter", TOKENS_PLAYED, "letters"),
        ("The tailor", PLAYED, "tokens"),
        ("The letter", "The letter, tokens: <b> 9999999999999 x", "tokens"),
    ):
        found = game.ask(service, None, text, played, unit)
        assert found.scores[0].ranks == ()
    assert game.data(found)["tokens"][0] == " you"
    json.dumps(game.data(found), allow_nan=False)


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
