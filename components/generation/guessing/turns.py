"""What the lecturer of a room asks for."""

from __future__ import annotations

from typing import TYPE_CHECKING

from components.generation.game import letters
from components.generation.guessing.texts import TEXTS
from inference.broadcast.room import Deal
from inference.errors import NotCounted

if TYPE_CHECKING:
    from inference.service import Service


def turn(service: Service, code: str, body: bytes) -> None:
    """Take a turn in the room with this code. Raises OrreryError."""

    def deal(name: object) -> Deal:
        if not isinstance(name, str) or name not in TEXTS:
            raise NotCounted("there is no such text")
        return letters(service, None, name)

    service.rooms.turn(code, body, deal)
