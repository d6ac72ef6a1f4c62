"""The middlewares of what many follow."""

from __future__ import annotations

from collections.abc import Mapping

from starlette.middleware import Middleware

from inference.broadcast.topics import Topics
from inference.limits import Limits
from web.live.broadcasts import Broadcasts, Opened
from web.live.rooms import Act, RoomActs


def live(
    topics: Topics,
    pages: Mapping[str, str],
    opened: Mapping[str, Opened],
    guess: Act,
    turn: Act,
    limits: Limits,
) -> list[Middleware]:
    """For `web.stack.stack`.

    pages: the HTML on which each kind of topic is followed. opened: by the same kinds, what opens
    one. guess, turn: what the people in a room of the game send, and its lecturer.
    """
    return [
        Middleware(Broadcasts, topics=topics, pages=pages, opened=opened, limits=limits),
        Middleware(RoomActs, guess=guess, turn=turn),
    ]
