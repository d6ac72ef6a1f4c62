"""The example that a view opens with: computed once for everybody."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import gradio as gr

from inference.errors import ModelUnavailable

CHECK_AGAIN = 0.25  # seconds between two looks whether a person who waits has left


def once(run: Callable[..., Iterator[Any]]) -> Callable[..., Iterator[Any]]:
    """`opening(defaults, *values)`: `run(*values)`, its last result for `defaults` remembered.

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
            yield gr.skip()
        try:
            known = bool(remembered)
            if not known:
                latest: list[Any] = []
                for result in run(*values):
                    latest = [result]
                    yield result
                remembered.extend(latest)
        except gr.Error as error:
            if not isinstance(error.__cause__, ModelUnavailable):
                raise
            yield gr.skip()  # Gradio takes no stream without a value
        finally:
            lock.release()
        if known:
            yield remembered[0]

    return opening
