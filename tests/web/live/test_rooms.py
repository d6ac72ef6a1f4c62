"""What is sent to a room over HTTP is done, or refused with a sentence."""

from __future__ import annotations

import json

from inference.errors import NotCounted
from tests.web.asking import ask
from web.events import BodyLimit
from web.live.rooms import RoomActs
from web.responses import refusal
from web.routes import RouteGate

DONE: list[tuple[str, str, bytes]] = []


def guess(code: str, body: bytes) -> None:
    if b"late" in body:
        raise NotCounted("this letter is out already")
    DONE.append(("guess", code, body))


def turn(code: str, body: bytes) -> None:
    DONE.append(("turn", code, body))


APP = RoomActs(refusal(418, "the app"), guess, turn)


def test_guesses_and_turns_arrive_whole() -> None:
    DONE.clear()
    assert ask(APP, "/room/BRKTN/guess", "POST", body=[b"{", b"}"]).status == 200
    assert ask(APP, "/room/BRKTN/turn", "POST", body=[b"turn"]).status == 200
    assert DONE == [("guess", "BRKTN", b"{}"), ("turn", "BRKTN", b"turn")]


def test_what_does_not_count_is_said() -> None:
    found = ask(APP, "/room/BRKTN/guess", "POST", body=[b"late"])
    assert found.status == 409
    assert json.loads(found.body)["detail"].startswith("This does not count: this letter is out")


def test_a_body_is_bounded_and_other_paths_go_on() -> None:
    DONE.clear()
    assert ask(BodyLimit(APP), "/room/BRKTN/guess", "POST", body=[b"x" * 4_001]).status == 413
    assert not DONE
    assert ask(APP, "/room/BRKTN", "GET").status == 418
    gate = RouteGate(APP, ["/"])
    assert gate.lets_in("POST", "/room/BRKTN/guess") and gate.lets_in("POST", "/room/BRKTN/turn")
    assert gate.lets_in("GET", "/room") and gate.lets_in("POST", "/room")
    assert not gate.lets_in("GET", "/room/BRKTN/guess")
    assert not gate.lets_in("POST", "/room/BRKTN/news") and not gate.lets_in("POST", "/room/B/turn")
