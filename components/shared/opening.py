"""The example that a view opens with: computed once for everybody."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from inference.errors import ModelUnavailable
from inference.types.waiting import Waiting

CHECK_AGAIN = 0.25  # seconds between two looks whether a person who waits has left


def once(run: Callable[..., Iterator[Any]]) -> Callable[..., Iterator[Any]]:
    """`opening(defaults, *values)`: `run(*values)`, its last value for `defaults` remembered.

    Errors are not remembered. A missing model is no error here: nobody has asked for it yet, and
    the status line names it.
    """
    lock = threading.Lock()
    remembered: list[Any] = []

    def opening(defaults: Sequence[object], *values: object) -> Iterator[Any]:
        if list(values) != list(defaults):
            yield from run(*values)
            return
        while not lock.acquire(timeout=CHECK_AGAIN):  # a generator is cancelled only at a yield
            yield Waiting()
        try:
            if not remembered:
                latest: list[Any] = []
                for value in run(*values):
                    latest = [value]
                    yield value
                remembered.extend(latest)
                return
        except ModelUnavailable:
            yield Waiting()  # Gradio takes no stream without a value
            return
        finally:
            lock.release()
        yield remembered[0]

    return opening
