"""Topics: what is said under one code, kept as it is sent, for all who follow it.

A message is encoded once, and every follower is given the same bytes. Who follows holds a place in
the list and no copy of it, so who reads slowly or not at all costs no memory here.
"""

from __future__ import annotations

import json
import secrets
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import NamedTuple

from inference.errors import FullHouse, NoTopic, TooManyTopics
from inference.limits import Limits

BYTES = 16  # of a key
QUIET = 600.0  # seconds after which a topic that nobody follows gives way to a new one
Wake = Callable[[], None]


class Said(NamedTuple):
    """What a follower has not been told yet."""

    at: int
    """Its place after these messages."""
    messages: tuple[bytes, ...]
    over: bool
    """Nothing will come any more."""


class Topic:
    """An append-only list of messages, and who waits for the next. Safe from any thread."""

    def __init__(self, code: str, limits: Limits, clock: Callable[[], float]) -> None:
        self.code = code
        """Whoever knows it may follow."""
        self.key = secrets.token_urlsafe(BYTES)
        """Whoever knows it may speak."""
        self._limits, self._clock = limits, clock
        self._lock = threading.Lock()
        self._messages: list[bytes] = []
        self._first = 0  # the number of the oldest message that is kept
        self._turn = 0
        self._over = False
        self._wakes: dict[object, Wake] = {}
        self.touched = clock()

    @property
    def followers(self) -> int:
        return len(self._wakes)

    @property
    def is_over(self) -> bool:
        return self._over or self._clock() - self.touched > self._limits.topic_seconds

    def begin(self) -> int:
        """A turn to speak, which ends the one before: who is still at it is not heard any more."""
        with self._lock:
            self._turn += 1
            return self._turn

    def say(self, turn: int, message: object, whole: bool = False) -> int:
        """Tell everybody; how many bytes that were. whole: nothing before it need be known.

        message: anything that JSON can hold. 0 for a turn that is over.
        """
        text = json.dumps(message, separators=(",", ":"))
        with self._lock:
            if turn != self._turn or self._over:
                return 0
            if whole:
                self._first += len(self._messages)
                self._messages.clear()
            number = self._first + len(self._messages) + 1
            self._messages.append(f"id: {number}\ndata: {text}\n\n".encode())
            self.touched = self._clock()
            wakes = list(self._wakes.values())
        for wake in wakes:
            wake()
        return len(text)

    def since(self, at: int) -> Said:
        """What was said after `at` messages; all that is kept where that is no place in them."""
        with self._lock:
            end = self._first + len(self._messages)
            start = at if self._first <= at <= end else self._first
            return Said(end, tuple(self._messages[start - self._first :]), self.is_over)

    @contextmanager
    def followed(self, wake: Wake) -> Iterator[None]:
        """Count a follower for as long as it follows. Raises FullHouse.

        wake: called from any thread when there is something new.
        """
        me = object()
        with self._lock:
            if len(self._wakes) >= self._limits.topic_followers:
                raise FullHouse(self._limits.topic_followers)
            self._wakes[me] = wake
        try:
            yield
        finally:
            with self._lock:
                del self._wakes[me]

    def end(self) -> None:
        """Say no more."""
        with self._lock:
            self._over = True
            wakes = list(self._wakes.values())
        for wake in wakes:
            wake()


class Topics:
    """Bounded in number, and each forgotten a while after its last word. Safe from any thread."""

    def __init__(self, limits: Limits, clock: Callable[[], float] = time.monotonic) -> None:
        self._limits, self._clock = limits, clock
        self._lock = threading.Lock()
        self._by_code: dict[str, Topic] = {}
        self._by_key: dict[str, Topic] = {}

    def __len__(self) -> int:
        with self._lock:
            self._sweep()
            return len(self._by_code)

    def __contains__(self, code: str) -> bool:
        """Whether this one is kept still."""
        with self._lock:
            self._sweep()
            return code in self._by_code

    def open(self, code: Callable[[], str] = lambda: secrets.token_urlsafe(BYTES)) -> Topic:
        """A new topic. Raises TooManyTopics.

        code: makes up a code; asked again where it is taken.
        """
        with self._lock:
            self._sweep()
            if len(self._by_code) >= self._limits.topics:
                self._make_room()
            chosen = code()
            while chosen in self._by_code:
                chosen = code()
            topic = Topic(chosen, self._limits, self._clock)
            self._by_code[topic.code] = self._by_key[topic.key] = topic
            return topic

    def by_code(self, code: str) -> Topic:
        """The topic to follow. Raises NoTopic."""
        return self._found(self._by_code, code)

    def by_key(self, key: str) -> Topic:
        """The topic to speak in. Raises NoTopic."""
        return self._found(self._by_key, key)

    def _found(self, topics: dict[str, Topic], name: str) -> Topic:
        with self._lock:
            self._sweep()
            topic = topics.get(name)
        if topic is None:
            raise NoTopic(self._limits.topic_seconds)
        return topic

    def _sweep(self) -> None:
        for topic in [one for one in self._by_code.values() if one.is_over]:
            self._forget(topic)

    def _make_room(self) -> None:
        """Forget the one that has been quiet longest. Raises TooManyTopics where none has been."""
        quiet = [one for one in self._by_code.values() if not one.followers]
        oldest = min(quiet, key=lambda one: one.touched, default=None)
        if oldest is None or self._clock() - oldest.touched < QUIET:
            raise TooManyTopics(self._limits.topics)
        self._forget(oldest)

    def _forget(self, topic: Topic) -> None:
        del self._by_code[topic.code], self._by_key[topic.key]
        topic.end()
