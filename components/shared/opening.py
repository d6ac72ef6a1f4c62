"""The example that a view opens with: computed once for everybody."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from inference.errors import ModelUnavailable
from inference.types.waiting import Waiting

CHECK_AGAIN = 0.25  # seconds between two looks whether a person who waits has left
EVERY = 4  # looks: a class that follows is drawn for once a second


def once(run: Callable[..., Iterator[Any]]) -> Callable[..., Iterator[Any]]:
    """`opening(defaults, *values)`: `run(*values)`, its last value for `defaults` remembered.

    Whoever comes while it is computed follows it, and takes it up where the first one leaves.
    Errors are not remembered. A missing model is no error here: nobody has asked for it yet, and
    the status line names it.
    """
    lock = threading.Lock()
    remembered: list[Any] = []
    latest: list[Any] = []

    def following() -> Iterator[Any]:
        """What the one who computes it is shown, until it is done or somebody else has to."""
        shown, looks = None, 0
        while not lock.acquire(timeout=CHECK_AGAIN):  # a generator is cancelled only at a yield
            newest = next(iter(latest), None)
            same = newest is shown or looks % EVERY
            yield Waiting() if same else newest
            shown, looks = shown if same else newest, looks + 1

    def opening(defaults: Sequence[object], *values: object) -> Iterator[Any]:
        if list(values) != list(defaults):
            yield from run(*values)
            return
        yield from following()
        try:
            if not remembered:
                for value in run(*values):
                    latest[:] = [value]
                    yield value
                remembered.extend(latest)
                return
        except ModelUnavailable:
            yield Waiting()  # Gradio takes no stream without a value
            return
        finally:
            latest.clear()
            lock.release()
        yield remembered[0]

    return opening
