"""Gradio's handlers of a view: one draws its values for the page, one returns its data."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

import gradio as gr

from components.shared.drawing.spelling import note
from components.shared.errors import on_page, plain_errors
from components.shared.view import View
from inference.errors import OrreryError
from inference.types.waiting import Waiting

if TYPE_CHECKING:
    from inference.service import Service

Ask = Callable[..., Iterator[Any]]
"""`ask(session, *inputs)` yields `Waiting` and values, of which the last is the result."""


def asking(view: View, service: Service) -> Ask:
    """The question of a view to this service, as a generator also where it has one value."""

    def ask(session: str | None, *values: object) -> Iterator[Any]:
        found = view.ask(service, session, *values)
        if isinstance(found, Iterator):
            yield from found
        else:
            yield found

    return ask


def for_page(view: View, ask: Ask, outputs: int) -> Callable[..., Iterator[Any]]:
    """Yields the outputs of the stage. While a request waits the picture stays, and the note tells.

    After an error nobody waits any more.
    """

    def waiting(sentence: str) -> list[object]:
        same: list[object] = [gr.skip()] * outputs
        return [str(note(sentence)), *same[1:]] if view.stopped else same

    def run(request: gr.Request, *values: object) -> Iterator[Any]:
        draw = view.draw()
        with plain_errors(on_page):
            try:
                for one in ask(request.session_hash, *values):
                    told = isinstance(one, Waiting)
                    drawn = waiting(one.sentence) if told else list(draw(one))
                    yield drawn if outputs > 1 else drawn[0]
                # Gradio sends the last output once more, as that of the whole run: let it be none.
                yield [gr.skip()] * outputs if outputs > 1 else gr.skip()
            except OrreryError:
                if view.stopped:
                    yield waiting("")
                raise

    return run


def for_typing(view: View, ask: Ask, outputs: int) -> Callable[..., list[object]]:
    """Returns the outputs of the stage, by the first value: what comes later waits in a queue.

    What cannot be used is said in the note: the picture stays, and nobody is interrupted in the
    middle of a word."""

    def run(request: gr.Request, *values: object) -> list[object]:
        try:
            with plain_errors(str):
                found = ask(request.session_hash, *values)
                first = next(one for one in found if not isinstance(one, Waiting))
                return list(view.draw()(first))
        except gr.Error as error:
            return [str(note(error.message)), *([gr.skip()] * (outputs - 1))]

    return run


def for_programs(
    view: View, ask: Ask, say: Callable[[OrreryError], str]
) -> Callable[..., Iterator[Any]]:
    """Yields None while the request is at work, so that it can be cancelled, then the data.

    say: how an error is worded.
    """
    names = list(inspect.signature(view.ask).parameters)[2:]

    def run(request: gr.Request, *values: object) -> Iterator[Any]:
        value = None
        with plain_errors(say):
            for news in ask(request.session_hash, *values):
                value = news
                yield None
            inputs = dict(zip(names, map(sendable, values), strict=True))
            yield {"view": view.key, "inputs": inputs, **view.data(value)}

    # The API takes the names of parameters from here.
    kind = inspect.Parameter.POSITIONAL_OR_KEYWORD
    named = [inspect.Parameter(name, kind) for name in ("request", *names)]
    run.__signature__ = inspect.Signature(named)  # type: ignore[attr-defined]
    return run


def for_copying(python: Callable[..., str]) -> Callable[..., str]:
    """Returns a program, which the page shows and copies."""

    def run(*values: object) -> str:
        with plain_errors(on_page):
            return python(*values)

    return run


def sendable(value: object) -> object:
    """The value; half a character, which no JSON can hold, becomes U+FFFD."""
    if not isinstance(value, str):
        return value
    return value.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
