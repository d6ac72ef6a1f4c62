"""A room of the game: rounds, guesses that count once, and what they cost, by hand."""

from __future__ import annotations

import json
import math
import threading
import time
from typing import Any

import numpy as np
import pytest

from inference.broadcast.room import GUESSES, Deal, share
from inference.broadcast.rooms import LENGTH, LETTERS, Rooms, code
from inference.broadcast.topics import Topic, Topics
from inference.errors import NotCounted, NoTopic
from inference.limits import Limits
from inference.text.symbols import SYMBOLS
from tests.inference.broadcast.test_state import heard

BETS = np.full((2, 28), 0.5 / 27)
BETS[0, 0], BETS[1, 27] = 0.5, 0.5
DEAL = Deal("The c", "at", {"Bigram": BETS})


class Class:
    """A room with its lecturer, and people who send guesses as browsers do."""

    def __init__(self) -> None:
        self.topics = Topics(Limits())
        self.rooms = Rooms(self.topics)
        self.topic: Topic = self.rooms.open()
        self.turn("start", text="one")

    def turn(self, do: str, **more: object) -> None:
        body = json.dumps({"key": self.topic.key, "do": do, **more}).encode()
        self.rooms.turn(self.topic.code, body, lambda name: DEAL)

    def guess(self, who: int, symbol: str, number: int = 0, game: int = 1) -> None:
        sent = {"person": f"person-{who}", "game": game, "round": number, "guess": symbol}
        self.rooms.guess(self.topic.code, json.dumps(sent).encode())

    @property
    def shown(self) -> Any:
        return heard(self.topic)


def test_a_round_from_guesses_to_bits_by_hand() -> None:
    room = Class()
    for who, symbol in enumerate("aab "):
        room.guess(who, symbol)
    assert (room.shown["found"], room.shown["last"], room.shown["bits"]) == ("", None, [])
    room.turn("reveal", round=0)
    shown = room.shown
    assert (shown["found"], shown["round"], shown["open"]) == ("a", 1, False)
    last = shown["last"]
    assert (last["symbol"], last["people"]) == (0, 4)
    assert last["guesses"] == [[0, 2], [1, 1], [26, 1]]
    assert last["room"] == pytest.approx((2 + 1 / 28) / 5)
    assert last["models"][0]["best"][0] == [0, 0.5] and last["models"][0]["chance"] == 0.5
    assert shown["bits"] == [["The room", round(-math.log2((2 + 1 / 28) / 5), 3)], ["Bigram", 1.0]]
    room.turn("next", round=1)
    room.turn("reveal", round=1)  # nobody has guessed: all symbols alike
    shown = room.shown
    assert shown["found"] == "at" and shown["last"]["room"] == pytest.approx(1 / 28)
    means = [(-math.log2((2 + 1 / 28) / 5) + math.log2(28)) / 2, (1 - math.log2(0.5 / 27)) / 2]
    assert [bits for _, bits in shown["bits"]] == pytest.approx(means, abs=1e-3)
    room.turn("next", round=2)
    assert not room.shown["open"]  # the text is done


@pytest.mark.parametrize("people", [0, 1, 7, 300])
def test_what_a_room_bets_is_a_distribution(people: int) -> None:
    counts = [people, *[0] * 27]
    assert sum(share(count, people) for count in counts) == pytest.approx(1)
    assert all(share(count, people) > 0 for count in counts)


def test_each_person_guesses_once_and_in_time() -> None:
    room = Class()
    room.guess(1, "a")
    with pytest.raises(NotCounted, match="already"):
        room.guess(1, "b")
    room.turn("reveal", round=0)
    for number in (0, 1):
        with pytest.raises(NotCounted, match="out already"):
            room.guess(2, "a", number)
    room.turn("next", round=1)
    room.guess(1, "t", 1)
    assert room.shown["last"]["people"] == 1
    room.turn("start", text="again")
    with pytest.raises(NotCounted):
        room.guess(3, "a", 0, game=1)
    room.guess(3, "a", 0, game=2)


def test_two_presses_are_one() -> None:
    room = Class()
    for _ in range(2):
        room.turn("reveal", round=0)
    assert room.shown["round"] == 1
    for _ in range(2):
        room.turn("next", round=1)
    assert room.shown["open"] and room.shown["round"] == 1


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"[]",
        b"\xff",
        b"[" * 900,
        b'{"person": "short", "game": 1, "round": 0, "guess": "a"}',
        b'{"person": "<script>alert(1)</script>", "game": 1, "round": 0, "guess": "a"}',
        b'{"person": "person-12", "game": 1, "round": 0, "guess": "a word of mine"}',
        b'{"person": "person-12", "game": 1, "round": 0, "guess": ["a"]}',
        b'{"person": "person-12", "game": 1, "round": [0], "guess": "a"}',
        b'{"person": "person-12", "game": 1, "round": 0}',
    ],
)
def test_what_is_no_guess_is_refused_and_changes_nothing(body: bytes) -> None:
    room = Class()
    with pytest.raises(NotCounted):
        room.rooms.guess(room.topic.code, body)
    room.turn("reveal", round=0)
    assert room.shown["last"]["people"] == 0


def test_only_the_lecturer_turns_and_only_in_this_room() -> None:
    room = Class()
    other = room.rooms.open()
    for key in ("", "x" * 22, room.topic.code):
        body = json.dumps({"key": key, "do": "reveal", "round": 0}).encode()
        with pytest.raises(NoTopic):
            room.rooms.turn(room.topic.code, body, lambda name: DEAL)
    body = json.dumps({"key": other.key, "do": "reveal", "round": 0}).encode()
    with pytest.raises(NotCounted):
        room.rooms.turn(room.topic.code, body, lambda name: DEAL)
    with pytest.raises(NotCounted):
        room.turn("sing")
    assert room.shown["open"]


def test_a_link_to_a_training_is_no_room() -> None:
    room = Class()
    training = room.topics.open()
    with pytest.raises(NotCounted, match="no room"):
        room.rooms.guess(training.code, b"{}")


def test_a_round_is_bounded_and_a_code_is_no_word() -> None:
    room = Class()
    for who in range(GUESSES):
        room.guess(who, "a")
    with pytest.raises(NotCounted, match=f"{GUESSES} people"):
        room.guess(GUESSES, "a")
    assert (
        len(code()) == LENGTH and set(code()) <= set(LETTERS) and not set("AEIOUY") & set(LETTERS)
    )


def test_none_of_300_guesses_at_once_is_lost_and_the_last_is_shown() -> None:
    room = Class()
    guessers = [
        threading.Thread(target=lambda i=i: room.guess(i, SYMBOLS[i % 28]))  # type: ignore[misc]
        for i in range(300)
    ]
    for one in guessers:
        one.start()
    for one in guessers:
        one.join()
    until = time.monotonic() + 10
    while room.shown["guessed"] < 300 and time.monotonic() < until:
        time.sleep(0.02)
    assert room.shown["guessed"] == 300
    room.turn("reveal", round=0)
    counted = dict(room.shown["last"]["guesses"])
    assert counted == {i: 300 // 28 + (i < 300 % 28) for i in range(28)}


def test_a_room_goes_with_its_topic() -> None:
    room = Class()
    assert len(room.rooms._rooms) == 1
    room.topics._forget(room.topic)
    room.rooms.open()
    assert len(room.rooms._rooms) == 1
