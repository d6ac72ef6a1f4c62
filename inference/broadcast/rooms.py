"""The rooms of a service: opened under short codes, and asked by what browsers send."""

from __future__ import annotations

import json
import secrets
import threading
from collections.abc import Callable
from typing import Any

from inference.broadcast.room import Deal, Room
from inference.broadcast.topics import Topic, Topics
from inference.errors import NotCounted

LETTERS = "BCDFGHJKLMNPQRSTVWXZ"  # no vowels: a code is no word
LENGTH = 5


def code() -> str:
    """A code that can be read out and typed on a phone."""
    return "".join(secrets.choice(LETTERS) for _ in range(LENGTH))


class Rooms:
    """The rooms of a service, each for as long as its topic is kept."""

    def __init__(self, topics: Topics) -> None:
        self._topics = topics
        self._rooms: dict[str, Room] = {}
        self._lock = threading.Lock()

    def open(self) -> Topic:
        """A new room. Raises TooManyTopics."""
        topic = self._topics.open(code)
        with self._lock:
            self._rooms = {one: room for one, room in self._rooms.items() if not room.is_over}
            self._rooms[topic.code] = Room(topic)
        return topic

    def guess(self, code: str, body: bytes) -> None:
        """Take a guess as a browser sends it. Raises NoTopic, or NotCounted."""
        room, sent = self._room(self._topics.by_code(code)), parsed(body)
        room.guess(sent.get("person"), sent.get("game"), sent.get("round"), sent.get("guess"))

    def turn(self, code: str, body: bytes, deal: Callable[[object], Deal]) -> None:
        """Do what the lecturer asks for: start with a text, reveal a letter, or go on.

        deal: of the name of a text. Raises NoTopic, NotCounted, or what `deal` raises.
        """
        sent = parsed(body)
        topic = self._topics.by_key(str(sent.get("key")))
        if topic.code != code:
            raise NotCounted("the key is of another room")
        room = self._room(topic)
        match sent.get("do"):
            case "start":
                room.start(deal(sent.get("text")))
            case "reveal":
                room.reveal(sent.get("round"))
            case "next":
                room.go_on(sent.get("round"))
            case _:
                raise NotCounted("what was sent is no turn")

    def _room(self, topic: Topic) -> Room:
        with self._lock:
            room = self._rooms.get(topic.code)
        if room is None or room.is_over:
            raise NotCounted("this is no room")
        return room


def parsed(body: bytes) -> dict[str, Any]:
    """The object in a body. Raises NotCounted where there is none."""
    try:
        sent = json.loads(body.decode("utf-8"))
    except (ValueError, RecursionError):
        sent = None
    if not isinstance(sent, dict):
        raise NotCounted("what was sent is no guess")
    return sent
