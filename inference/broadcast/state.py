"""A state that is shown to all who follow a topic: whole at first, then what has changed."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from typing import Any

from inference.broadcast.growing import patch
from inference.broadcast.topics import Topic

EVERY = 0.25  # seconds between two messages: smooth enough on a phone
MOST = 64_000  # bytes of changes, after which the whole is shorter for who comes late


class State:
    """Speaks in a topic from now on, in place of whoever did. For one thread."""

    def __init__(self, topic: Topic, clock: Callable[[], float] = time.monotonic) -> None:
        self._topic, self._clock = topic, clock
        self._turn = topic.begin()
        self._shown: Any = None
        self._size = self._whole = 0
        self._next = 0.0

    def show(self, state: Any, at_once: bool = False) -> None:
        """Show this state, unless the last was shown a moment ago.

        state: what JSON can hold. at_once: it is the last for now, so it must be shown.
        """
        if not at_once and self._clock() < self._next:
            return
        state = json.loads(json.dumps(state))  # tuples are lists there, and it is ours to keep
        if self._shown is None or self._size > max(MOST, 2 * self._whole):
            self._whole = self._topic.say(self._turn, {"=": state}, whole=True)
            self._size = 0
        elif changed := patch(self._shown, state):
            self._size += self._topic.say(self._turn, changed)
        self._shown = state
        self._next = self._clock() + EVERY
