"""What somebody is told on the way to a result that comes at once."""

from __future__ import annotations

from collections.abc import Generator, Iterator

import gradio as gr
import pytest

from components.shared.spelling import note
from components.shared.waiting import awaited
from inference.errors import Restarted
from inference.types import Waiting

SAME = gr.skip()
LOADING, AHEAD = Waiting(loading="storyteller"), Waiting(ahead=2)


def shown(stream: Generator[list[object], None, str]) -> Iterator[object]:
    """What goes to the page, and the result at the end."""
    result = yield from stream
    yield result


def test_who_waits_is_told_how_it_stands_and_the_picture_stays() -> None:
    updates = iter([LOADING, AHEAD, AHEAD, Waiting(), Waiting(), "maps"])
    *told, result = shown(awaited(updates, 2))
    ahead = "2 people are ahead of you."
    sentences = ("Loading the model storyteller.", ahead, ahead, "", "")
    assert told == [[str(note(s)), SAME, SAME] for s in sentences]
    assert result == "maps"


def test_after_an_error_nobody_is_told_to_wait() -> None:
    def stream() -> Iterator[Waiting | str]:
        yield AHEAD
        raise Restarted

    told = []
    with pytest.raises(Restarted):
        told.extend(awaited(stream(), 2))
    assert told[-1] == [str(note("")), SAME, SAME]
