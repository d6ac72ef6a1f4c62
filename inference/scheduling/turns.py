"""Work of a second or more in the threads of those who ask: in slices, one at a time."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from typing import TypeVar

from inference.types.waiting import Waiting

R = TypeVar("R")
SLICE = 0.1  # seconds, about


def in_turn(work: Iterator[Waiting | R], turn: threading.Lock) -> Iterator[Waiting | R]:
    """The news of some work, at most one a slice, and all results.

    turn: held during a slice, so that a class computes one after another; whoever leaves stops the
    work at the end of its slice.
    """
    while True:
        with turn:
            news = after_slice(work)
        if news is None:
            return
        yield news


def after_slice(work: Iterator[Waiting | R]) -> Waiting | R | None:
    """Work for a slice or until there is a result; None where nothing is left to do."""
    ends = time.monotonic() + SLICE
    for news in work:
        if not isinstance(news, Waiting) or time.monotonic() >= ends:
            return news
    return None
