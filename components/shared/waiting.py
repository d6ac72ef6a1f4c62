"""Waiting for a result that comes at once, while the page says how the request stands."""

from __future__ import annotations

from collections.abc import Generator, Iterator
from typing import TypeVar

import gradio as gr

from components.shared.spelling import note
from inference.errors import OrreryError
from inference.types import Waiting

T = TypeVar("T")


def awaited(updates: Iterator[Waiting | T], parts: int) -> Generator[list[object], None, T]:
    """Say in the note how a request stands, and return its result; the other parts stay meanwhile.

    After an error nobody waits any more. parts: how many the action has beside its note.
    """
    same = [gr.skip()] * parts
    results = []
    try:
        for update in updates:
            if isinstance(update, Waiting):
                yield [str(note(update.sentence)), *same]
            else:
                results.append(update)
    except OrreryError:
        yield [str(note("")), *same]
        raise
    return results[-1]
